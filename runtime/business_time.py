"""Due dates on a business clock: working days, open hours, holidays, in one time zone.

Every time that goes in or comes out is an aware datetime. Hours are elapsed hours, counted in UTC, so a
change to summer time neither adds nor loses one within a working day.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

_ONE_DAY = timedelta(days=1)
# A calendar without a single working day in this span is a mistake, not a long holiday.
_MAX_CLOSED_DAYS = 400
_SATURDAY = 5


@dataclass(frozen=True)
class BusinessCalendar:
    """Monday to Friday from `open_hour` to `close_hour` (24-hour clock, local time) but for `holidays`."""

    zone: ZoneInfo
    open_hour: int = 9
    close_hour: int = 17
    holidays: Container[date] = field(default=frozenset[date]())

    def __post_init__(self) -> None:
        if not 0 <= self.open_hour < self.close_hour <= 24:
            raise ValueError("open_hour must lie before close_hour, both between 0 and 24")

    def is_business_day(self, day: date) -> bool:
        """Whether any hour of this local day is a business hour."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def is_open(self, at: datetime) -> bool:
        """Whether `at` is within business hours; the closing minute itself is not."""
        moment = _aware(at).astimezone(UTC)
        day = moment.astimezone(self.zone).date()
        opens, closes = self.hours(day)
        return self.is_business_day(day) and opens <= moment < closes

    def add_business_days(self, start: datetime, days: int) -> datetime:
        """When something that arrives at `start` is due, `days` business days later.

        It counts from the next open moment: Saturday's request starts on Monday at opening time. The
        result is a local time within business hours (or their end). `days` is 0 or more.
        """
        if days < 0:
            raise ValueError("days must be 0 or more")
        begin = self.next_open(start)
        day = begin.date()
        for _ in range(days):
            day = self._next_business_day(day + _ONE_DAY)
        return datetime.combine(day, begin.timetz().replace(tzinfo=self.zone)).astimezone(UTC).astimezone(self.zone)

    def add_business_hours(self, start: datetime, hours: float) -> datetime:
        """The local moment at which `hours` (0 or more) of open time have passed since `start`."""
        if hours < 0:
            raise ValueError("hours must be 0 or more")
        left, moment = timedelta(hours=hours), self.next_open(start)
        while True:
            closes = self.hours(moment.date())[1]
            room = closes.astimezone(UTC) - moment.astimezone(UTC)
            if left <= room:
                return (moment.astimezone(UTC) + left).astimezone(self.zone)
            left, moment = left - room, self.next_open(closes)

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when open, otherwise the next opening, in local time."""
        moment = _aware(at).astimezone(UTC)
        if self.is_open(moment):
            return moment.astimezone(self.zone)
        day = moment.astimezone(self.zone).date()
        if moment >= self.hours(day)[0].astimezone(UTC):
            day += _ONE_DAY
        return self.hours(self._next_business_day(day))[0]

    def business_hours_between(self, a: datetime, b: datetime) -> float:
        """Open hours from `a` to `b`, negative when `b` lies before `a`."""
        if _aware(b) < _aware(a):
            return -self.business_hours_between(b, a)
        open_time = sum((self._overlap(day, a, b) for day in self._days(a, b)), timedelta())
        return open_time / timedelta(hours=1)

    def business_days_between(self, a: datetime, b: datetime) -> int:
        """Business days from the day on which `a` counts to that of `b`; negative when `b` lies before.

        It undoes `add_business_days`: from a start to its due date are as many days as were added.
        """
        if _aware(b) < _aware(a):
            return -self.business_days_between(b, a)
        day, last = self.next_open(a).date() + _ONE_DAY, self.next_open(b).date()
        number = 0
        while day <= last:
            number += self.is_business_day(day)
            day += _ONE_DAY
        return number

    def used_share(self, start: datetime, due: datetime, now: datetime) -> float:
        """How much of the open time from `start` to `due` has passed at `now`: 0 to 1, never falling.

        Nights and closed days use nothing of it. A span without open time is used up once `due` has come.
        """
        if _aware(now) >= due:
            return 1.0
        total = self.business_hours_between(start, due)
        if total <= 0 or now <= start:
            return 0.0
        return min(self.business_hours_between(start, now) / total, 1.0)

    def _overlap(self, day: date, a: datetime, b: datetime) -> timedelta:
        if not self.is_business_day(day):
            return timedelta()
        opens, closes = (moment.astimezone(UTC) for moment in self.hours(day))
        return max(min(closes, b.astimezone(UTC)) - max(opens, a.astimezone(UTC)), timedelta())

    def _days(self, a: datetime, b: datetime) -> Iterator[date]:
        day, last = a.astimezone(self.zone).date(), b.astimezone(self.zone).date()
        while day <= last:
            yield day
            day += _ONE_DAY

    def hours(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing on a day, were it a business day, in local time.

        Compare them with UTC times only: Python compares two times of one zone by their clock faces.
        """
        midnight = datetime.combine(day, time(), self.zone)
        return midnight + timedelta(hours=self.open_hour), midnight + timedelta(hours=self.close_hour)

    def _next_business_day(self, day: date) -> date:
        for _ in range(_MAX_CLOSED_DAYS):
            if self.is_business_day(day):
                return day
            day += _ONE_DAY
        raise ValueError(f"no business day within {_MAX_CLOSED_DAYS} days: check the closed days")


class _Closed:
    """US federal holidays on the days they are observed, and further days."""

    def __init__(self, extra: Container[date]) -> None:
        self._extra = extra
        self._federal = holidays.country_holidays("US", categories=("public",))

    def __contains__(self, day: object) -> bool:
        return day in self._federal or day in self._extra


_FEDERAL = holidays.country_holidays("US", categories=("public",))


def federal_holiday(day: date) -> str:
    """The name of the US federal holiday that is observed on a day, or ""."""
    return str(_FEDERAL.get(day, ""))


def us_federal_calendar(
    zone: ZoneInfo, extra_closed: Container[date] = frozenset(), open_hour: int = 9, close_hour: int = 17
) -> BusinessCalendar:
    """The business time of PRODUCT's decisions, with further closed days from the caller."""
    return BusinessCalendar(zone, open_hour, close_hour, _Closed(extra_closed))


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("business time needs an aware datetime")
    return at
