"""The numbers of the delivery view (D32), read from the tallies: totals, time end to end, trend, errors grouped.

Two queries whatever the traffic, because tallies are kept by five minutes and summed by the database.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import Case, IntegerField, Sum, Value, When
from django.utils import timezone

from delivery.counting import WINDOW, upper_ms, window_of
from delivery.models import Tally
from delivery.states import Stage
from runtime.error_codes import ErrorWords, explain
from workspaces.models import Destination

P95 = 0.95
SOURCE_STAGES = frozenset({Stage.RECEIVED, Stage.REFUSED, Stage.DUPLICATE})


@dataclass(frozen=True, slots=True)
class Period:
    """A choice of how far to look back, and how wide a column of the trend is."""

    name: str
    label: str
    span: timedelta
    step: timedelta


PERIODS = {
    period.name: period
    for period in (
        Period("10m", "10 minutes", timedelta(minutes=10), WINDOW),
        Period("1h", "1 hour", timedelta(hours=1), WINDOW),
        Period("24h", "24 hours", timedelta(hours=24), timedelta(hours=1)),
        Period("7d", "7 days", timedelta(days=7), timedelta(hours=6)),
        Period("14d", "2 weeks", timedelta(days=14), timedelta(hours=12)),
    )
}
USUAL = PERIODS["24h"]


@dataclass(frozen=True, slots=True)
class Step:
    """One column of the trend. `p95_ms` is None where nothing was delivered."""

    start: datetime
    end: datetime
    delivered: int
    failed: int
    retried: int
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Problem:
    """All events with one error code: how many were given up, how many times it was tried again."""

    words: ErrorWords
    failed: int
    retried: int

    @property
    def code(self) -> str:
        return self.words.code


@dataclass(frozen=True, slots=True)
class Numbers:
    """What happened between `since` and `until` (D32). `totals` by stage; `reasons` by stage and code."""

    period: Period
    since: datetime
    until: datetime
    steps: list[Step]
    totals: Mapping[str, int]
    reasons: Mapping[str, Mapping[str, int]]
    p95_ms: float | None

    @property
    def delivered(self) -> int:
        return self.totals.get(Stage.DELIVERED, 0)

    @property
    def failed(self) -> int:
        return self.totals.get(Stage.FAILED, 0)

    @property
    def share(self) -> float | None:
        """Delivered among those with an end, in per cent; None without any."""
        ended = self.delivered + self.failed
        return 100 * self.delivered / ended if ended else None

    @property
    def is_long(self) -> bool:
        """Whether a time of day needs its date."""
        return self.period.span > USUAL.span

    @property
    def is_empty(self) -> bool:
        return not any(self.totals.values())

    @property
    def problems(self) -> list[Problem]:
        """Most given-up events first."""
        failed, retried = self.reasons.get(Stage.FAILED, {}), self.reasons.get(Stage.RETRIED, {})
        found = [Problem(explain(code), failed.get(code, 0), retried.get(code, 0)) for code in {*failed, *retried}]
        return sorted(found, key=lambda each: (-each.failed, -each.retried, each.code))


def period_of(name: str) -> Period:
    """The period of a query string; the usual one for a name that is none."""
    return PERIODS.get(name, USUAL)


def read(destination: Destination, period: Period, now: datetime | None = None) -> Numbers:
    """Everything about `destination` in the period that ends with the five minutes of `now`."""
    until = window_of(now or timezone.now()) + WINDOW
    since = until - period.span
    rows = _rows(destination, period, since, until)
    totals: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        totals[row["stage"]] += row["number"]
        if row["code"]:
            reasons[row["stage"]][row["code"]] += row["number"]
    delivered = [row for row in rows if row["stage"] == Stage.DELIVERED]
    return Numbers(period, since, until, _steps(rows, period, since), totals, reasons, _p95(delivered))


def _rows(destination: Destination, period: Period, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Sums by place in the trend, stage, code and class of time; those of the source as far as they are about it."""
    starts = [since + number * period.step for number in range(_places(period))]
    place = Case(
        *(When(at__lt=start + period.step, then=Value(number)) for number, start in enumerate(starts)),
        output_field=IntegerField(),
    )
    tallies = Tally.objects.filter(
        source_id=destination.source_id, destination_number__in=[0, destination.pk], at__gte=since, at__lt=until
    )
    sums = tallies.values("destination_number", "stage", "code", "bucket", place=place).annotate(number=Sum("count"))
    rows: Iterable[Any] = sums.order_by()
    return [row for row in rows if (row["stage"] in SOURCE_STAGES) == (row["destination_number"] == 0)]


def _places(period: Period) -> int:
    return ceil(period.span / period.step)


def _steps(rows: Iterable[Mapping[str, Any]], period: Period, since: datetime) -> list[Step]:
    by_place: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_place[row["place"]].append(row)
    return [_step(by_place[number], since + number * period.step, period.step) for number in range(_places(period))]


def _step(rows: list[Mapping[str, Any]], start: datetime, width: timedelta) -> Step:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["stage"]] += row["number"]
    p95 = _p95([row for row in rows if row["stage"] == Stage.DELIVERED])
    return Step(start, start + width, counts[Stage.DELIVERED], counts[Stage.FAILED], counts[Stage.RETRIED], p95)


def _p95(delivered: Iterable[Mapping[str, Any]]) -> float | None:
    """The time that 95 % of the events took at most, to the class it was counted in."""
    classes: Counter[int] = Counter()
    for row in delivered:
        classes[row["bucket"]] += row["number"]
    wanted, reached = P95 * classes.total(), 0
    for bucket in sorted(classes):
        reached += classes[bucket]
        if reached >= wanted:
            return upper_ms(bucket)
    return None
