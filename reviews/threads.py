"""The one conversation of an App: partner and reviewers write, and it is always known whose turn it is.

A message puts the turn to the other side; a reviewer may say that no answer is needed, and whoever has the turn may
say that there is nothing to answer. Decisions and questions stand between the messages; they come from the audit
record (`thread_page`).
"""

from datetime import timedelta
from uuid import UUID

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from audit.recording import record
from leases.transitions import StaleState
from partners.rules import role_of
from reviews import thread_emails
from reviews.models import Thread, ThreadEntry, ThreadReader
from reviews.refusals import Outdated, Refused
from reviews.rules import can_review, side_in_thread
from reviews.states import EntryKind, Side

log = structlog.get_logger(__name__)
TEXT_LIMIT = 10_000
# One person writes at most so many messages to one App in 24 hours (T27): each goes out as mails.
MESSAGES_A_DAY = 100
REVIEWER = "Reviewer"


@transaction.atomic
def post(
    app: App, actor: User, text: str, *, token: UUID | None = None, by_mail: bool = False,
    seen: int | None = None, wants_answer: bool = True,
) -> ThreadEntry:  # fmt: skip
    """Write a message to the other side, who are told by mail; the same `token` again is the same message.

    `seen` is the newest entry that the writer had on the page: somebody else's message after it raises Outdated.
    `wants_answer` counts for reviewers. Raises PermissionDenied, Refused over the day's budget.
    """
    side = side_in_thread(actor, app)
    if side is None:
        raise PermissionDenied("Owners and developers of the company write here, and reviewers who may judge the App.")
    App.objects.select_for_update().get(pk=app.pk)  # two writers wait for each other
    if found := _with_token(app, actor, token):
        return found
    _refuse_if_outdated(app, actor, seen)
    entry = _write(app, actor, side, EntryKind.MESSAGE, text, token=token, by_mail=by_mail)
    other = Side.SEGMENT if side == Side.PARTNER else Side.PARTNER
    _set_turn(app, other if wants_answer or side == Side.PARTNER else "")
    record(actor, "thread.message", app, chain=app.chain, entry=entry.pk)
    log.info("thread_message", app=app.pk, entry=entry.pk, side=side)
    read_to(app, actor, entry.pk)
    thread_emails.thread_message(entry)
    return entry


@transaction.atomic
def note(app: App, actor: User, text: str, *, token: UUID | None = None) -> ThreadEntry:
    """Keep a note that only reviewers see; nobody is told, and the company's record says nothing of it."""
    if not can_review(actor, app):
        raise PermissionDenied("Notes are for reviewers who may judge the App.")
    App.objects.select_for_update().get(pk=app.pk)
    return _with_token(app, actor, token) or _write(app, actor, Side.SEGMENT, EntryKind.NOTE, text, token=token)


@transaction.atomic
def settle(app: App, actor: User) -> None:
    """Say that nothing has to be answered. Raises StaleState when it is not (or no longer) the actor's turn."""
    side = side_in_thread(actor, app)
    if side is None:
        raise PermissionDenied("Only those who write here may close a question.")
    now = timezone.now()
    if not Thread.objects.filter(app=app, turn=side).update(turn="", turn_since=now):
        raise StaleState(Thread.objects.filter(app=app).first() or Thread(app=app), "turn")
    record(actor, "thread.settled", app, chain=app.chain)


def turn(app: App) -> str:
    """Who is to answer in the thread: a Side, or ""."""
    return Thread.objects.filter(app=app).values_list("turn", flat=True).first() or ""


def last_seen(app: App, user: User) -> int:
    """The newest entry that `user` has had on a page; 0 before the first visit."""
    return ThreadReader.objects.filter(app=app, user=user).values_list("last_entry", flat=True).first() or 0


def read_to(app: App, user: User, entry_id: int) -> None:
    """Remember that `user` has seen everything up to this entry; never backwards."""
    reader, is_new = ThreadReader.objects.get_or_create(app=app, user=user, defaults={"last_entry": entry_id})
    if not is_new and reader.last_entry < entry_id:
        ThreadReader.objects.filter(pk=reader.pk, last_entry__lt=entry_id).update(last_entry=entry_id)


def _with_token(app: App, actor: User, token: UUID | None) -> ThreadEntry | None:
    return ThreadEntry.objects.filter(token=token, app=app, author=actor).first() if token else None


def _refuse_if_outdated(app: App, actor: User, seen: int | None) -> None:
    if seen is None:
        return
    newer = ThreadEntry.objects.filter(app=app, pk__gt=seen, kind=EntryKind.MESSAGE).exclude(author=actor)
    if found := newer.order_by("pk").last():
        raise Outdated("There is a new message. Read it, then send yours if it still fits.", found)


def _write(app: App, actor: User, side: str, kind: EntryKind, text: str, **fields: object) -> ThreadEntry:
    day = timezone.now() - timedelta(days=1)
    if ThreadEntry.objects.filter(app=app, author=actor, at__gt=day).count() >= MESSAGES_A_DAY:
        raise Refused(f"You have written {MESSAGES_A_DAY} messages here within a day. Go on tomorrow.")
    return ThreadEntry.objects.create(
        app=app, kind=kind, side=side, author=actor, role=_role(actor, app, side), text=text.strip(), **fields
    )


def _role(actor: User, app: App, side: str) -> str:
    """What the writer is, in the words that the other side reads."""
    if side == Side.SEGMENT:
        return REVIEWER
    role = role_of(actor, app.company)
    return role.label.capitalize() if role else "Member"


def _set_turn(app: App, side: str) -> None:
    """Since when counts from the first message that waits, not from the last."""
    current = Thread.objects.filter(app=app).first()
    if current is None:
        Thread.objects.create(app=app, turn=side, turn_since=timezone.now())
    elif current.turn != side:
        Thread.objects.filter(app=app).update(turn=side, turn_since=timezone.now())
