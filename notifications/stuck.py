"""Messages that wait for staff and have waited too long: what failed, what is held, what nobody could read.

`doctor` ends with 1 while there are any, the first page of the admin shows them, and once a day administrators are
told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from accounts.models import User
from notifications import outbox
from notifications.models import ArrivedMail, InboundMail, OutboxMessage
from notifications.states import InboundState, MessageState

KIND = "mail_stuck"


@dataclass(frozen=True, slots=True)
class Stuck:
    """`number` messages of one sort, the oldest from `oldest`; `text` is half a sentence, `url` their list."""

    text: str
    number: int
    oldest: datetime
    url: str

    def __str__(self) -> str:
        return f"{self.number} {self.text}"


def stuck(now: datetime) -> list[Stuck]:
    """What has waited for staff for more than MAIL_ALERT_HOURS. Four queries."""
    before = now - timedelta(hours=settings.MAIL_ALERT_HOURS)
    out, answers = "admin:notifications_outboxmessage_changelist", "admin:notifications_inboundmail_changelist"
    failed = OutboxMessage.objects.filter(state=MessageState.FAILED, created_at__lt=before)
    held = OutboxMessage.objects.filter(state=MessageState.HELD, created_at__lt=before, due_at__lt=before)
    inbound = InboundMail.objects.filter(state=InboundState.HELD, at__lt=before)
    unread = ArrivedMail.objects.filter(due_at__isnull=True, at__lt=before)
    found = (
        _look("could not be sent", failed, "created_at", f"{reverse(out)}?state__exact=failed"),
        _look("held back by staff", held, "created_at", f"{reverse(out)}?state__exact=held"),
        _look("came in and wait for a decision", inbound, "at", f"{reverse(answers)}?state__exact=held"),
        _look("came in and could not be read", unread, "at", reverse("admin:notifications_arrivedmail_changelist")),
    )
    return [one for one in found if one]


def _look(text: str, rows: QuerySet, since: str, url: str) -> Stuck | None:
    seen = rows.aggregate(number=Count("pk"), oldest=Min(since))
    return Stuck(text, seen["number"], seen["oldest"], url) if seen["number"] else None


def alert(now: datetime) -> list[Stuck]:
    """Tell the administrators, and the team's Slack channels that want it, at most once a day."""
    found = stuck(now)
    if not found:
        return []
    what, day = ", ".join(str(one) for one in found), f"stuck:{now:%Y-%m-%d}"
    context, url = {"what": what}, reverse("admin:index")
    for admin in User.objects.filter(is_active=True, is_superuser=True).order_by("pk"):
        outbox.queue(
            KIND, admin, KIND, context, notice=f"Mails wait for you: {what}.", url=url,
            dedupe_key=f"{day}:user:{admin.pk}",
        )  # fmt: skip
    outbox.announce(KIND, KIND, context, url=url, dedupe_key=day)
    return found
