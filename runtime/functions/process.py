"""One Deno process with one function in it, and a run through it."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any, NamedTuple

from runtime.functions.confinement import VENDOR, Confinement
from runtime.functions.door import Door, Fetch
from runtime.functions.pipe import Closed, Pipe, TooMuch
from runtime.functions.values import Call, Limits, Log, Outcome, Run, ShouldStop, Stopped, never

# Each log line costs the runner this much of `log_bytes`, and escaping makes of a byte at most this many.
_ESCAPED = 6
_HEAD_BYTES = 64 * 1024
# V8 ends itself by SIGTRAP, or SIGABRT or SIGILL, when its heap is full; bwrap answers 128 + n.
_OUT_OF_MEMORY = frozenset(
    code for number in (signal.SIGTRAP, signal.SIGABRT, signal.SIGILL) for code in (-number, 128 + number)
)
_OUT_OF_CPU = frozenset({-signal.SIGXCPU, 128 + signal.SIGXCPU})
# Threads of the engine may use CPU beside the function's own: a process is replaced at this share of its `cpu_seconds`.
_CPU_SHARE = 4
_ASK_SECONDS = 0.25
_to_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_from_json = json.JSONDecoder().raw_decode  # the value, and where it ends


class Fault(Exception):
    """The code cannot be read. `line` and `column` count from 1, 0 if unknown."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line, self.column = line, column


class Spoiled(Exception):
    """A run left in its process what cannot be taken away: nothing more runs there."""


class Ending(NamedTuple):
    """The first fields of a Run."""

    outcome: Outcome
    error_name: str = ""
    message: str = ""
    stack: str = ""
    returned: str | None = None


