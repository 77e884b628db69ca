"""So many requests a second and workspace (D37), counted in all processes together, and hardly ever there.

A process takes tokens for the current second from the shared cache in leases, the first one on credit: where
little comes in, the cache is never asked. The price is that several processes together may let through a few
more than the limit, one lease for each. Without a working cache each process keeps the limit by itself.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core.cache import caches

log = structlog.get_logger(__name__)

# The alias in settings.CACHES: it gives up soon.
CACHE = "rates"
_LEASES_PER_SECOND = 50
_KEPT_SECONDS = 5
# After a failure the cache is left alone for so long.
_PATIENCE_SECONDS = 5.0
_MOST_WORKSPACES = 10_000


@dataclass(slots=True)
class _Second:
    """What a process may still let through in one second, and what it owes to the shared count."""

    number: int
    left: int
    owed: int
    is_over: bool = False


class Rates:
    """Counts requests. `count` adds to the shared count of a key and returns the sum; it may raise anything."""

    def __init__(self, count: Callable[[str, int], int], clock: Callable[[], float] = time.time) -> None:
        self._count, self._clock = count, clock
        self._lock = threading.Lock()
        self._seconds: dict[int, _Second] = {}
        self._alone_until = 0.0

    def reset_of(self, workspace_id: int, limit: int) -> int:
        """0 when one more request is fine; otherwise when the next second begins, in seconds since 1970."""
        now = self._clock()
        lease = max(1, limit // _LEASES_PER_SECOND)
        while True:
            with self._lock:
                second = self._second(workspace_id, int(now), lease)
                if second.left > 0:
                    second.left -= 1
                    return 0
                if second.is_over:
                    return int(now) + 1
                owed, second.owed = second.owed, 0
            # The cache is asked without the lock: nobody else has to wait for it.
            granted, is_over = self._granted(f"tracking:{workspace_id}:{int(now)}", owed, lease, limit, now)
            with self._lock:
                second.left += granted
                second.is_over = second.is_over or is_over

    def _second(self, workspace_id: int, number: int, lease: int) -> _Second:
        known = self._seconds.get(workspace_id)
        if known is None or known.number != number:
            if len(self._seconds) >= _MOST_WORKSPACES:
                self._seconds.clear()
            known = self._seconds[workspace_id] = _Second(number, left=lease, owed=lease)
        return known

    def _granted(self, key: str, owed: int, lease: int, limit: int, now: float) -> tuple[int, bool]:
        """How many more requests are within the limit, and whether there will be no others in this second."""
        if now >= self._alone_until:
            try:
                before = self._count(key, owed + lease) - lease
            except Exception as error:  # whatever ails the cache, events are taken
                self._alone_until = now + _PATIENCE_SECONDS
                log.warning("rate_limit_alone", error=type(error).__name__)
            else:
                return max(0, min(lease, limit - before)), before + lease >= limit
        return limit - owed, True


def _count_in_cache(key: str, number: int) -> int:
    cache = caches[CACHE]
    cache.add(key, 0, timeout=_KEPT_SECONDS)
    return int(cache.incr(key, number))


_rates = Rates(_count_in_cache)


def wait_of(workspace_id: int) -> tuple[int, int] | None:
    """None when the workspace may make one more request, otherwise (seconds to wait, when they are over)."""
    limit = settings.TRACKING_REQUESTS_PER_SECOND
    reset = _rates.reset_of(workspace_id, limit) if limit > 0 else 0
    return (max(1, math.ceil(reset - time.time())), reset) if reset else None
