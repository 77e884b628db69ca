"""Whose turn it is with an App: “waiting on you” or “waiting on us”, from everything that somebody may wait for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BigAutoField, Count, DateTimeField, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from apps_catalog.states import Stage
from leases.prepared import Prepared, Slot
from reviews.models import Enquiry, Release, Submission, ThreadEntry, ThreadReader
from reviews.rules import can_review
from reviews.states import EntryKind, Side, SubmissionState

# State of the newest submission → who acts next, and what they have to do.
_SUBMISSION = {
    SubmissionState.WAITING: (Side.SEGMENT, "a review"),
    SubmissionState.CHANGES_REQUESTED: (Side.PARTNER, "the requested changes"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """`who` acts next (a Side, or "" for nobody), and for what. `unread`: messages the viewer has not seen.

    `in_thread`: who is to answer there.
    """

    who: str
    reasons: tuple[str, ...]
    unread: int
    is_partner: bool
    in_thread: str = ""

    @property
    def words(self) -> str:
        """As the viewer reads it; Segment is “us” on every page."""
        if not self.who:
            return "Nobody waits"
        if self.who == Side.SEGMENT:
            return "Waiting on us"
        return "Waiting on you" if self.is_partner else "Waiting on the partner"

    @property
    def tone(self) -> str:
        is_mine = self.who == (Side.PARTNER if self.is_partner else Side.SEGMENT)
        return "neutral" if not self.who else "warning" if is_mine else "progress"


def turn_of(app: App, viewer: User, *, is_partner: bool, unread: int | None = None) -> Turn:
    """In two queries, or in one with `unread` at hand; the partner's open tasks come first: they hold an App up."""
    row = _states.ask(app=app.pk, now=timezone.now())[0]
    waits = list(_waits(row))
    who = next((side for side in (Side.PARTNER, Side.SEGMENT) if any(side == each for each, _ in waits)), "")
    reasons = tuple(words for side, words in waits if side == who)
    if unread is None:
        unread = unread_count(app, viewer, with_notes=not is_partner and can_review(viewer, app))
    return Turn(who, reasons, unread, is_partner, row["turn"] or "")


def _write_states() -> QuerySet[Any, Any]:
    newest = Submission.objects.filter(app=OuterRef("pk")).order_by("-submitted_at")
    held = Submission.objects.waiting().filter(app=OuterRef("pk"), held_until__gt=Slot("now", DateTimeField()))
    return App.objects.filter(pk=Slot("app", BigAutoField())).order_by().values("stage").annotate(
        turn=F("thread__turn"),
        submission=Subquery(newest.values("state")[:1]),
        is_held=Exists(held.filter(hold_waits_for=Side.PARTNER)),
        is_asked=Exists(Enquiry.objects.filter(app=OuterRef("pk"), answered_at__isnull=True)),
        wants_release=Exists(Release.objects.filter(app=OuterRef("pk"), released_at__isnull=True)),
    )  # fmt: skip


# Of one App, at one moment.
_states = Prepared(_write_states)


def _waits(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(side, for what) of everything that waits."""
    if row["stage"] != Stage.DEPRECATED:
        if row["is_held"]:
            yield Side.PARTNER, "what the review on hold waits for"
        elif row["submission"] in _SUBMISSION:
            yield _SUBMISSION[row["submission"]]
        if row["is_asked"]:
            yield Side.PARTNER, "an answer to our question"
        if row["wants_release"]:
            yield Side.SEGMENT, "the release"
    if row["turn"]:
        yield row["turn"], "an answer in the thread"


def unread_count(app: App, user: User, *, with_notes: bool) -> int:
    """Entries of others after the newest one that `user` has had on a page. One query."""
    return unread(app, user, with_notes=with_notes).aggregate(n=Count("pk"))["n"]


def unread(app: App, user: User, *, with_notes: bool) -> QuerySet[ThreadEntry]:
    seen = ThreadReader.objects.filter(app=app, user=user).values("last_entry")[:1]
    rows = ThreadEntry.objects.filter(app=app, pk__gt=Coalesce(Subquery(seen), 0)).exclude(author=user).order_by()
    return rows if with_notes else rows.filter(kind=EntryKind.MESSAGE)