class Process:
    """Starts on construction. Not safe for two threads at once: the pool lends it to one."""

    def __init__(self, code: str, limits: Limits, confinement: Confinement) -> None:
        self._limits, self.allowance = limits, _allowance(limits)
        self._nonce = secrets.token_hex(16).encode()
        self._busy_seconds = 0.0
        self._runs = 0
        self.is_spent = False  # must not run another event
        self.was_used = False
        started = time.monotonic()
        self._child = subprocess.Popen(
            confinement.command(limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=confinement.environment(),
            start_new_session=True,
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._pipe = Pipe(os.dup(self._child.stdin.fileno()), os.dup(self._child.stdout.fileno()))
        self._child.stdin.close()
        self._child.stdout.close()
        self.fault: Fault | None = None
        try:
            self.fault = self._hand_over(code, started + limits.start_seconds)
        except BaseException:
            self.kill()
            raise
        self.cold_ms = round((time.monotonic() - started) * 1000, 1)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_usable(self) -> bool:
        return not self.is_spent and self._child.poll() is None

    def _hand_over(self, code: str, ends: float) -> Fault | None:
        first = {
            "nonce": self._nonce.decode(),
            "code": code,
            "output_bytes": self._limits.output_bytes,
            "log_bytes": self._limits.log_bytes,
        }
        self._pipe.allowance = _HEAD_BYTES
        self._pipe.write(_line(first), ends)
        message = json.loads(self._next(ends)).get("fault")
        if message is None:
            return None
        acorn = (VENDOR / "acorn.js").read_text()
        self._pipe.write(_line({"do": "locate", "id": 0, "acorn": acorn}), ends)
        place = json.loads(self._next(ends).partition(b"\t")[2])
        return Fault(message, int(place["line"]), int(place["column"]))

    def _next(self, ends: float) -> bytes:
        """The next line that carries the nonce; others are nobody's."""
        while True:
            line = self._pipe.read_line(ends)
            if line.startswith(self._nonce):
                return line[len(self._nonce) :]

    def run(
        self, message: Mapping[str, Any], fetch: Fetch, fetchers: Executor, should_stop: ShouldStop = never
    ) -> tuple[Run, bool]:
        """The run, and whether the code has no handler for the event. A run that goes wrong ends the process.

        Raises Stopped once `should_stop` says so; the process must not be used any more then. Raises Spoiled when the
        run before left something behind: the event has not been run.
        """
        if self.fault:
            return _run_of_fault(self.fault), False
        self._runs += 1
        attempt = _Attempt(self, {**message, "id": self._runs}, fetch, fetchers, should_stop)
        run = attempt.run()
        self._busy_seconds += run.duration_ms / 1000
        if self._busy_seconds * _CPU_SHARE > self._limits.cpu_seconds:
            self.is_spent = True
        return run, attempt.is_missing

    def end_of(self) -> Ending:
        """What it means that the process ended by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(1.0)
        code = self._child.poll()
        if code in _OUT_OF_MEMORY:
            megabytes = self._limits.memory_mb
            return Ending(Outcome.LIMIT, "MemoryLimit", f"The function used more than {megabytes} MB of memory.")
        if code in _OUT_OF_CPU:
            return Ending(Outcome.TIMEOUT, "Timeout", "The function used up its processor time.")
        return Ending(Outcome.CRASHED, "Crashed", "The function's process ended before it answered.")

    def kill(self) -> None:
        """The whole group, at once; nothing of it is left when this returns."""
        self.is_spent = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._pipe.close()

    def forget(self) -> None:
        """In a forked child: the process is the parent's; only our copies of its pipe go."""
        self.is_spent = True
        self._child.returncode = 0  # not ours to wait for
        self._pipe.close()


class _Attempt:
    """One event: sent, its lines read until the answer or the deadline."""

    def __init__(
        self, process: Process, message: Mapping[str, Any], fetch: Fetch, fetchers: Executor, should_stop: ShouldStop
    ) -> None:
        self._process, self._message, self._fetch, self._fetchers = process, message, fetch, fetchers
        self._should_stop = should_stop
        self._limits, self._pipe = process._limits, process._pipe
        self._door: Door | None = None  # most events send nothing
        self._logs: list[Log] = []
        self._open: set[int] = set()
        self._logs_cut = False
        self.is_missing = False

    def run(self) -> Run:
        started = time.monotonic()
        self._ends = started + self._limits.wall_seconds
        try:
            ending = self._talk()
        except (Stopped, Spoiled):
            self._close_door()
            raise
        except TimeoutError:
            seconds = self._limits.wall_seconds
            ending = self._broken(
                Ending(Outcome.TIMEOUT, "Timeout", f"There was no answer within {seconds:g} seconds.")
            )
        except TooMuch:
            ending = self._broken(Ending(Outcome.LIMIT, "OutputLimit", "The function wrote more than it may."))
        except Closed:
            ending = self._broken(self._process.end_of())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            ending = self._broken(
                Ending(Outcome.CRASHED, "Crashed", "The function's process gave an answer that makes no sense.")
            )
        took = round((time.monotonic() - started) * 1000, 2)
        return Run(*ending, tuple(self._logs), self._logs_cut, self._close_door(), took)

    def _close_door(self) -> tuple[Call, ...]:
        return self._door.close() if self._door else ()

    def _broken(self, ending: Ending) -> Ending:
        self._process.kill()
        return ending

    def _talk(self) -> Ending:
        self._pipe.allowance = self._process.allowance
        with contextlib.suppress(Closed):  # what it said before it ended is still to be read
            self._pipe.write(_line(self._message), self._ends)
        while True:
            line = str(self._next(), "utf-8")
            message, end = _from_json(line)
            if message.get("id") == self._message["id"]:
                return self._finish(message, line[end + 1 :])
            if "log" in message:
                self._logs.append(Log(str(message["log"]), str(message["text"]), float(message["at"])))
            elif "fetch" in message:
                self._start(message)
            elif "spoiled" in message:
                raise Spoiled

    def _next(self) -> bytes:
        """The next line, with a look now and then at whether anybody still wants it."""
        while True:
            if self._should_stop():
                raise Stopped
            try:
                return self._process._next(min(self._ends, time.monotonic() + _ASK_SECONDS))
            except TimeoutError:
                if time.monotonic() >= self._ends:
                    raise

    def _start(self, asked: dict[str, Any]) -> None:
        self._door = door = self._door or Door(self._fetch, self._limits)
        self._open.add(int(asked["fetch"]))
        self._fetchers.submit(self._answer, door, asked)

    def _answer(self, door: Door, asked: dict[str, Any]) -> None:
        """In a thread of the pool's. After the run is over the answer is nobody's."""
        answer = door.answer(asked)
        with contextlib.suppress(Closed, TimeoutError), door._lock:
            if not door.is_closed and asked["fetch"] in self._open:
                self._open.discard(asked["fetch"])
                self._pipe.write(_line(answer), self._ends)

    def _leave_door(self, door: Door) -> None:
        door.close()
        for number in sorted(self._open):
            self._pipe.write(_line({"id": number, "error": "The run is over."}), self._ends)

    def _finish(self, head: dict[str, Any], returned: str) -> Ending:
        if self._door:
            self._leave_door(self._door)
        self.is_missing = "missing" in head
        self._logs_cut = "logs_cut" in head
        if returned and not _is_json(returned):
            return Ending(Outcome.LIMIT, "OutputLimit", "The returned value is nested too deeply.")
        outcome = Outcome(head["outcome"])
        if outcome is Outcome.SUCCESS:
            return Ending(outcome, returned=returned or None)
        return Ending(outcome, str(head["name"]), str(head["message"]), str(head.get("stack", "")), returned or None)


def _allowance(limits: Limits) -> int:
    """Bytes that one run may write."""
    fetching = limits.fetches * (limits.fetch_bytes * 2 + _HEAD_BYTES)
    return _ESCAPED * (limits.output_bytes + limits.log_bytes) + fetching + _HEAD_BYTES


def _is_json(returned: str) -> bool:
    """False for what is nested deeper than we read. Raises ValueError for what is no JSON: somebody forged it."""
    try:
        end = _from_json(returned)[1]
    except RecursionError:
        return False
    if end != len(returned):
        raise ValueError("Something follows the value.")
    return True


def _run_of_fault(fault: Fault) -> Run:
    place = f"    at function.js:{fault.line}:{fault.column}" if fault.line else ""
    return Run(Outcome.ERROR, "SyntaxError", str(fault), place)


def _line(message: Mapping[str, Any]) -> bytes:
    return _to_json(message).encode()
