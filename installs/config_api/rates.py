"""So many requests a minute and install (D46), counted in all processes together."""

import math
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.cache import caches

log = structlog.get_logger(__name__)

# The alias in settings.CACHES: it gives up soon.
CACHE = "rates"
_MINUTE = 60
# After a failure the cache is left alone for so long, so that not every request waits for it.
_PATIENCE_SECONDS = 5.0


class Rates:
    """Counts requests by the minute. `count` adds one to a shared count and returns the sum; it may raise anything.

    Without a working cache nothing is refused: the limit protects the rest of the product, not the single answer.
    """

    def __init__(self, count: Callable[[str], int], clock: Callable[[], float] = time.time) -> None:
        self._count, self._clock = count, clock
        self._open_until = 0.0

    def wait_of(self, install_id: int, limit: int) -> int:
        """0 when one more request is fine, otherwise the seconds until the next minute."""
        now = self._clock()
        if limit <= 0 or now < self._open_until:
            return 0
        minute = int(now // _MINUTE)
        try:
            made = self._count(f"config-api:{install_id}:{minute}")
        except Exception as error:  # whatever ails the cache, partners go on working
            self._open_until = now + _PATIENCE_SECONDS
            log.warning("config_api_rates_unknown", error=type(error).__name__)
            return 0
        return max(1, math.ceil((minute + 1) * _MINUTE - now)) if made > limit else 0


def _count_in_cache(key: str) -> int:
    cache = caches[CACHE]
    cache.add(key, 0, timeout=2 * _MINUTE)
    return int(cache.incr(key))


_rates = Rates(_count_in_cache)


def wait_of(install_id: int) -> int:
    """0 when this install may make one more request, otherwise the seconds to wait."""
    return _rates.wait_of(install_id, settings.CONFIG_API_REQUESTS_PER_MINUTE)
