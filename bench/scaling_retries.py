"""What an outage of one endpoint costs in tries: simulated with the product's own times (runtime.retry)."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from runtime.retry import lane_gap, next_try

START = datetime(2026, 1, 1, tzinfo=UTC)
LENGTHS = {"10 minutes": timedelta(minutes=10), "1 hour": timedelta(hours=1), "6 hours": timedelta(hours=6)}
SAMPLE = 2_000


def outages(per_second: int, seed: int = 1) -> Iterator[tuple[str, float, float]]:
    """(length, tries with a lane, tries if every delivery were tried for itself) at so many events per second."""
    for name, length in LENGTHS.items():
        chance = random.Random(seed)
        yield name, _with_lane(length, chance), _each_alone(length, per_second, chance)


def _with_lane(length: timedelta, chance: random.Random) -> float:
    """One try, and the lane is shut until the next."""
    at, tries = START, 0
    while at < START + length:
        tries += 1
        at += lane_gap(tries, chance.random)
    return float(tries)


def _each_alone(length: timedelta, per_second: int, chance: random.Random) -> float:
    """Failed tries of events that come evenly during the outage, each with its own times."""
    failed = sum(_failed_tries(START + length * (number / SAMPLE), START + length, chance) for number in range(SAMPLE))
    return failed / SAMPLE * per_second * length.total_seconds()


def _failed_tries(first: datetime, end: datetime, chance: random.Random) -> int:
    tries, at = 0, first
    while at is not None and at < end:
        tries += 1
        following = next_try(tries, first, at, chance=chance.random)
        if following is None:
            break
        at = following
    return tries
