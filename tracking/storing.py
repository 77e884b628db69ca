"""Handing events to the store, on a connection that is not asked beforehand whether it still works."""

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, InternalError, OperationalError, connection

# The database is away, restarting, full or read-only: the same request will do later.
UNAVAILABLE = (OperationalError, InterfaceError, InternalError)
Result = TypeVar("Result")


def steadily(work: Callable[[], Result]) -> Result:
    """The result of `work`, which is tried once more when the connection turns out to have died in the meantime.

    Asking first would cost every request a round trip. Doing it twice stores nothing twice: the events carry
    their messageIds. Raises one of UNAVAILABLE.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs do not know it
    was_connected = connection.connection is not None
    try:
        return work()
    except UNAVAILABLE:
        if connection.in_atomic_block or not was_connected:
            raise
        connection.close_if_unusable_or_obsolete()
        if connection.connection is not None:
            raise
        return work()
