"""Queueing messages: rows written in the same transaction as their cause, sent by a worker afterwards."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from audit.recording import System, record
from leases.doorbell import ring
from leases.transitions import move
from notifications import rendering
from notifications.models import Notice, OutboxMessage
from notifications.rendering import Words
from notifications.states import MessageState
from notifications.validators import one_address, one_line

AUDIT_CHAIN = "mail"
DELIVER = "notifications.tasks.deliver_due"
# What is left of a message when its content must not be kept.
WIPED: dict[str, str] = {"text": "", "html": ""}


@transaction.atomic
def queue(
    kind: str,
    to: User | str,
    template: str,
    context: dict[str, Any],
    *,
    notice: str = "",
    url: str = "",
    case: str = "",
    dedupe_key: str | None = None,
    hold: timedelta = timedelta(0),
    secret: bool = False,
) -> OutboxMessage:
    """Queue one mail to one person, and its notice when `to` is a User and `notice` has text.

    kind        what the message is, for filters: “access.approved”
    template    renders templates/mail/<template>.subject.txt, .txt and .html now, not when it is sent
    url         a path of this site; the mail carries it absolute, the notice links to it
    case        mails of one case thread together and arrive in order: “app:12”
    dedupe_key  the same key again is the same mail: nothing is queued, the first one is returned
    hold        how long it can still be dropped; its notice waits as long
    secret      it carries a code or a personal link: staff never see it, it is wiped once sent

    Raises ValidationError for anything but exactly one address, ValueError for a foreign `url`.
    """
    if url and not _is_path(url):
        raise ValueError(f"{url!r} is not a path of this site.")
    if found := _find(dedupe_key):
        return found
    address = one_address(to.email if isinstance(to, User) else to)
    words = rendering.render(template, context, to=to, url=url)
    message = _write(kind, address, words, case=case, dedupe_key=dedupe_key, hold=hold, is_secret=secret)
    if notice and isinstance(to, User) and message.due_at and not hasattr(message, "notice"):
        text = one_line(notice, 300)
        Notice.objects.create(user=to, kind=kind, text=text, url=url, message=message, visible_at=message.due_at)
    return message


@transaction.atomic
def queue_raw(kind: str, to_email: str, subject: str, text: str, html: str = "") -> OutboxMessage:
    """Queue a mail that somebody else has worded (allauth's codes and notes). It counts as secret.

    Raises ValidationError for anything but exactly one address.
    """
    words = Words(one_line(subject), rendering.clean_text(text), html.replace("\x00", ""))
    return _write(kind, one_address(to_email), words, is_secret=True)


@transaction.atomic
def drop(dedupe_prefix: str) -> int:
    """Take back queued messages with this dedupe key, or with one that goes on after it and a colon.

    “submission:1” drops “submission:1” and “submission:1:approved”, not “submission:12”. What a worker is
    sending right now cannot be taken back. Returns how many were dropped; their keys can be used again.
    """
    held = Q(lease_until__gte=timezone.now())
    named = OutboxMessage.objects.queued().filter(_under(dedupe_prefix))
    ids = list(named.exclude(held).values_list("pk", flat=True))
    # Once more with the condition: a worker may have claimed some of them between the two statements.
    dropped = OutboxMessage.objects.queued().filter(pk__in=ids).exclude(held)
    number = dropped.update(state=MessageState.DROPPED, due_at=None, dedupe_key=None, lease_token=None, **WIPED)
    Notice.objects.filter(message__in=ids, message__state=MessageState.DROPPED).delete()
    return number


@transaction.atomic
def let_go(dedupe_prefix: str) -> int:
    """End the hold of queued messages (a prefix as in `drop`): what they say can no longer be undone.

    So a held decision is never told after something that followed it. Returns how many go out now.
    """
    now = timezone.now()
    held = OutboxMessage.objects.queued().filter(_under(dedupe_prefix), tries=0, due_at__gt=now)
    ids = list(held.values_list("pk", flat=True))
    number = OutboxMessage.objects.queued().filter(pk__in=ids).update(due_at=now)
    Notice.objects.filter(message__in=ids).update(visible_at=now)
    if number:
        ring(DELIVER)
    return number


def _under(dedupe_prefix: str) -> Q:
    if not dedupe_prefix.strip(":"):
        raise ValueError("An empty prefix would mean every message.")
    prefix = dedupe_prefix.rstrip(":")
    return Q(dedupe_key=prefix) | Q(dedupe_key__startswith=f"{prefix}:")


def is_queued_or_sent(dedupe_key: str) -> bool:
    """Whether there is a message with this key; one that was dropped has lost it."""
    return _find(dedupe_key) is not None


@transaction.atomic
def retry(message: OutboxMessage, actor: User | System) -> None:
    """Send a failed message once more. Raises StaleState when it is not (or no longer) failed."""
    move(
        message, "state", from_={MessageState.FAILED}, to=MessageState.QUEUED,
        due_at=timezone.now(), tries=0, possible_repeats=0, sending_since=None,
    )  # fmt: skip
    record(actor, "mail.retried", message, chain=AUDIT_CHAIN, kind=message.kind)
    ring(DELIVER)


def forget(address: str) -> int:
    """Remove every message to an address whose owner has left; returns how many."""
    return OutboxMessage.objects.filter(recipient__iexact=address).delete()[0]


def _is_path(url: str) -> bool:
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def _find(dedupe_key: str | None) -> OutboxMessage | None:
    return OutboxMessage.objects.filter(dedupe_key=dedupe_key).first() if dedupe_key else None


def _write(
    kind: str,
    address: str,
    words: Words,
    *,
    hold: timedelta = timedelta(0),
    dedupe_key: str | None = None,
    **fields: Any,
) -> OutboxMessage:
    message = OutboxMessage(
        kind=kind, recipient=address, subject=words.subject, text=words.text, html=words.html,
        due_at=timezone.now() + hold, dedupe_key=dedupe_key or None, **fields,
    )  # fmt: skip
    message.message_id = f"<{message.pk}@{settings.SITE_HOST or 'localhost'}>"
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        if found := _find(dedupe_key):  # somebody else asked for the same effect a moment ago
            return found
        raise
    if not hold:
        ring(DELIVER)
    return message
