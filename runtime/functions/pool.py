"""Warm processes, one function version each, lent to one run at a time; the one used longest ago makes room."""

import json
import os
import re
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from runtime.functions.batches import answers_of
from runtime.functions.confinement import Confinement, detect
from runtime.functions.door import Fetch
from runtime.functions.pipe import Closed, TooMuch
from runtime.functions.process import Process, Spoiled
from runtime.functions.values import Limits, Outcome, Outline, Run, Shape, ShouldStop, Stopped, never

_FETCH_THREADS = 8
_BATCH = "onBatch"
_PROCESS_EVENTS = "processEvents"
# D34 and D15: an event's type names its handler.
HANDLERS: Mapping[str, str] = {
    kind: f"on{kind.capitalize()}" for kind in ("identify", "track", "page", "screen", "group", "alias", "delete")
}
Label = tuple[str, str]  # whose code, and the code itself: a key used twice never runs what is not its own
T = TypeVar("T")
_pools: "weakref.WeakSet[Pool]" = weakref.WeakSet()


class NoProcess(Exception):
    """A process did not start."""


class Pool:
    """At most `size` processes. Safe for several threads; a forked child starts with an empty pool of its own.

    `fetch` answers the functions' requests (`runtime.egress.send` with its policy). Raises `NotConfined` at once where
    functions may not run. Close it, or use it as a context manager: no process is left.
    """

    def __init__(
        self,
        size: int,
        fetch: Fetch,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        confinement: Confinement | None = None,
        *,
        allow_unconfined: bool = False,
    ) -> None:
        self._confinement = confinement or detect()
        self._confinement.check(allow_unconfined=allow_unconfined)
        self._size, self._fetch, self._limits = size, fetch, limits
        self._begin()
        _pools.add(self)

    def _begin(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._idle: list[tuple[Label, Process]] = []  # the one used longest ago first
        self._live: dict[int, Process] = {}
        self._count = 0  # living and starting
        self._is_closed = False
        # A process dies with the thread that started it: this one stays until the pool closes.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="function-starter")
        self._fetchers = ThreadPoolExecutor(_FETCH_THREADS, thread_name_prefix="function-fetch")

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- What it is for -----------------------------------------------------------------------------------

    def run(
        self,
        code: str,
        handler: str,
        event: Mapping[str, Any],
        settings: Mapping[str, Any],
        *,
        key: str,
        should_stop: ShouldStop = never,
    ) -> Run:
        """One event through the function. `handler` is its name or the event's type ("onTrack", "track").

        `key` names whose code it is, owner and version: a process never serves two keys. Raises Stopped within half
        a second of `should_stop` saying so; the process ends then.
        """
        message = {"do": "run", "handler": HANDLERS.get(handler, handler), "event": event, "settings": settings}
        return self._work(code, key, message, should_stop)[0]

    def run_batch(
        self,
        code: str,
        events: Sequence[Mapping[str, Any]],
        settings: Mapping[str, Any],
        *,
        key: str,
        should_stop: ShouldStop = never,
    ) -> list[Run]:
        """One Run for each event, in their order: by onBatch (D20), or one after another where there is none."""
        if not events:
            return []
        message = {"do": "run", "handler": _BATCH, "event": list(events), "settings": settings}
        run, is_missing = self._work(code, key, message, should_stop)
        if is_missing:
            return [
                self.run(code, str(event.get("type", "")), event, settings, key=key, should_stop=should_stop)
                for event in events
            ]
        return answers_of(run, len(events))

    def outline(self, code: str, *, key: str = "outline") -> Outline:
        """What the code offers. It is run once for that, in the sandbox like any other."""

        def use(process: Process) -> Outline:
            if process.fault:
                return Outline(error=str(process.fault), line=process.fault.line, column=process.fault.column)
            return _outline_of(process.run({"do": "outline"}, self._fetch, self._fetchers)[0])

        try:
            return self._lend(key, code, use)
        except (NoProcess, Stopped, TimeoutError) as trouble:
            return Outline(error=str(trouble))

    def close(self) -> None:
        """End every process, a busy one included: who waits for its run gets Stopped."""
        with self._changed:
            self._is_closed = True
            living, self._live, self._idle = list(self._live.values()), {}, []
            self._changed.notify_all()
        for process in living:
            process.kill()
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        self._starter.shutdown(wait=True)

    # --- Lending ------------------------------------------------------------------------------------------

    def _work(self, code: str, key: str, message: Mapping[str, Any], should_stop: ShouldStop) -> tuple[Run, bool]:
        def use(process: Process) -> tuple[Run, bool]:
            run, is_missing = process.run(message, self._fetch, self._fetchers, should_stop)
            if process.was_used:
                return run, is_missing
            process.was_used = True
            return replace(run, cold_ms=process.cold_ms), is_missing

        try:
            run, is_missing = self._lend(key, code, use)
        except NoProcess as trouble:
            return Run(Outcome.CRASHED, "NotStarted", str(trouble)), False
        except TimeoutError as trouble:
            return Run(Outcome.TIMEOUT, "Busy", str(trouble)), False
        if self._is_closed and not run.is_success:  # it was ended, and is no verdict on the code
            raise Stopped("The pool is closed.")
        return run, is_missing

    def _lend(self, key: str, code: str, use: Callable[[Process], T]) -> T:
        """What `use` makes of a process with this code in it. No context manager: it would cost each event more."""
        label = (key, code)
        while True:
            process = self._take(label) or self._start(code)
            try:
                return use(process)
            except Spoiled:  # the event has not been run: it goes to another process
                process.kill()
            except BaseException:
                process.kill()
                raise
            finally:
                self._give_back(label, process)

    def _take(self, label: Label) -> Process | None:
        """A warm process, or None once there is room for a new one. Raises TimeoutError when all stay busy."""
        ends = time.monotonic() + self._limits.wall_seconds + self._limits.start_seconds
        leaving: Process | None = None
        with self._changed:
            while True:
                if self._is_closed:
                    raise Stopped("The pool is closed.")
                if process := self._warm(label):
                    return process
                if self._count < self._size:
                    break
                if self._idle:
                    leaving = self._idle.pop(0)[1]
                    self._forget(leaving)
                    break
                if not self._changed.wait(ends - time.monotonic()):
                    raise TimeoutError("All functions' processes were busy for too long.")
            self._count += 1
        if leaving:
            leaving.kill()
        return None

    def _warm(self, label: Label) -> Process | None:
        for place in range(len(self._idle) - 1, -1, -1):
            if self._idle[place][0] == label:
                process = self._idle.pop(place)[1]
                if process.is_usable:
                    return process
                self._forget(process)
                process.kill()
        return None

    def _start(self, code: str) -> Process:
        try:
            process = self._starter.submit(Process, code, self._limits, self._confinement).result()
        except (Closed, TooMuch, TimeoutError, OSError, ValueError, RuntimeError) as trouble:
            with self._changed:
                self._count -= 1
                self._changed.notify()
            raise NoProcess("The function's process did not start.") from trouble
        with self._changed:
            self._live[id(process)] = process
        return process

    def _give_back(self, label: Label, process: Process) -> None:
        with self._changed:
            may_stay = not process.is_spent and not self._is_closed
            if may_stay:
                self._idle.append((label, process))
            else:
                self._forget(process)
            self._changed.notify()
        if not may_stay:
            process.kill()

    def _forget(self, process: Process) -> None:
        self._live.pop(id(process), None)
        self._count -= 1

    # --- Fork ---------------------------------------------------------------------------------------------

    def _after_fork(self) -> None:
        inherited = list(self._live.values())
        self._begin()
        for process in inherited:
            process.forget()


def _outline_of(run: Run) -> Outline:
    if not run.is_success or run.returned is None:
        return Outline(error=f"{run.error_name}: {run.message}", line=_line_of(run.stack))
    names = tuple(_names(run.returned))
    if _PROCESS_EVENTS in names and len(names) == 1:
        return Outline(names, Shape.PROCESS_EVENTS)
    return Outline(names, Shape.HANDLERS if names else Shape.NONE)


def _names(returned: str) -> list[str]:
    return [str(name) for name in json.loads(returned)]


def _line_of(stack: str) -> int:
    """Of the innermost of the author's own lines."""
    found = re.search(r"function\.js:(\d+):", stack)
    return int(found[1]) if found else 0


def _start_afresh() -> None:
    for pool in list(_pools):
        pool._after_fork()


os.register_at_fork(after_in_child=_start_afresh)
