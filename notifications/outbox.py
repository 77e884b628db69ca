"""Queueing messages: rows written in the same transaction as their cause, sent by a worker afterwards."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from leases.doorbell import ring
from notifications import kinds, rendering, reply
from notifications.models import Notice, OutboxMessage, Preference, SlackChannel
from notifications.rendering import Words
from notifications.states import MessageState
from notifications.validators import one_address, one_line

DELIVER = "notifications.tasks.deliver_due"
DELIVER_TO_SLACK = "notifications.tasks.deliver_to_slack"
# Slack cuts a message at 40,000 characters; nobody reads so far.
SLACK_LIMIT = 3_000
# What is left of a message when its content must not be kept.
WIPED: dict[str, str] = {"text": "", "html": ""}
_FOR_COMPANY = frozenset(kind.name for kind in kinds.for_company())
TRIAL = Words(
    "Test message",
    "This is a test from the Segment Developer Center. What is new about your Apps will be posted here.", "",
)  # fmt: skip
AS_DROPPED: dict[str, Any] = {
    "state": MessageState.DROPPED, "due_at": None, "dedupe_key": None, "lease_token": None, **WIPED,
}  # fmt: skip


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
    can_reply: bool = False,
) -> OutboxMessage:
    """Queue one mail to one person, and its notice when `to` is a User and `notice` has text.

    A person who has switched this kind off gets the notice without the mail (`can_mute`).

    kind        what the message is, for filters: “access.approved”
    template    renders templates/mail/<template>.subject.txt, .txt and .html now, not when it is sent
    url         a path of this site; the mail carries it absolute, the notice links to it
    case        mails of one case thread together and arrive in order: “app:12”
    dedupe_key  the same key again is the same mail: nothing is queued, the first one is returned
    hold        how long it can still be dropped; its notice waits as long
    secret      it carries a code or a personal link: staff never see it, it is wiped once sent
    can_reply   answers by mail land in the case's thread, where `reply` knows an address for them

    Raises ValidationError for anything but exactly one address, ValueError for a foreign `url`.
    """
    if url and not _is_path(url):
        raise ValueError(f"{url!r} is not a path of this site.")
    if found := _find(dedupe_key):
        return found
    address = one_address(to.email if isinstance(to, User) else to)
    reply_to = reply.address_for(case, to) if can_reply and isinstance(to, User) else ""
    words = rendering.render(template, {**context, "can_reply": bool(reply_to)}, to=to, url=url)
    message = _write(
        kind, address, words, case=case, dedupe_key=dedupe_key, hold=hold, is_secret=secret, reply_to=reply_to,
        is_muted=not secret and isinstance(to, User) and _is_muted(kind, to),
    )  # fmt: skip
    if notice and isinstance(to, User) and message.due_at and not hasattr(message, "notice"):
        text = one_line(notice, 300)
        Notice.objects.create(user=to, kind=kind, text=text, url=url, message=message, visible_at=message.due_at)
    return message


def _is_muted(kind: str, user: User) -> bool:
    return kinds.can_mute(kind) and Preference.objects.filter(user=user, kind=kind, by_mail=False).exists()


@transaction.atomic
def announce(
    kind: str, template: str, context: dict[str, Any], *, url: str = "", case: str = "", dedupe_key: str = "",
    hold: timedelta = timedelta(0), company: str = "",
) -> list[OutboxMessage]:  # fmt: skip
    """Queue one post to each Slack channel that takes this kind: once for the effect, whoever gets mails of it.

    The arguments are those of `queue`. `company` is the audit chain of the company it is about (“company:12”): its
    own channel gets it as well, if the kind is one for partners. What a channel gets is dropped, held and retried like
    any mail.
    """
    if kind in kinds.NEVER_ON_SLACK:
        return []
    # Asked in Python: a channel is a row of a handful, and SQLite cannot look into a list.
    on = SlackChannel.objects.filter(is_on=True, scope__in={"", company})
    channels = [channel for channel in on if kind in channel.kinds and (not channel.scope or kind in _FOR_COMPANY)]
    if not channels:
        return []
    words = _for_slack(rendering.render(template, context, to="", url=url))
    return [_post(kind, channel, words, dedupe_key, case=case, hold=hold) for channel in channels]


def _post(kind: str, channel: SlackChannel, words: Words, key: str, **options: Any) -> OutboxMessage:
    key = f"{key}:slack:{channel.pk}" if key else ""
    return _find(key) or _write(kind, "", words, dedupe_key=key, channel=channel, **options)


def trial_post(channel: SlackChannel, *, key: str) -> OutboxMessage:
    """Queue a message that says nothing, to see that the channel works; the same `key` again is the same one."""
    return _find(key) or _write("slack_trial", "", TRIAL, dedupe_key=key, channel=channel)


def _for_slack(words: Words) -> Words:
    """The text of the mail without its footer, as plain text of Slack: nobody's words become a mention or a link."""
    text = words.text.partition("\n-- \n")[0].strip()
    text = text if len(text) <= SLACK_LIMIT else text[: SLACK_LIMIT - 1] + "…"
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Words(words.subject, escaped, "")


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
    return _drop(_under(dedupe_prefix))


@transaction.atomic
def drop_all(dedupe_keys: Iterable[str]) -> int:
    """Take back queued messages with just these keys, however many; as `drop`."""
    return _drop(Q(dedupe_key__in=list(dedupe_keys)))


def _drop(named: Q) -> int:
    """What staff hold back is taken back as well: its cause is gone."""
    leased = Q(lease_until__gte=timezone.now())
    unsent = OutboxMessage.objects.filter(state__in=[MessageState.QUEUED, MessageState.HELD])
    ids = list(unsent.filter(named).exclude(leased).values_list("pk", flat=True))
    # Once more with the condition: a worker may have claimed some of them between the two statements.
    number = unsent.filter(pk__in=ids).exclude(leased).update(**AS_DROPPED)
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
        ring(DELIVER_TO_SLACK)
    return number


def _under(dedupe_prefix: str) -> Q:
    if not dedupe_prefix.strip(":"):
        raise ValueError("An empty prefix would mean every message.")
    prefix = dedupe_prefix.rstrip(":")
    return Q(dedupe_key=prefix) | Q(dedupe_key__startswith=f"{prefix}:")


def is_queued_or_sent(dedupe_key: str) -> bool:
    """Whether there is a message with this key; one that was dropped has lost it."""
    return _find(dedupe_key) is not None


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
        ring(DELIVER_TO_SLACK if message.channel_id else DELIVER)
    return message
