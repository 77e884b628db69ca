"""Child processes that end when they should, whatever happens to the process that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

# Every process of one test run carries this variable, so that what was left behind can be found.
RUN_VARIABLE = "DEVCENTER_TEST_RUN"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class StartError(RuntimeError):
    """A server did not come up; the message carries the end of its log."""


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    owner: tuple[int, int] | None = None,
    death_signal: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a process group of its own, output appended to `log`.

    On Linux the child gets `death_signal` when the calling thread ends. `owner` is a (uid, gid) that
    the child takes on, for servers that refuse to run as root.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_die_with_parent(death_signal) if _libc else None,
            **identity_of(owner),
        )


def identity_of(owner: tuple[int, int] | None) -> dict[str, Any]:
    """Arguments for `subprocess` that make the child run as (uid, gid); none for None."""
    return {"user": owner[0], "group": owner[1], "extra_groups": []} if owner else {}


def _die_with_parent(death_signal: int) -> Callable[[], None]:
    assert _libc is not None
    prctl = _libc.prctl  # looked up before the fork: nothing may be loaded after it

    def request() -> None:
        # Runs after the change of uid, which would clear the request.
        prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)

    return request


def end_group(process: subprocess.Popen[bytes], *, grace_seconds: float = 10.0, first: int = signal.SIGTERM) -> None:
    """Ask the child to end, wait, then kill whatever is left of its group."""
    if process.poll() is None:
        _signal_process(process, first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace_seconds)
    kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the child and to everything it started, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _signal_process(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def wait_until(check: Callable[[], object], *, seconds: float, what: str, every: float = 0.05) -> None:
    """Call `check` until it returns something true; TimeoutError naming `what` when it never does."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(every)


def wait_for_server(
    process: subprocess.Popen[bytes], check: Callable[[], object], *, log: Path, seconds: float
) -> None:
    """Wait until `check` is true. StartError with the log's end if the process ends or time runs out."""
    deadline = time.monotonic() + seconds
    while not check():
        ended = process.poll()
        if ended is not None:
            raise StartError(f"{process.args!r} ended with {ended}:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise StartError(f"{process.args!r} was not ready within {seconds:g} s:\n{tail(log)}")
        time.sleep(0.02)


def tail(log: Path, lines: int = 40) -> str:
    """The last lines of a log file; empty when there is none."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def marked(run: str, *, spare: Collection[int] = ()) -> list[int]:
    """Ids of running processes that belong to the test run `run` (Linux only; elsewhere none)."""
    wanted = f"{RUN_VARIABLE}={run}".encode()
    entries = Path("/proc").glob("[0-9]*")
    return [int(entry.name) for entry in entries if int(entry.name) not in spare and wanted in _environment(entry)]


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:  # ended meanwhile, or somebody else's
        return []


def end_marked(run: str, *, spare: Collection[int], grace_seconds: float = 3.0) -> list[str]:
    """Kill what the run `run` left behind after a grace period; returns the command lines killed."""
    with contextlib.suppress(TimeoutError):
        wait_until(lambda: not marked(run, spare=spare), seconds=grace_seconds, what="end of the run")
    killed = []
    for pid in marked(run, spare=spare):
        killed.append(f"{pid} {command_line(pid)}")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return killed


def command_line(pid: int) -> str:
    """What a process was started as; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def ancestors(pid: int) -> set[int]:
    """The process itself and all it descends from (Linux only; elsewhere just itself)."""
    line: set[int] = set()
    while pid > 0 and pid not in line:
        line.add(pid)
        try:
            status = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            break
        pid = int(status.rpartition(")")[2].split()[1])
    return line
