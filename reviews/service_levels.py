"""How long partners waited and how often a promised date was missed, recomputed from the audit record.

The record names each start with the date promised, and each answer. What the partner had to answer in between
splits a wait in two, a decision taken back makes its wait go on, and one withdrawn is nobody's answer. A hold
for the partner and another day for the launch move the date of a wait, unless it was missed before.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Any

from django.utils import timezone

from audit.models import Record
from partners.clock import calendar
from reviews.models import ServiceLevels
from reviews.states import Side
from runtime.business_time import BusinessCalendar

DAYS = 90
# A wait that was answered in the last 90 days began at most so long before.
REACH = timedelta(days=365)
EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Actions:
    """The actions of the audit record that begin a kind of wait, answer it, take an answer back, end it without,
    and move its date.
    """

    start: frozenset[str]
    answer: frozenset[str]
    undo: frozenset[str]
    end: frozenset[str]
    move: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        return self.start | self.answer | self.undo | self.end | self.move


KINDS = {
    "access": Actions(
        start=frozenset({"access.submit", "access.admit"}),
        answer=frozenset({"access.approve", "access.decline", "access.ask_more", "access.waitlist"}),
        undo=frozenset({"access.undo"}),
        end=frozenset({"access.withdraw", "access.applicant_left"}),
    ),
    "review": Actions(
        start=frozenset({"submission.submitted", "submission.reopened", "appeal.overturned"}),
        answer=frozenset({"submission.approved", "submission.changes_requested", "submission.rejected"}),
        undo=frozenset({"submission.decision_undone"}),
        end=frozenset({"submission.withdrawn", "appeal.undone"}),
        move=frozenset({"submission.held", "submission.unheld"}),
    ),
    "release": Actions(
        start=frozenset({"release.requested"}),
        answer=frozenset({"release.released"}),
        undo=frozenset({"release.undone"}),
        end=frozenset({"release.cancelled"}),
        move=frozenset({"release.changed"}),
    ),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record: what, about whom (a target or a submission), when, and the date promised if any.

    `paused_until`: until when the clock stands still at the latest, because the partner is waited for.
    """

    action: str
    key: str
    at: datetime
    due_at: datetime | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """One wait; `answered_at` is None while it lasts, `pauses` are what of it the partner was waited for."""

    started_at: datetime
    due_at: datetime | None
    answered_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()

    def is_late(self, now: datetime) -> bool:
        """Whether the first promise was missed."""
        return self.due_at is not None and (self.answered_at or now) > self.due_at

    def waited(self, now: datetime, hours: Callable[[datetime, datetime], float]) -> float:
        """How long it lasted without its pauses, as `hours` counts from one moment to another."""
        end = self.answered_at or now
        return hours(self.started_at, end) - sum(hours(since, min(to, end)) for since, to in self.pauses if since < end)


def spans(events: Iterable[Event], actions: Actions) -> list[Span]:
    """The waits that `events` (in the order of the record) tell of: answered and open ones."""
    open_, closed = dict[str, Span](), list[tuple[str, Span]]()
    for event in events:
        if event.action in actions.start:
            open_[event.key] = Span(event.at, event.due_at)
        elif event.action in actions.answer and (found := open_.pop(event.key, None)):
            closed.append((event.key, replace(found, answered_at=event.at)))
        elif event.action in actions.move and (found := open_.get(event.key)):
            open_[event.key] = _moved(found, event)
        elif event.action in actions.undo:
            _reopen(event.key, open_, closed)
        elif event.action in actions.end:
            open_.pop(event.key, None)
    return [*(span for _, span in closed), *open_.values()]


def _moved(span: Span, event: Event) -> Span:
    """`span` with its new date, a pause ended or begun; a promise that was missed by then stays missed."""
    is_missed = span.due_at is not None and event.at > span.due_at
    pauses = tuple((since, min(to, event.at)) for since, to in span.pauses)
    if event.paused_until:
        pauses += ((event.at, event.paused_until),)
    return replace(span, due_at=span.due_at if is_missed else event.due_at or span.due_at, pauses=pauses)


def _reopen(key: str, open_: dict[str, Span], closed: list[tuple[str, Span]]) -> None:
    for place in reversed(range(len(closed))):
        if closed[place][0] == key:
            _, span = closed.pop(place)
            open_[key] = replace(span, answered_at=None)
            return


def figures(found: Sequence[Span], office: BusinessCalendar, now: datetime) -> dict[str, Any]:
    """What the page says of one kind of wait; hours are business hours, None where nothing was answered.

    The 90th percentile is the wait that nine of ten did not exceed.
    """
    since = now - timedelta(days=DAYS)
    answered = [span for span in found if span.answered_at and span.answered_at >= since]
    waiting = [span for span in found if span.answered_at is None]
    hours = sorted(span.waited(now, office.business_hours_between) for span in answered)
    elapsed = [span.waited(now, lambda since, to: (to - since) / timedelta(hours=1)) for span in answered]
    late = sum(span.is_late(now) for span in answered)
    return {
        "answered": len(answered),
        "median_hours": round(median(hours), 1) if hours else None,
        "p90_hours": round(hours[ceil(0.9 * len(hours)) - 1], 1) if hours else None,
        "median_elapsed_hours": round(median(elapsed), 1) if elapsed else None,
        "late": late,
        "kept_percent": int(100 * (len(answered) - late) / len(answered)) if answered else None,
        "waiting": len(waiting),
        "waiting_late": sum(span.is_late(now) for span in waiting),
    }


def compute(now: datetime) -> dict[str, dict[str, Any]]:
    """The figures of every kind, from the record as it stands: one query and one for the closed days."""
    events = _events(now - timedelta(days=DAYS) - REACH)
    office = calendar()
    return {
        kind: figures(spans((one for one in events if one.action in actions.all), actions), office, now)
        for kind, actions in KINDS.items()
    }


def _events(since: datetime) -> list[Event]:
    actions = [action for kind in KINDS.values() for action in kind.all]
    rows = Record.objects.filter(action__in=actions, at__gte=since).order_by("id")
    return [_event(*row) for row in rows.values_list("action", "target", "at", "data").iterator()]


def _event(action: str, target: str, at: datetime, data: dict[str, Any]) -> Event:
    is_pause = action == "submission.held" and data.get("waits_for") == Side.PARTNER
    until = data["until"] if is_pause else None
    return Event(action, str(data.get("submission") or target), at, _moment(data.get("due")), _moment(until))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def refresh(now: datetime | None = None) -> ServiceLevels:
    """Compute the figures and keep them in the one row that the page reads."""
    now = now or timezone.now()
    row, _ = ServiceLevels.objects.update_or_create(pk=1, defaults={"at": now, "figures": compute(now)})
    return row


def refresh_when_old(now: datetime | None = None) -> bool:
    """`refresh` unless it was done within the hour; whether it was done now."""
    now = now or timezone.now()
    if ServiceLevels.objects.filter(at__gt=now - EVERY).exists():
        return False
    refresh(now)
    return True
