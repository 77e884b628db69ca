"""Sending what is due: claim a batch fairly, hand it to threads by destination, settle the results in batches.

    the database's thread:  claim -> hand out -> ... -> collect -> settle, extend leases, claim again
    the other threads:      send one destination's events after another (delivery/sending.py)

The rows are the truth (`due_at`, `lease_until`); wake-ups only say when to look. Any number of processes on any number
of machines may drain at the same time. A process that is killed loses its leases: what it had in flight goes out again
under the same `webhook-id`.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple

import structlog
from django.db import DatabaseError, close_old_connections

from delivery import claiming, lanes
from delivery.claiming import Job, Waiting
from delivery.sending import INVALID_SETTINGS, Answer, Done, Group, Reach, work_on
from delivery.settling import drop, settle
from delivery.states import DeliveryKind, DeliveryState
from delivery.targets import targets_of
from runtime.egress import KeptLine

log = structlog.get_logger(__name__)

THREADS = 16
# Threads that destinations may have at most which failed last time, or which are slow.
SUSPECT_THREADS = THREADS // 2
# How many groups of one destination may be on their way, and how many events are in one.
GROUPS_EACH, GROUP_SIZE = 4, 25
# A destination that took longer than this for an event last time, and one that answers so soon that threads would
# only wait for each other: it gets a single one.
SLOW_SECONDS, FAST_SECONDS = 0.5, 0.01
# How long a result waits at most before it is stored, and how many are stored at once.
SETTLE_SECONDS, SETTLE_ROWS = 0.05, 100
# How soon to look for results: at once under load, more seldom while nothing comes.
TICK_SECONDS, LONGEST_TICK_SECONDS = 0.004, 0.03
# When nothing was due, how soon to look again while something is still on its way.
LOOK_SECONDS = 0.1
# How long settings and endpoints are used before they are read again.
FRESH_SECONDS = 1.0


def drain(seconds: float, *, on_time_up: Callable[[], None] = lambda: None) -> int:
    """Send what is due until nothing is, for about `seconds`; how many tries were made.

    What is under way when the time is up is waited for: at most as long as one try may take. `on_time_up` is called
    before that, so that somebody else may go on meanwhile.
    """
    return Engine(seconds, on_time_up).run()


class _Ready(NamedTuple):
    reach: Reach
    read_at: float


class Engine:
    """One drain. Its methods run in the thread that calls `run`; only `work_on` runs elsewhere."""

    def __init__(self, seconds: float, on_time_up: Callable[[], None]) -> None:
        self._ends = time.monotonic() + seconds
        self._on_time_up: Callable[[], None] | None = on_time_up
        self._results: SimpleQueue[Answer | Done] = SimpleQueue()
        self._groups: set[Group] = set()
        self._answers: list[Answer] = []
        self._ready: dict[int, _Ready] = {}
        self._lines: defaultdict[int, list[KeptLine]] = defaultdict(list)
        self._slow: set[int] = set()
        self._fast: set[int] = set()
        self._failing: set[int] = set()
        self._after = 0
        self._settled_at = self._extended_at = time.monotonic()
        self._look_at, self._tick = 0.0, TICK_SECONDS
        self._is_dry = False
        self.tries = 0

    def run(self) -> int:
        try:
            with ThreadPoolExecutor(THREADS, thread_name_prefix="delivery") as threads:
                try:
                    while self._turn(threads):
                        pass
                finally:
                    self._ends = 0.0  # whatever happened here, the threads begin nothing more
        except DatabaseError:
            self._store_what_is_known()
            raise
        for line in [line for lines in self._lines.values() for line in lines]:
            line.close()
        return self.tries

    def is_over(self) -> bool:
        return time.monotonic() >= self._ends

    def _store_what_is_known(self) -> None:
        """Once more, on a new connection: what was taken must not go out again because a database was away."""
        close_old_connections()
        while not self._results.empty():
            result = self._results.get_nowait()
            if isinstance(result, Answer):
                self._answers.append(result)
        self._settle()

    def _turn(self, threads: ThreadPoolExecutor) -> bool:
        """False when there is nothing left to do."""
        if self.is_over():
            self._say_time_is_up()
        elif time.monotonic() >= self._look_at:
            self._hand_out(self._claim(), threads)
        self._collect()
        self._settle_if_time()
        self._extend_if_time()
        if self._groups:
            return True
        self._settle()
        if self.is_over():
            self._say_time_is_up()
        return not (self._is_dry or self.is_over())

    def _say_time_is_up(self) -> None:
        if self._on_time_up is not None:
            say, self._on_time_up = self._on_time_up, None
            say()

    # --- Claiming ------------------------------------------------------------------------------------------

    def _claim(self) -> list[Job]:
        jobs = claiming.claim_tests()
        if len(self._groups) < THREADS:
            found = self._find_waiting()
            jobs += claiming.claim(claiming.shares(found, claiming.BATCH, self._slow))
            self._failing = {one.destination_id for one in found if one.failures}
        self._is_dry = not jobs
        self._look_at = time.monotonic() + LOOK_SECONDS if self._is_dry else 0.0
        return jobs

    def _find_waiting(self) -> list[Waiting]:
        """The next destinations whose turn it is. Each look goes on where the last one ended."""
        busy, started = self._busy(), self._after
        found, self._after = claiming.waiting(self._after, busy)
        while not found and self._after:
            found, self._after = claiming.waiting(self._after, busy)
        if not found and started:
            found, self._after = claiming.waiting(0, busy)
        return self._without_too_many_suspects(found)

    def _busy(self) -> set[int]:
        """Destinations that have as much on the way as they may."""
        number = Counter(group.destination_id for group in self._groups)
        suspect = {group.destination_id for group in self._groups if group.is_suspect}
        return suspect | {pk for pk, groups in number.items() if pk in self._fast or groups >= GROUPS_EACH}

    def _without_too_many_suspects(self, found: Sequence[Waiting]) -> list[Waiting]:
        room = SUSPECT_THREADS - sum(group.is_suspect for group in self._groups)
        kept = []
        for one in found:
            if one.failures or one.destination_id in self._slow:
                if room <= 0 or (one.failures and not claiming.begin_probe(one.destination_id)):
                    continue
                room -= 1
            kept.append(one)
        return kept

    # --- Handing out ---------------------------------------------------------------------------------------

    def _hand_out(self, jobs: Sequence[Job], threads: ThreadPoolExecutor) -> None:
        by_destination: dict[int, list[Job]] = defaultdict(list)
        for job in jobs:
            by_destination[job.destination_id].append(job)
        self._make_ready(by_destination)
        for pk, mine in by_destination.items():
            ready = self._ready.get(pk)
            if ready is None:
                drop(mine, DeliveryState.CANCELLED)
                continue
            self._start(ready.reach, self._worth_trying(ready.reach, mine), threads)

    def _start(self, reach: Reach, jobs: Sequence[Job], threads: ThreadPoolExecutor) -> None:
        pk = reach.target.destination_id
        is_suspect = pk in self._failing or pk in self._slow
        held_until = time.monotonic() + claiming.lease().total_seconds()
        # A slow one has a single thread, whatever it was given.
        size = max(GROUP_SIZE, len(jobs)) if is_suspect or pk in self._fast else GROUP_SIZE
        for start in range(0, len(jobs), size):
            lines = self._lines[pk]
            line = lines.pop() if lines else KeptLine()
            group = Group(reach, list(jobs[start : start + size]), line, held_until, is_suspect)
            self._groups.add(group)
            threads.submit(work_on, group, self._results.put, self.is_over)

    def _make_ready(self, by_destination: dict[int, list[Job]]) -> None:
        """Read the targets that are not fresh; for the Event Tester, all: somebody may have just saved."""
        now = time.monotonic()
        stale = [
            pk
            for pk, jobs in by_destination.items()
            if (ready := self._ready.get(pk)) is None
            or now - ready.read_at > FRESH_SECONDS
            or any(job.kind == DeliveryKind.TEST for job in jobs)
        ]
        found = targets_of(stale) if stale else {}
        for pk in stale:
            known = self._ready.pop(pk, None)
            if pk in found:
                is_same = known is not None and known.reach.target == found[pk]
                self._ready[pk] = _Ready(known.reach if known and is_same else Reach(found[pk]), now)

    def _worth_trying(self, reach: Reach, jobs: Sequence[Job]) -> list[Job]:
        """Without those that are not to be sent any more; these are settled at once."""
        target = reach.target
        lost = [job for job in jobs if job.lost > claiming.MAX_LOST]
        if lost:
            log.error("deliveries_given_up", destination=target.destination_id, number=len(lost))
            drop(lost, DeliveryState.FAILED, INVALID_SETTINGS, target.source_id)
        left = [job for job in jobs if job.lost <= claiming.MAX_LOST]
        off = [job for job in left if not target.takes_events and job.kind != DeliveryKind.TEST]
        if off:
            drop(off, DeliveryState.CANCELLED)
        return [job for job in left if target.takes_events or job.kind == DeliveryKind.TEST]

    # --- Results -------------------------------------------------------------------------------------------

    def _collect(self) -> None:
        """Take what the threads have put. Many at once: to be woken for each would cost more than the results do."""
        if self._groups:
            time.sleep(self._tick)
        before = self.tries, len(self._groups)
        with suppress(Empty):
            while True:
                self._note(self._results.get_nowait())
        is_quiet = before == (self.tries, len(self._groups))
        self._tick = min(2 * self._tick, LONGEST_TICK_SECONDS) if is_quiet else TICK_SECONDS

    def _note(self, result: Answer | Done) -> None:
        if isinstance(result, Answer):
            self._answers.append(result)
            self.tries += 1
            return
        group = result.group
        self._groups.discard(group)
        self._lines[group.destination_id].append(group.line)
        tried = len(group.jobs) - len(result.unsent)
        is_slow = group.took > SLOW_SECONDS * max(1, tried)
        is_fast = group.took < FAST_SECONDS * tried
        (self._slow.add if is_slow else self._slow.discard)(group.destination_id)
        (self._fast.add if is_fast else self._fast.discard)(group.destination_id)
        self._look_at, self._is_dry = 0.0, False  # a thread is free
        # The reason why the rest was not sent has to be known before anybody claims it again.
        if result.unsent or result.wait:
            self._settle()
        if result.wait:
            lanes.leave_alone(group.destination_id, result.wait)
        if result.unsent:
            claiming.release(result.unsent)

    def _settle_if_time(self) -> None:
        if len(self._answers) >= SETTLE_ROWS or time.monotonic() - self._settled_at >= SETTLE_SECONDS:
            self._settle()

    def _settle(self) -> None:
        self._settled_at = time.monotonic()
        if self._answers:
            settle(self._answers)
            self._answers = []

    def _extend_if_time(self) -> None:
        """Long before the leases end, so that only a process that hangs or is gone loses them."""
        now, lease = time.monotonic(), claiming.lease().total_seconds()
        if now - self._extended_at < lease / 4:
            return
        self._extended_at = now
        # After a long stop somebody else may have taken over: then the group's thread begins nothing more.
        groups = [group for group in self._groups if now < group.held_until]
        if groups:
            claiming.extend([job for group in groups for job in group.jobs])
        for group in groups:
            group.held_until = now + lease
