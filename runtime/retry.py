"""When a delivery is tried again (D30): randomised and exponential, for up to four hours since the first try.

Pure: times and chance come from the caller. What is worth another try is said by `Outcome.is_retryable`.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

GIVE_UP_AFTER = timedelta(hours=4)
# Doubles with each try up to an hour: about eleven tries in four hours.
FIRST_GAP = timedelta(seconds=15)
LONGEST_GAP = timedelta(hours=1)
# How far chance moves a gap, down and up.
SPREAD = 0.5
# Of a whole destination that does not answer: soon at first, so that a restart costs it seconds.
FIRST_LANE_GAP = timedelta(seconds=1)
LONGEST_LANE_GAP = timedelta(minutes=10)

Chance = Callable[[], float]


def next_try(
    tries: int,
    first_tried_at: datetime,
    now: datetime,
    *,
    not_before: datetime | None = None,
    chance: Chance = random.random,
) -> datetime | None:
    """When to try again after `tries` failed ones (1 or more); None when four hours are over by then.

    `not_before` is what the endpoint asked for by Retry-After: it is never tried earlier.
    """
    at = now + _spread(_doubled(FIRST_GAP, tries, LONGEST_GAP), chance)
    if not_before is not None:
        at = max(at, not_before)
    return at if at <= first_tried_at + GIVE_UP_AFTER else None


def lane_gap(failures: int, chance: Chance = random.random) -> timedelta:
    """How long a destination is left alone after `failures` (1 or more) in a row that others would share."""
    return _spread(_doubled(FIRST_LANE_GAP, failures, LONGEST_LANE_GAP), chance)


def retry_after(value: str, now: datetime) -> datetime | None:
    """The time that a Retry-After header names, in seconds or as an HTTP date; None where it says nothing.

    Whatever it says, no later than a day from now: nothing is kept longer than four hours anyway.
    """
    latest = now + timedelta(days=1)
    text = value.strip()
    if text.isascii() and text.isdigit():
        return now + timedelta(seconds=int(text)) if len(text) < 6 and int(text) < 86_400 else latest
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(at, latest) if at > now else None


def _doubled(first: timedelta, number: int, longest: timedelta) -> timedelta:
    return min(first * 2 ** min(number - 1, 20), longest)


def _spread(gap: timedelta, chance: Chance) -> timedelta:
    return gap * (1 - SPREAD + 2 * SPREAD * chance())
