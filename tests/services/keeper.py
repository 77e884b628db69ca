"""A process of its own that holds the servers of one test run, and ends them when the run ends.

    python -m tests.services.keeper postgres redis

It writes one line of JSON (the addresses), then waits. When its standard input closes, or when the
process that started it is gone (killed, crashed, terminal closed), it stops the servers, ends every
process that carries the run's mark, removes the run's folder and writes a second line: what it had to
kill. It sits in a session of its own, so Ctrl-C reaches pytest and not the servers.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.services.postgres import Postgres, is_reachable
from tests.services.processes import RUN_VARIABLE, StartError, ancestors, end_marked
from tests.services.redis import Redis

PREFIX = "devcenter-test-"
ROOT = Path(__file__).resolve().parents[2]


class Keeper:
    """The near end: starts the keeper process, knows the addresses, asks it to stop."""

    def __init__(self, services: Iterable[str], *, run: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.keeper", *services],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, RUN_VARIABLE: run},
            start_new_session=True,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self.addresses: dict[str, str] = json.loads(line or '{"error": "the keeper did not start"}')
        if "error" in self.addresses:
            self.stop()
            raise StartError(self.addresses["error"])

    @property
    def directory(self) -> Path:
        """A folder for the run's files; removed at the end."""
        return Path(self.addresses["directory"])

    def stop(self) -> list[str]:
        """End the servers; returns the command lines of processes that had been left running."""
        try:
            answer, _ = self._process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            return ["the keeper itself did not end"]
        return list(json.loads(answer.splitlines()[-1]).get("killed", [])) if answer.strip() else []


def shared_directory() -> Path:
    """A new temporary folder that a server under another uid can pass through."""
    remove_stale_directories()
    bases = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    base = next((path for path in bases if path.is_dir() and is_reachable(path)), bases[0])
    directory = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base))
    directory.chmod(0o711)
    return directory


def remove_stale_directories() -> None:
    """Folders of earlier runs whose keeper was killed together with everything else."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = path.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _Servers:
    def __init__(self, directory: Path, names: Iterable[str]) -> None:
        self._directory, self._names = directory, set(names)
        self._postgres = Postgres(directory / "postgres")
        self._redis = Redis(directory / "redis")

    def start(self) -> dict[str, str]:
        addresses = {"directory": str(self._directory)}
        if "redis" in self._names:
            addresses["redis"] = self._redis.start().url
        if "postgres" in self._names:
            addresses["postgres"] = self._postgres.start().url("devcenter")
        return addresses

    def stop(self) -> None:
        self._redis.stop()
        self._postgres.stop()


def main(names: list[str]) -> int:
    parent = os.getppid()
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    directory = shared_directory()
    servers = _Servers(directory, names)
    grace_seconds = 0.0
    try:
        try:
            say(servers.start())
        except StartError as error:
            say({"error": str(error)})
            return 1
        wait_for_end(parent)
        # Asked to stop: others of the run may be on their way out. Orphaned: nobody else will end them.
        grace_seconds = 3.0 if os.getppid() == parent else 0.0
        return 0
    finally:
        servers.stop()
        killed = end_marked(os.environ.get(RUN_VARIABLE, ""), spare=ancestors(os.getpid()), grace_seconds=grace_seconds)
        shutil.rmtree(directory, ignore_errors=True)
        with contextlib.suppress(OSError):  # nobody may be listening any more
            say({"killed": killed})


def wait_for_end(parent: int) -> None:
    """Return when standard input closes or the parent process is gone."""
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], 1.0)
        if readable and not sys.stdin.readline():
            return


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
