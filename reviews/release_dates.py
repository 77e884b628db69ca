"""When an App may go live: the release train of S31, and the days that a partner may pick instead."""

from datetime import UTC, date, datetime, time, timedelta

from partners.clock import calendar, office_zone
from partners.models import Policy
from reviews.refusals import Refused
from trains.timetable import timetable
from trains.words import day_in_words

# Nobody knows more than half a year ahead whether an App still works.
MAX_AHEAD = timedelta(days=180)


def next_release(policy: Policy, asked_at: datetime) -> datetime:
    """The end of the first release day whose cut-off is still ahead, in UTC (S31).

    A release day on which the office is closed, or that is frozen, is left out.
    """
    return timetable(policy).boarding(asked_at).train.leaves


def office_day(moment: datetime) -> date:
    """The day that it is then at the office."""
    return moment.astimezone(office_zone()).date()


def launch_moment(day: date) -> datetime:
    """When an App goes live on the day its makers picked: as the office opens, in UTC, so that people are there."""
    return datetime.combine(day, time(calendar().open_hour), office_zone()).astimezone(UTC)


def launch_window(policy: Policy, now: datetime) -> tuple[date, date]:
    """The first and the last day that can be picked: from the next release day on, for half a year."""
    return office_day(next_release(policy, now)), office_day(now + MAX_AHEAD)


def check_launch_day(policy: Policy, day: date, now: datetime) -> None:
    """Raise Refused, saying what can be picked, when nobody could launch an App on `day`."""
    first, last = launch_window(policy, now)
    if day < first:
        raise Refused(
            f"Pick {day_in_words(first)} or later: that is the next release day, and reviewers need until then."
        )
    if day > last:
        raise Refused(f"Pick {day_in_words(last)} or earlier. You can move the date later on.")
    if not calendar().is_business_day(day):
        raise Refused(f"The office is closed on {day_in_words(day)}. Pick a working day, so that somebody can help.")
