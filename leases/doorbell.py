"""Wake-ups for workers: told after the commit, never waited for.

A wake-up only says that rows are due; losing one costs the time until the next sweep. So it is published
by a thread of its own: a request that queued a mail is as quick and as safe with a dead broker, a slow
one or none. Wake-ups for the same task that come while the broker is busy become one.
"""

import os
import threading
import time
from collections.abc import Callable
from functools import partial

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

# A wake-up that no worker took by then is old news: a sweep has been there.
EXPIRES_SECONDS = 30
# While the broker is away, no more than this is remembered.
MOST_WAITING = 1_000


# What happens hundreds of times a second rings no more often than this.
BUSY_REST_SECONDS = 0.1


def ring(task: str, *args: str) -> None:
    """Once the current transaction is committed, ask a worker to run the task of that name."""
    transaction.on_commit(partial(_bell.ring, task, *args))


def ring_busily(task: str, *args: str) -> None:
    """As `ring`, for what comes in streams: the first wake-up goes at once, those close behind it become one."""
    transaction.on_commit(partial(_busy_bell.ring, task, *args))


def _publish(task: str, *args: str) -> None:
    current_app.send_task(task, args=args, expires=EXPIRES_SECONDS, ignore_result=True, retry=False)


class Doorbell:
    """Calls `publish(task, *args)` from a daemon thread; never raises, never blocks.

    After that it rests for `rest` seconds; what rings meanwhile is published once.
    """

    def __init__(self, publish: Callable[..., object] = _publish, *, rest: float = 0) -> None:
        self._publish, self._rest = publish, rest
        self._reset()

    def _reset(self) -> None:
        """A child process has neither the thread nor a usable lock of its parent."""
        self._waiting: dict[tuple[str, ...], None] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ring(self, task: str, *args: str) -> None:
        with self._changed:
            if len(self._waiting) < MOST_WAITING:
                self._waiting[task, *args] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                calls = list(self._waiting)
                self._waiting.clear()
            for call in calls:
                self._try(*call)
            if self._rest:
                time.sleep(self._rest)

    def _try(self, task: str, *args: str) -> None:
        try:
            self._publish(task, *args)
        except Exception as error:  # whatever the broker has, the sweep finds the rows
            log.warning("wakeup_lost", task=task, error=type(error).__name__)


_bell, _busy_bell = Doorbell(), Doorbell(rest=BUSY_REST_SECONDS)
os.register_at_fork(after_in_child=_bell._reset)
os.register_at_fork(after_in_child=_busy_bell._reset)
