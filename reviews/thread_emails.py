"""The words that a thread sends. Each function is called by one verb and by nothing else."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from metadata import mail_in
from notifications.inbound import Envelope
from notifications.outbox import queue
from reviews.emails import editors_of, reviewers_for, tell
from reviews.models import ThreadEntry
from reviews.states import Side


def thread_message(entry: ThreadEntry) -> None:
    """To the other side: to those who act for the App, or to the reviewers who write in its thread."""
    app, key = entry.app, f"thread:{entry.app_id}:{entry.pk}"
    context = {"message": entry.text, "author": entry.author_for_others}
    if entry.side == Side.SEGMENT:
        tell(
            editors_of(app), "thread_message", app, context, key=key,
            notice=f"A message from Segment about {app.name}.", url=reverse("app-thread", args=[app.slug]),
        )  # fmt: skip
    else:
        tell(
            _thread_reviewers(app), "desk_message", app, context, key=key,
            notice=f"A message from {app.company.name} about {app.name}.",
            url=reverse("review-thread", args=[app.slug]),
        )  # fmt: skip


def _thread_reviewers(app: App) -> QuerySet[User]:
    """Those who have written there; before anybody has, all who may judge the App."""
    writers = ThreadEntry.objects.filter(app=app, side=Side.SEGMENT).values("author")
    taking_part = reviewers_for(app).filter(pk__in=writers)
    return taking_part if taking_part.exists() else reviewers_for(app)


def reply_refused(app: App, user: User, reason: str, envelope: Envelope) -> None:
    """To somebody whose mail could not be taken, and who is known to have sent it."""
    _refused(app, user, reason, envelope, envelope.digest[:40])


def sent_from_elsewhere(app: App, user: User, reason: str, envelope: Envelope) -> None:
    """To the person of an address to which somebody else wrote, perhaps they themselves: at most once a day."""
    _refused(app, user, reason, envelope, f"{envelope.case}:{user.pk}:{timezone.now():%Y%m%d}")


def _refused(app: App, user: User, reason: str, envelope: Envelope, mark: str) -> None:
    is_template = envelope.case.startswith(f"{mail_in.CASE}:")
    page, what = ("app-template", "Your catalog template") if is_template else ("app-thread", "Your answer by mail")
    queue(
        "reply_refused", user, "reply_refused", {"app": app, "reason": reason, "what": what},
        notice=f"{what} about {app.name} did not arrive.", url=reverse(page, args=[app.slug]),
        case=envelope.case, dedupe_key=f"reply:{mark}:refused",
    )  # fmt: skip
