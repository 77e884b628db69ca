"""One long-running child process that a test can stop, kill and start again."""

import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.services.processes import end_group, kill_group, spawn, tail, wait_for_server


class Daemon:
    """A server or worker. `ready` says when it serves; without it, started is ready."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        log: Path,
        ready: Callable[[], object] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        owner: tuple[int, int] | None = None,
        seconds: float = 30.0,
        stop_signal: int = signal.SIGTERM,
    ) -> None:
        self.argv, self.log, self.env, self.cwd, self.owner = list(argv), log, env, cwd, owner
        self._ready, self._seconds, self._stop_signal = ready, seconds, stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, wait: bool = True) -> "Daemon":
        """Start it, and wait until it serves. StartError (with the log's end) when it does not."""
        if self.is_running:
            return self
        self._process = spawn(self.argv, log=self.log, env=self.env, cwd=self.cwd, owner=self.owner)
        if wait:
            self.wait()
        return self

    def wait(self) -> None:
        assert self._process is not None, "start it first"
        if self._ready is None:
            return
        try:
            wait_for_server(self._process, self._ready, log=self.log, seconds=self._seconds)
        except BaseException:
            self.kill()
            raise

    def stop(self, *, grace_seconds: float = 10.0) -> None:
        """Ask it to end, wait, then kill the rest of its process group."""
        if self._process is not None:
            end_group(self._process, grace_seconds=grace_seconds, first=self._stop_signal)
            self._process = None

    def kill(self) -> None:
        """SIGKILL to the whole process group: the crash that a test wants to see survived."""
        if self._process is not None:
            kill_group(self._process)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def log_tail(self, lines: int = 40) -> str:
        return tail(self.log, lines)
