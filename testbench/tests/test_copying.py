"""Copies are run for real, and what arrives is compared with what was recorded."""

import base64
import json
import os
import re
import subprocess
import sys

import pytest

from apps_catalog.models import Setting
from testbench.copying import as_curl, as_pytest, name_of_test
from testbench.lifecycle import start_single
from testbench.recorded import read_request
from testbench.tests.runs import KEY, PIN, VALUES, spellings, work
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db

SECRETS = {"SEGMENT_API_KEY": KEY, "SEGMENT_SETTING_PIN": PIN}
HOSTILE = [
    "'; touch pwned; echo '",
    "$(touch pwned) `touch pwned` ${IFS} !! \\' \" \\",
    '"""\nimport os; os.system("touch pwned")\n"""',
    "@/etc/passwd",
    "line\r\nbreak\ttab \x1b[201~ \x9b31m \u202e\u2066 \u200d \x7f {a,b}[1-9] #$% \U0001f600 é",
]


def headers_of(request):
    return sorted((name.lower(), value) for name, value in request.headers)


def run_curl(text, folder, **environment):
    return subprocess.run(
        ["bash", "-c", text], cwd=folder, env={"PATH": os.environ["PATH"], **environment},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def run_pytest(text, folder, name, **environment):
    (folder / f"{name}.py").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, f"{name}.py"],
        cwd=folder, env={"PATH": os.environ["PATH"], **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def hostile_event():
    return {"type": "track", "userId": "u", "event": HOSTILE[0], "properties": {text: text for text in HOSTILE}}


def test_a_curl_command_sends_the_same_bytes(finished, receiver, tmp_path):
    run = finished()
    recorded = list(receiver.requests)
    receiver.clear()
    for result in list(run.results.all())[:2]:
        done = run_curl(as_curl(run, result), tmp_path, **SECRETS)
        assert (done.returncode, done.stdout.splitlines()[0]) == (0, "HTTP/1.1 200 OK"), done.stderr
    for sent, again in zip(recorded, receiver.requests, strict=False):
        assert (again.method, again.target, again.body) == (sent.method, sent.target, sent.body)
        assert headers_of(again) == headers_of(sent)


def test_a_pytest_file_sends_the_same_bytes_and_judges_the_answer(finished, receiver, tmp_path):
    run = finished()
    result = run.results.all()[2]
    sent = receiver.requests[2]
    receiver.clear()
    text, name = as_pytest(run, result), name_of_test(result)
    done = run_pytest(text, tmp_path, name, **SECRETS)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    again = receiver.requests[0]
    assert (again.method, again.target, again.body) == (sent.method, sent.target, sent.body)
    assert headers_of(again) == headers_of(sent)
    receiver.default = Reply(500)
    assert "1 failed" in run_pytest(text, tmp_path, name, **SECRETS).stdout
    assert "SEGMENT_API_KEY" in run_pytest(text, tmp_path, name).stdout  # says what is missing


def test_hostile_content_is_sent_and_never_run(alice, webhook, receiver, tmp_path):
    hostile = VALUES | {"region": "it's $(touch pwned) \"\\"}
    webhook.endpoint = f"{receiver.url}/hook?a='$(touch%20pwned)'&b=[1-2]{{x,y}}/../`id`"
    webhook.save()
    run = work(start_single(alice, webhook, hostile, hostile_event()))
    result = run.results.get()
    assert result.verdict == "green", result.message
    sent = receiver.requests[0]
    curl, test = as_curl(run, result), as_pytest(run, result)
    done = run_curl(curl, tmp_path, **SECRETS)
    assert done.returncode == 0, done.stderr
    assert run_pytest(test, tmp_path, "test_single", **SECRETS).returncode == 0
    for again in receiver.requests[1:]:
        assert (again.target, again.body) == (sent.target, sent.body)
        assert headers_of(again) == headers_of(sent)
    assert len(receiver.requests) == 3
    assert not (tmp_path / "pwned").exists()
    # Pasted into a terminal, nothing moves the cursor, ends the paste or turns the text around.
    assert all(char.isprintable() or char == "\n" for char in curl + test)


@pytest.mark.parametrize("pin", [PIN, "p", 'quo"te\\', "Schlüssel-äöü-123", 4711_0815_1234])
def test_no_secret_is_in_a_copy(alice, webhook, app, receiver, tmp_path, pin):
    Setting.objects.filter(key="pin").update(type="number" if isinstance(pin, int) else "password")
    event = {"type": "track", "event": f"uses {KEY}", "userId": "u"}
    run = work(start_single(alice, webhook, VALUES | {"pin": pin}, event))
    result = run.results.get()
    curl, test = as_curl(run, result), as_pytest(run, result)
    secrets = [KEY] if pin == "p" else [KEY, str(pin)]
    for secret in secrets:
        assert not [form for form in spellings(secret) if len(form) > 3 and form in curl + test]
    sent, body = headers_of(receiver.requests[0]), receiver.requests[0].body
    whole = json.dumps({"region": "eu", "pin": pin}, separators=(",", ":"))
    values = {"SEGMENT_API_KEY": KEY, "SEGMENT_SETTING_PIN": str(pin), "SEGMENT_SETTINGS": whole}
    done = run_pytest(test, tmp_path, "test_single", **values)
    assert done.returncode == 0, done.stdout
    assert (headers_of(receiver.requests[1]), receiver.requests[1].body) == (sent, body)


def test_curl_stops_when_a_secret_is_not_set(finished, receiver, tmp_path):
    run = finished()
    receiver.clear()
    done = run_curl(as_curl(run, run.results.first()), tmp_path)
    assert done.returncode != 0
    assert "SEGMENT_API_KEY" in done.stderr
    assert receiver.requests == []


def test_copies_say_which_variables_they_need(finished):
    run = finished()
    result = run.results.first()
    assert re.search(r"^# Set SEGMENT_API_KEY first: the API key", as_curl(run, result), re.MULTILINE)
    assert "SEGMENT_SETTING_PIN: a sensitive setting" in as_pytest(run, result)


def test_odd_keys_of_settings_become_harmless_names():
    text = '{"x\\"; touch pwned":"****abcd","x touch PWNED":"****efgh"}'
    record = {
        "start_line": "POST / HTTP/1.1",
        "headers": [["X-Segment-Settings", base64.b64encode(text.encode()).decode()]],
        "body": {"encoding": "text", "content": "{}"},
    }
    found = read_request(record, "https://example.com/", ['x"; touch pwned', "x touch PWNED"])
    assert list(found.secrets) == ["SEGMENT_SETTING_X_TOUCH_PWNED", "SEGMENT_SETTING_X_TOUCH_PWNED_2"]


def test_a_case_that_was_not_sent_has_no_copy(finished):
    run = finished()
    result = run.results.first()
    result.request = None
    with pytest.raises(ValueError, match="nothing was sent"):
        as_curl(run, result)
