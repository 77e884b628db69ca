"""Business time as the admin has set it: office hours and zone from the settings, closed days as data."""

from datetime import UTC, date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from partners.models import ClosedDay
from runtime.business_time import BusinessCalendar, us_federal_calendar
from runtime.open_time import OpenTime
from runtime.waits import IN_WORDS

# For how many seconds a process keeps the running total, and how many days it holds on either side of today.
KEPT_SECONDS = 3_600
REACH = 200
_kept: dict[str, tuple[float, date, OpenTime]] = {}


def office_zone() -> ZoneInfo:
    return ZoneInfo(settings.OFFICE_TIME_ZONE)


def calendar() -> BusinessCalendar:
    """The calendar with today's closed days; one query."""
    closed = frozenset(ClosedDay.objects.values_list("day", flat=True))
    opens, closes = settings.OFFICE_HOURS
    return us_federal_calendar(office_zone(), closed, opens, closes)


def due_after(business_days: int, start: datetime | None = None) -> datetime:
    """The moment, in UTC, `business_days` after `start` (now): a date to promise instead of a number (S5, S28)."""
    return calendar().add_business_days(start or timezone.now(), business_days).astimezone(UTC)


def open_time() -> OpenTime:
    """The calendar as a running total around today, for shares of many waits; no query, but for one in an hour.

    A closed day that is entered meanwhile shows in shares within the hour; dates are promised by `calendar`.
    """
    today, name = timezone.now().date(), f"{settings.OFFICE_TIME_ZONE} {settings.OFFICE_HOURS}"
    made_at, day, total = _kept.get(name, (0.0, date.min, None))
    if total is None or day != today or monotonic() - made_at > KEPT_SECONDS:
        total = OpenTime(calendar(), today - timedelta(days=REACH), 2 * REACH)
        _kept[name] = monotonic(), today, total
    return total


def in_office_zone(moment: datetime) -> datetime:
    return moment.astimezone(office_zone())


def in_words(moment: datetime) -> str:
    """“Monday, 24 November 2025, 17:00 PST”, in the zone that `moment` carries."""
    return f"{moment:{IN_WORDS}}"
