"""One wait of a partner for Segment, as everybody who looks at it is told (S5, S28)."""

from dataclasses import dataclass
from datetime import datetime

from runtime.business_time import BusinessCalendar

# “Monday, 24 November 2025, 17:00 PST”
IN_WORDS = "%A, %-d %B %Y, %H:%M %Z"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a waiting row knows: when the clock started, the date that holds, and the first promise if that was another.

    `due_at` is None while the clock stands still.
    """

    started_at: datetime
    due_at: datetime | None
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """`what` is waited for, who acts next, what pauses the clock, and how much of the time is used (0 to 1).

    `office` is the due date in words, in the office's zone.
    `days_late` counts business days since the first promise; None while it can still be kept.
    """

    what: str
    acts_next: str
    pauses: str
    promise: Promise
    used: float
    office: str = ""
    days_late: int | None = None

    @property
    def due_at(self) -> datetime | None:
        return self.promise.due_at

    @property
    def promised_at(self) -> datetime | None:
        """The first promise, when it was not kept and there is a new date."""
        return self.promise.promised_at

    @property
    def is_paused(self) -> bool:
        return self.promise.due_at is None

    @property
    def is_late(self) -> bool:
        return self.days_late is not None

    @property
    def percent(self) -> int:
        """0 to 100, rounded down, so that 100 means that the time is over."""
        return int(self.used * 100)

    @property
    def tone(self) -> str:
        return "warning" if self.is_late or self.is_paused else "progress"


def wait(
    calendar: BusinessCalendar, now: datetime, promise: Promise, *, what: str, acts_next: str, pauses: str
) -> Wait:
    """The wait as it stands at `now`. All datetimes are aware."""
    due_at = promise.due_at
    if due_at is None:
        return Wait(what, acts_next, pauses, promise, 0.0)
    first = promise.promised_at or due_at
    late = calendar.business_days_between(first, now) if now > first else None
    used = calendar.used_share(promise.started_at, due_at, now)
    return Wait(what, acts_next, pauses, promise, used, f"{due_at.astimezone(calendar.zone):{IN_WORDS}}", late)
