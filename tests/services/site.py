"""The product as it is deployed: web processes and a Celery worker, on a database of its own."""

import http.client
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from tests.services.daemons import Daemon
from tests.services.ports import free_port
from tests.services.smtp import SmtpServer
from tests.services.templates import copy_postgres

ROOT = Path(__file__).resolve().parents[2]
_numbers = itertools.count(1)


# With this GitHub signs what it tells the sites (tests/journey/github.py).
GITHUB_SECRET = "only-for-sites-of-tests"
# Without the user name: the echo endpoint is called with an API key in its place.
ACCESS_LOG = ["--access-logfile", "-", "--access-logformat", '%(h)s "%(r)s" %(s)s %(b)s']


class Site:
    """A running site. Start it through the fixtures `running_site` and `site_factory`.

    web, worker   the two daemons: `.kill()` (SIGKILL to the whole group), `.start()`, `.stop()`
    smtp          the mail server that it sends through
    base_url      where it answers
    manage()      runs a management command in its environment
    """

    def __init__(self, directory: Path, *, database_url: str, redis_url: str, env: Mapping[str, str]) -> None:
        directory.mkdir(parents=True)
        self.directory, self.port = directory, free_port()
        self.smtp = SmtpServer()
        self.env = self._environment(database_url, redis_url, env)
        self.web = Daemon(
            self._gunicorn(), log=directory / "web.log", env=self.env, cwd=ROOT, ready=self.is_ready, seconds=60
        )
        self.worker = Daemon(self._celery(), log=directory / "worker.log", env=self.env, cwd=ROOT)

    @property
    def base_url(self) -> str:
        return self.env["SITE_URL"]

    def _environment(self, database_url: str, redis_url: str, env: Mapping[str, str]) -> dict[str, str]:
        own = {
            "DJANGO_SETTINGS_MODULE": "tests.services.site_settings",
            "DEBUG": "1",
            "SITE_URL": f"http://localhost:{self.port}",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "EMAIL_URL": self.smtp.url,
            "VAR_DIR": str(self.directory / "var"),
            "EGRESS_ALLOW": "127.0.0.0/8,::1/128",
            "SWEEP_SECONDS": "2",
            "GITHUB_WEBHOOK_SECRETS": GITHUB_SECRET,
        }
        # The product does not need it, and it would hide a mistake: see tests/services/browser.py.
        inherited = {key: value for key, value in os.environ.items() if key != "DJANGO_ALLOW_ASYNC_UNSAFE"}
        return {**inherited, **own, **env}

    def _gunicorn(self) -> list[str]:
        options = ["--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--graceful-timeout", "3"]
        return [sys.executable, "-m", "gunicorn", "devcenter.wsgi:application", *options, *ACCESS_LOG]

    def _celery(self) -> list[str]:
        name = f"site{self.port}@localhost"
        options = ["-n", name, "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        return [sys.executable, "-m", "celery", "-A", "devcenter", "worker", "-B", *options]

    # --- Running ------------------------------------------------------------------------------------

    def start(self) -> "Site":
        self.smtp.start()
        self.web.start(wait=False)
        self.worker.start()
        self.web.wait()
        return self

    def stop(self) -> None:
        # Tasks may be waiting for a server that no longer answers: no long good-bye.
        self.web.stop(grace_seconds=5)
        self.worker.stop(grace_seconds=5)
        self.smtp.stop()

    def is_ready(self) -> bool:
        return self.status("/readyz") == 200

    def status(self, path: str) -> int | None:
        """The status code of a GET, None when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def manage(self, *args: str, check: bool = True, seconds: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run `manage.py args…`. With `check`, anything but exit 0 is an AssertionError with its output."""
        argv = [sys.executable, "manage.py", *args]
        done = subprocess.run(
            argv, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=seconds, check=False
        )
        if check and done.returncode:
            raise AssertionError(
                f"manage.py {' '.join(args)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of one statement, straight from the site's database: a management command takes seconds."""
        connection = psycopg2.connect(self.env["DATABASE_URL"])
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def mend(self) -> None:
        """Start what is not running, and forget the mails."""
        self.smtp.start()
        self.smtp.clear()
        self.web.start(wait=False)
        self.worker.start()
        self.web.wait()

    @contextmanager
    def worker_with(self, **env: str) -> Iterator[Daemon]:
        """Another worker in place of the usual one, with other settings."""
        usual, log = self.worker, self.directory / "other-worker.log"
        usual.stop(grace_seconds=5)
        self.worker = Daemon(
            usual.argv, log=log, env={**self.env, **env}, cwd=ROOT, ready=lambda: "ready." in log.read_text()
        )
        try:
            yield self.worker.start()
        finally:
            self.worker.stop(grace_seconds=5)
            self.worker = usual

    def log_tails(self) -> dict[str, str]:
        """The end of each process's log; shown with a failed test."""
        return {"web": self.web.log_tail(), "worker": self.worker.log_tail()}


def new_site(
    directory: Path, *, server_url: str, redis_url: str, env: Mapping[str, str] | None = None, label: str = "main"
) -> Site:
    """A site on a new, migrated database of the server and on a Redis database that no other process uses.

    `label` tells the processes of pytest-xdist apart.
    """
    number = next(_numbers)
    worker = int(label.removeprefix("gw")) + 1 if label.startswith("gw") else 0
    database = copy_postgres(server_url, f"site_{label}_{number}")
    redis_number = 16 + (worker * 30 + number - 1) % 240
    return Site(
        directory / f"site-{number}", database_url=database, redis_url=f"{redis_url}/{redis_number}", env=env or {}
    )
