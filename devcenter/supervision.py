"""Several child processes that live and die together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 10.0
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def run_together(
    commands: Mapping[str, Sequence[str]], *, say: Callable[[str], None], grace: float = GRACE_SECONDS
) -> int:
    """Run all commands until one of them ends or this process is told to stop; then end the others.

    Returns 0 after SIGINT or SIGTERM, else 1. Children are asked with SIGTERM and killed after `grace`
    seconds, each with everything it started. On Linux they also end when this process is killed.
    """
    stop = _StopSignal()
    children = {name: _start(argv) for name, argv in commands.items()}
    try:
        while not stop.came:
            ended = [name for name, child in children.items() if child.poll() is not None]
            if ended:
                say(f"{ended[0]} ended with {children[ended[0]].returncode}; stopping the rest.")
                return 1
            time.sleep(0.1)
        return 0
    finally:
        _end(list(children.values()), grace)


class _StopSignal:
    """Remembers SIGINT and SIGTERM instead of letting them interrupt the cleaning up."""

    def __init__(self) -> None:
        self.came = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal reaches us alone, and a whole group can be ended.
    return subprocess.Popen(list(argv), start_new_session=True, preexec_fn=_die_with_parent if _libc else None)


def _die_with_parent() -> None:
    assert _libc is not None
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _end(children: list[subprocess.Popen[bytes]], grace: float) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + grace
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, until - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
