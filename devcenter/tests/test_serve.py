"""`serve` with real processes: it answers, its worker works, and nothing is left when it ends."""

import contextlib
import http.client
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcenter.supervision import run_together
from tests.services.daemons import Daemon
from tests.services.ports import free_port
from tests.services.processes import wait_until
from tests.services.templates import copy_sqlite

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
QUEUE = "from notifications import outbox; outbox.queue('test', 'a@demo.example', 'trial', {})"
MANY = 300
QUEUE_MANY = f"""
from notifications import outbox
for number in range({MANY}):
    outbox.queue("test", f"a{{number}}@demo.example", "trial", {{}})
"""


def status(port: int, path: str = "/healthz") -> int | None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None


class Served:
    def __init__(self, directory: Path, redis_url: str = "") -> None:
        self.port, self.directory = free_port(), directory
        env = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")}
        env |= {
            "DEBUG": "1", "VAR_DIR": str(directory / "var"), "DATABASE_URL": f"sqlite:///{directory}/db.sqlite3",
            "REDIS_URL": redis_url, "EMAIL_URL": "files", "PORT": str(self.port), "HOST": "127.0.0.1",
            "SITE_URL": f"http://localhost:{self.port}", "SERVED": str(self.port),
        }  # fmt: skip
        self.env = env
        self.daemon = Daemon(
            [sys.executable, "manage.py", "serve"], log=directory / "serve.log", env=env, cwd=ROOT, seconds=60,
            ready=lambda: status(self.port) == 200,
        )  # fmt: skip

    def begin(self, *args: str) -> Daemon:
        argv = [sys.executable, "manage.py", *args]
        return Daemon(argv, log=self.directory / "manage.log", env=self.env, cwd=ROOT).start()

    def manage(self, *args: str) -> None:
        done = self.begin(*args)
        wait_until(lambda: not done.is_running, seconds=120, what=" ".join(args))

    @property
    def mails(self) -> int:
        return len(list((self.directory / "var" / "mail").glob("*.eml")))

    def processes(self) -> list[int]:
        """Everything that was started with this site's environment, wherever it has gone."""
        mark = f"SERVED={self.port}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
        return found


@pytest.fixture
def served(tmp_path) -> Iterator[Served]:
    yield from _served(Served(tmp_path))


@pytest.fixture
def served_with_redis(tmp_path, redis_factory) -> Iterator[Served]:
    yield from _served(Served(tmp_path, f"{redis_factory().url}/0"))


def _served(site: Served) -> Iterator[Served]:
    copy_sqlite(site.directory / "db.sqlite3")
    site.daemon.start()
    yield site
    site.daemon.stop()
    for pid in site.processes():
        os.kill(pid, signal.SIGKILL)


def test_one_process_serves_pages_and_sends_mail_until_it_is_stopped(served):
    assert f"http://localhost:{served.port}" in served.daemon.log_tail()
    assert status(served.port, "/dev/mail/") == 200
    queueing = served.begin("shell", "--verbosity", "0", "-c", QUEUE_MANY)  # found by the sweep of another process

    answers: list[tuple[int | None, float]] = []
    while queueing.is_running or served.mails < MANY:
        before = time.monotonic()
        answer = status(served.port)
        answers.append((answer, time.monotonic() - before))
    assert {number for number, _ in answers} == {200}, answers
    assert max(seconds for _, seconds in answers) < 5, "pages wait for the worker"

    os.kill(served.daemon.pid, signal.SIGINT)

    wait_until(lambda: not served.processes(), seconds=10, what="everything to end")
    assert status(served.port) is None


def test_a_manager_of_services_ends_it_as_well(served):
    os.kill(served.daemon.pid, signal.SIGTERM)

    wait_until(lambda: not served.processes(), seconds=10, what="everything to end")


def test_a_killed_master_leaves_nothing_running(served):
    os.kill(served.daemon.pid, signal.SIGKILL)

    wait_until(lambda: not served.processes(), seconds=60, what="the orphans to end")


def test_with_redis_web_and_worker_run_side_by_side(served_with_redis):
    site = served_with_redis
    site.manage("shell", "--verbosity", "0", "-c", QUEUE)
    wait_until(lambda: site.mails == 1, seconds=30, what="the mail")

    os.kill(site.daemon.pid, signal.SIGINT)

    wait_until(lambda: not site.processes(), seconds=15, what="everything to end")


def test_with_redis_a_killed_supervisor_leaves_nothing_running(served_with_redis):
    os.kill(served_with_redis.daemon.pid, signal.SIGKILL)

    wait_until(lambda: not served_with_redis.processes(), seconds=60, what="the orphans to end")


def test_when_one_ends_the_others_do():
    said: list[str] = []
    before = time.monotonic()
    old = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        code = run_together({"short": ["false"], "long": ["sleep", "60"]}, say=said.append)
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)

    assert code == 1
    assert said == ["short ended with 1; stopping the rest."]
    assert time.monotonic() - before < 15


def test_who_does_not_listen_is_killed():
    deaf = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"]
    before = time.monotonic()
    old = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        run_together({"deaf": deaf, "short": ["sleep", "1"]}, say=lambda text: None, grace=0.5)
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)

    assert time.monotonic() - before < 15
