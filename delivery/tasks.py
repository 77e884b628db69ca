"""Celery tasks: thin; load, call a verb, log."""

import threading
import time

from celery import shared_task

from delivery import claiming, engine, regulating, replaying, story
from delivery.dispatch import DRAIN, dispatch
from delivery.ingest import SWEEP
from leases.doorbell import ring

# A flood of events lets mails and clocks have their turn after this long.
DISPATCH_SECONDS = 10.0
EVENTS_AT_ONCE = 1000
# One drain leaves the worker free for other calls after this long, and what it has on its way.
DRAIN_SECONDS = 20.0
REPLAY_SECONDS = 2.0
REGULATION_SECONDS = 60.0


@shared_task
def sweep_events() -> None:
    """The wake-up and the beat: dispatch what waits, whatever wake-up was lost."""
    until = time.monotonic() + DISPATCH_SECONDS
    while dispatch(EVENTS_AT_ONCE) == EVENTS_AT_ONCE:
        if time.monotonic() > until:
            ring(SWEEP)
            return


@shared_task
def sweep_deliveries() -> None:
    """The beat: wake whoever delivers if anything is due, whatever wake-up was lost."""
    if replaying.is_due() or claiming.is_anything_due():
        ring(DRAIN)


@shared_task
def drain() -> None:
    """The wake-up: deliver what is due, for a while.

    One that claims is enough in a process: it has threads of its own. When its time is up, another one may begin
    while it waits for what is still on its way.
    """
    turn = _Turn()
    if not turn.take():
        return
    try:
        replaying.advance(REPLAY_SECONDS)
        engine.drain(DRAIN_SECONDS, on_time_up=turn.pass_on)
    finally:
        turn.give_back()
    # What a wake-up brought while there was no turn for it.
    sweep_deliveries()


class _Turn:
    """The right to claim deliveries in this process."""

    _lock = threading.Lock()

    def __init__(self) -> None:
        self._is_mine = False

    def take(self) -> bool:
        self._is_mine = self._lock.acquire(blocking=False)
        return self._is_mine

    def give_back(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._lock.release()

    def pass_on(self) -> None:
        self.give_back()
        ring(DRAIN)


@shared_task
def play_stories() -> None:
    """Play the next second of every week of Ada, and come back for the one after it."""
    if story.play():
        play_stories.apply_async(countdown=1, expires=30)


@shared_task
def work_on_regulations() -> None:
    """The wake-up and the beat: erase and tell, for a while."""
    regulating.work(REGULATION_SECONDS)
