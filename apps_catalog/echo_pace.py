"""Brakes of the built-in endpoint: how many requests a minute, and how many slow answers at once.

A slow answer holds a thread of the web server. So there are few of them: two for each App, wherever its
requests arrive, and two in each process, whatever Apps they belong to; half of its threads stay free.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

from apps_catalog.models import EchoInbox

PER_MINUTE = 300
SLOW_PER_APP = 2
SLOW_PER_PROCESS = 2
_SLACK_SECONDS = 5  # how much longer than its pause a slot lives, should its process die
_in_this_process = threading.BoundedSemaphore(SLOW_PER_PROCESS)


def is_too_fast(inbox: EchoInbox) -> bool:
    """A soft brake: without a working cache there is none."""
    key = f"echo:{inbox.pk}"
    try:
        cache.add(key, 0, timeout=60)
        return cache.incr(key) > PER_MINUTE
    except (RedisError, ValueError):  # ValueError: the minute ended between the two calls
        return False


@contextmanager
def slow_turn(inbox: EchoInbox, seconds: int) -> Iterator[bool]:
    """Hold one of the places for a slow answer; False when all are taken. Without a pause there is nothing to hold."""
    if not seconds:
        yield True
    elif not _in_this_process.acquire(blocking=False):
        yield False
    else:
        slot = _take_slot(inbox, seconds)
        try:
            yield slot is not None
        finally:
            _in_this_process.release()
            _give_back(slot)


def let_go_of_database() -> None:
    """Give the connection back before a pause: nobody else should wait for it."""
    if not connection.in_atomic_block:
        connection.close()


def _take_slot(inbox: EchoInbox, seconds: int) -> str | None:
    """The key of a free place; "" without a working cache, when only the process's own limit counts."""
    keys = [f"echo-slow:{inbox.pk}:{number}" for number in range(SLOW_PER_APP)]
    try:
        return next((key for key in keys if cache.add(key, 1, timeout=seconds + _SLACK_SECONDS)), None)
    except RedisError:
        return ""


def _give_back(slot: str | None) -> None:
    if not slot:
        return
    try:
        cache.delete(slot)
    except RedisError:
        return
