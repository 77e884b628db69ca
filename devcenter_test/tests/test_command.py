"""How the command is used: options, output, exit codes; and that the standard library is all it needs."""

import base64
import io
import json
import subprocess
import sys
import venv
from pathlib import Path
from shutil import copytree, ignore_patterns
from xml.etree import ElementTree

import pytest

from devcenter_test.command import main
from tests.services.ports import free_port
from tests.services.receiver import Reply

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk_live_1234567890"
PLAN = {"name": "A", "mode": "cloud", "actions": [{"key": "a", "name": "A", "trigger": 'type = "track"'}]}


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def webhook(receiver, *options, out=None):
    out = out or io.StringIO()
    return main(["webhook", f"{receiver.url}/hook", "--api-key", KEY, *options], out), out.getvalue()


def refused(*arguments):
    """What is complained about; nothing may be printed besides."""
    out, complaints = io.StringIO(), io.StringIO()
    assert main(arguments, out, complaints) == 2
    assert not out.getvalue()
    return complaints.getvalue()


def test_text_says_what_came_back_and_what_to_do(receiver):
    receiver.on("/hook", Reply(200), Reply(501), Reply(500, b"\x1b[2J boom"), Reply(200))
    code, text = webhook(receiver, "--verbose")
    assert code == 1
    assert "✓ passed         200" in text
    assert "– not supported  501" in text
    assert "✗ failed         500" in text
    assert "What to do:" in text
    assert "Verdict: red (7 passed, 1 not supported, 1 failed)" in text
    assert "< \N{REPLACEMENT CHARACTER}[2J boom" in text
    assert "\x1b" not in text


def test_advice_is_told_apart_from_what_counts(receiver):
    code, text = webhook(receiver, "--group", "bad_key")
    assert code == 0
    assert "✗ advice         200" in text
    assert "Wrong API key (advice: it does not count against you)" in text


