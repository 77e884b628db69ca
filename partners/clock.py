"""Business time as the admin has set it: office hours and zone from the settings, closed days as data."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from partners.models import ClosedDay
from runtime.business_time import BusinessCalendar, us_federal_calendar
from runtime.waits import IN_WORDS


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


def in_office_zone(moment: datetime) -> datetime:
    return moment.astimezone(office_zone())


def in_words(moment: datetime) -> str:
    """“Monday, 24 November 2025, 17:00 PST”, in the zone that `moment` carries."""
    return f"{moment:{IN_WORDS}}"
