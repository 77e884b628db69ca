"""A Celery worker that hears nothing any more starts itself anew (SECURITY F7).

After its connection to Redis was reset, a worker can live on without ever taking a task again; nothing crashes, so
nobody restarts it. The watchdog is a thread in the worker's main process. It asks Redis by a connection of its own:
while tasks wait in a queue that this worker serves, none comes in, and a place is free, the worker is deaf. The new
start happens in place (same process id), so that it works under any supervisor. What was under way is lost with its
process and found again by its lease.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import billiard
import redis
import structlog
from celery import signals
from celery.worker import state
from django.conf import settings

log = structlog.get_logger(__name__)

LOOKS_EVERY_SECONDS = 5.0


class Silence:
    """How long a worker has heard nothing although there was something to hear."""

    def __init__(self, limit_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit_seconds, clock
        self._since = clock()

    def broken(self) -> None:
        """A task came in, or there is a good reason that none did."""
        self._since = self._clock()

    @property
    def is_too_long(self) -> bool:
        return self._clock() - self._since > self._limit


def look(silence: Silence, *, waiting: Callable[[], int], is_busy: Callable[[], bool]) -> bool:
    """One look; True when the worker is deaf. A broker that cannot be asked is Celery's own matter."""
    try:
        nothing_to_hear = waiting() == 0
    except redis.RedisError:
        nothing_to_hear = True
    if nothing_to_hear or is_busy():
        silence.broken()
    return silence.is_too_long


def start_anew() -> None:
    """Replace this process by a new one with the same arguments, without its children."""
    for child in billiard.active_children():
        os.kill(child.pid, signal.SIGKILL)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  the very command that runs now


def watch(consumer: Any) -> None:
    """Look after the worker of `consumer` from now on, until its process ends."""
    silence = Silence(settings.WORKER_SILENCE_SECONDS)
    signals.task_received.connect(lambda **_: silence.broken(), weak=False)
    server = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2)
    queues = [queue.name for queue in consumer.task_consumer.queues]
    places = consumer.pool.limit or 1

    def run() -> None:
        while not look(
            silence,
            waiting=lambda: sum(int(server.llen(queue)) for queue in queues),
            is_busy=lambda: len(state.active_requests) >= places,
        ):
            time.sleep(LOOKS_EVERY_SECONDS)
        log.error("worker_deaf", queues=queues, heard_nothing_for=settings.WORKER_SILENCE_SECONDS)
        start_anew()

    threading.Thread(target=run, name="watchdog", daemon=True).start()


@signals.worker_ready.connect
def _watch_once_ready(sender: Any, **_: Any) -> None:
    if settings.REDIS_URL and settings.WORKER_SILENCE_SECONDS > 0:
        watch(sender)