@pytest.mark.parametrize(
    "environment, is_coloured",
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_want_them(receiver, monkeypatch, environment, is_coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _, text = webhook(receiver, "--group", "deletion", out=Terminal())
    assert ("\x1b[32m" in text) is is_coloured


def test_a_terminal_that_knows_only_ascii_gets_ascii(receiver):
    class Old(io.StringIO):
        encoding = "ascii"

    receiver.default = Reply(500)
    _, text = webhook(receiver, "--group", "deletion", out=Old())
    assert text.isascii()
    assert "XX failed" in text


def test_junit_counts_failures_and_skips(receiver):
    receiver.on(
        "/hook", Reply(500, b'{"message": "a \x00 & <b>"}', (("Content-Type", "application/json"),)), Reply(501)
    )
    code, text = webhook(receiver, "--format", "junit", "--group", "core", "--group", "bad_key")
    suite = ElementTree.fromstring(text.encode()).find("testsuite")
    assert code == 1
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("10", "1", "9")
    assert suite.find("testcase/failure").get("message")


def test_secrets_are_masked_in_every_format(receiver):
    receiver.default = lambda request: Reply(500, request.head + request.body)
    for form in ("text", "json", "junit"):
        _, text = webhook(
            receiver, "--format", form, "--verbose", "--secret", "pin=pin-4471-secret", "--setting", "a=b"
        )
        assert KEY not in text
        assert "pin-4471" not in text
    assert json.loads(_settings(receiver)) == {"a": "b", "pin": "pin-4471-secret"}


def _settings(receiver):
    return base64.b64decode(receiver.requests[0].header("x-segment-settings"))


def test_the_key_may_come_from_the_environment(receiver, monkeypatch):
    monkeypatch.setenv("DEVCENTER_TEST_API_KEY", KEY)
    monkeypatch.setenv("DEVCENTER_TEST_SIGNING_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert main(["webhook", f"{receiver.url}/hook", "--group", "deletion"], io.StringIO()) == 0
    assert receiver.requests[0].header("webhook-signature").startswith("v1,")


def test_own_events_are_sent_instead_of_the_suite(receiver, tmp_path):
    (tmp_path / "events.json").write_text('[{"type": "track", "event": "A"}, {"type": "alias"}]')
    code, _ = webhook(receiver, "--event", str(tmp_path / "events.json"))
    assert code == 0
    assert [json.loads(request.body)["type"] for request in receiver.requests] == ["track", "alias"]


def nobody(command, host, *options):
    out, url = io.StringIO(), f"http://{host}:{free_port()}"
    return main([command, url, *options], out), out.getvalue(), url


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_server_that_was_not_started_is_said_once(host):
    code, text, url = nobody("webhook", host, "--api-key", KEY)
    assert code == 1
    assert text.count(f"Nothing listens at {url}.") == 1
    assert text.count("Start your server, then run this again.") == text.count("What to do") == 1
    assert "Verdict: red (1 failed, 8 not run)" in text
    assert "0.0.0.0" not in text
    assert "later" not in text


@pytest.mark.parametrize("group", ["core", "bad_key", "burst", "deletion"])
def test_nothing_passes_where_nothing_listens(group):
    code, text, url = nobody("webhook", "127.0.0.1", "--api-key", KEY, "--format", "json", "--group", group)
    report = json.loads(text)
    assert (code, report["verdict"]) == (1, "red")
    assert report["cases"][0]["message"] == f"Nothing listens at {url}."
    assert {case["verdict"] for case in report["cases"][1:]} <= {"not_run"}


def test_a_local_server_that_was_not_started_is_said_once(tmp_path):
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    code, text, url = nobody("actions", "127.0.0.1", "--plan", str(tmp_path / "plan.json"))
    assert code == 1
    assert text.count(f"Nothing listens at {url}.") == text.count("What to do") == 1


def test_somebody_elses_machine_keeps_the_advice_for_servers(monkeypatch):
    monkeypatch.setattr("devcenter_test.listening._is_here", lambda host: False)
    _, text, _ = nobody("webhook", "127.0.0.1", "--api-key", KEY)
    assert "all addresses" in text
    assert "not run" not in text


def test_wrong_use_is_said_and_sends_nothing(receiver, tmp_path, monkeypatch):
    monkeypatch.delenv("DEVCENTER_TEST_API_KEY", raising=False)
    url, keyed = receiver.url, ("webhook", receiver.url, "--api-key", KEY)
    plan, event = tmp_path / "plan.json", tmp_path / "event.json"
    event.write_text('{"no": "type"}')
    actions = ("actions", url, "--plan", str(plan))
    assert "no scheme" in refused("webhook", "localhost:5000")
    assert "API key" in refused("webhook", url)
    assert "no group “nope”" in refused(*keyed, "--group", "nope")
    assert "key=value" in refused(*keyed, "--setting", "region")
    assert "no JSON" in refused(*keyed, "--setting", "list:=[1,")
    assert "too long" in refused(*keyed, "--setting", f"a={'x' * 20_000}")
    assert "cannot be sent" in refused("webhook", url, "--api-key", "k\udcff")
    assert "signing secret" in refused(*keyed, "--signing-secret", "whsec_?")
    assert "has a type" not in refused(*keyed, "--event", str(tmp_path / "none.json"))
    assert "with a type" in refused(*keyed, "--event", str(event))
    assert "cannot be read" in refused(*actions)
    for text, complaint in (
        ("{", "no JSON"),
        ("[]", "no plan"),
        ('{"actions": []}', "no action yet"),
        ('{"actions": [{}]}', "has no key"),
        (json.dumps(PLAN | {"mode": "device"}), "device mode"),
        (json.dumps(PLAN | {"actions": [{"key": "a", "trigger": "type ="}]}), "trigger of “a”"),
        (json.dumps(PLAN | {"settings": [{"key": "apiKey", "type": "string"}]}), "no setting of this plan"),
    ):
        plan.write_text(text)
        assert complaint in refused(*actions, "--setting", "colour=red")
    plan.write_text(json.dumps(PLAN))
    assert "anything to send" in refused(*actions, "--group", "bad_key")
    assert receiver.requests == []


def test_wrong_options_end_with_2(capsys):
    for arguments in ([], ["webhook"], ["webhook", "http://x", "--timeout", "soon"], ["actions", "http://x"]):
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 2
    assert "usage: devcenter-test" in capsys.readouterr().err


def test_the_standard_library_is_all_it_needs(receiver):
    """Without `site` no installed package can be imported; what is left is Python and this checkout."""
    arguments = ("webhook", f"{receiver.url}/hook", "--api-key", KEY, "--format", "json")
    done = subprocess.run(
        [sys.executable, "-S", "-m", "devcenter_test", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["verdict"] == "green"


@pytest.mark.slow
def test_it_can_be_installed_from_a_clone(receiver, tmp_path):
    """`pip install .` in a fresh environment; of the product only what the command needs comes along."""
    clone, home = tmp_path / "clone", tmp_path / "home"
    for name in ("devcenter_test", "runtime"):
        copytree(ROOT / name, clone / name, ignore=ignore_patterns("__pycache__", "node_modules"))
    (clone / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    venv.create(home, with_pip=False)
    python = home / "bin/python"
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", clone],
        capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    assert subprocess.run([python, "-c", "import django"], capture_output=True, check=False).returncode == 1
    for status, code in ((200, 0), (401, 1)):
        receiver.default = Reply(status)
        done = subprocess.run(
            [home / "bin/devcenter-test", "webhook", f"{receiver.url}/hook", "--api-key", KEY],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (code, "")
