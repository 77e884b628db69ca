"""Posting to Slack's incoming webhooks, through the door out: staff chose the address, so it is not trusted either.

Slack answers 200 “ok” to what it took and a word to what it did not. A webhook that was revoked, or whose channel
is gone, parks the channel: nothing queued is lost, and the administrators are told once (SECURITY F15).
"""

import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from notifications import outbox
from notifications.failures import Failure
from notifications.models import OutboxMessage, OutboxQuerySet, SlackChannel
from notifications.watch import watch_of
from runtime.egress import BadAddress, BadHeader, EgressPolicy, ErrorKind, Exchange, Limits, Request, check_url, send
from vault.sealing import CannotOpen, seal, unseal

log = structlog.get_logger(__name__)
LIMITS = Limits(total_seconds=10.0, max_body=4 * 1024)
HEADERS = (("Content-Type", "application/json; charset=utf-8"), ("User-Agent", "Segment-Developer-Center"))
# What Slack says of a webhook that will not work again until somebody makes a new one.
REVOKED = frozenset(
    {"no_service", "no_service_id", "no_team", "team_disabled", "invalid_token", "no_active_hooks", "action_prohibited",
     "channel_not_found", "channel_is_archived", "posting_to_general_channel_denied", "user_not_found"}
)  # fmt: skip
REVOKED_STATUS = frozenset({401, 403, 404, 410})
# Slack took it or it did not; nobody knows.
UNSURE = frozenset({ErrorKind.TIMEOUT, ErrorKind.RESET, ErrorKind.INCOMPLETE, ErrorKind.PROTOCOL})
WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)

# What sealed addresses are bound to.
CONTEXT = "slack-channel"
ADDRESS_LIMIT = 500


def seal_address(address: str) -> str:
    return seal(address, CONTEXT)


def good_address(text: str) -> str:
    """The address without spaces around it, or "". Raises ValidationError for one that may not be posted to."""
    address = text.strip()
    if address:
        try:
            check_url(address, policy())
        except BadAddress as problem:
            raise ValidationError(str(problem)) from None
    return address


def policy() -> EgressPolicy:
    """What the door out may reach, as the settings say now."""
    return EgressPolicy.from_setting(settings.EGRESS_ALLOW)


def open_channels() -> list[SlackChannel]:
    """Channels with something due that may be posted to now."""
    now = timezone.now()
    free = SlackChannel.objects.filter(Q(quiet_until__isnull=True) | Q(quiet_until__lte=now), parked_at__isnull=True)
    due = OutboxMessage.objects.queued().filter(channel__isnull=False, due_at__lte=now).values("channel")
    # In any order: where one sweep has no time left for some, the next one begins with others.
    return list(free.filter(pk__in=due).order_by("?"))


class SlackLine:
    """The way out to one channel."""

    def __init__(self, channel: SlackChannel) -> None:
        self.channel = channel

    def waiting(self) -> OutboxQuerySet:
        return OutboxMessage.objects.to_slack(self.channel)

    def hand_over(self, row: OutboxMessage) -> Failure | None:
        try:
            address = unseal(self.channel.address_sealed, CONTEXT)
            exchange = send(Request("POST", address, HEADERS, body_of(row)), policy=policy(), limits=LIMITS)
        except (CannotOpen, BadHeader, ValueError):
            return self._park("Its address cannot be used.")
        failure = self._parked_by(exchange) or read_answer(exchange)
        if failure and failure.line_is_down:
            # One that does not answer must not hold up the others: it is left alone for a while.
            until = failure.wait_until or timezone.now() + WAIT
            SlackChannel.objects.filter(pk=self.channel.pk).update(quiet_until=until)
        return failure

    def close(self) -> None:
        """Nothing stays open."""

    def _parked_by(self, exchange: Exchange) -> Failure | None:
        if exchange.error is not None:
            is_bad = exchange.error.kind in (ErrorKind.BAD_URL, ErrorKind.REFUSED_ADDRESS)
            return self._park("Its address cannot be used.") if is_bad else None
        word = _word(exchange)
        is_revoked = word in REVOKED or (exchange.response and exchange.response.status in REVOKED_STATUS)
        return self._park(_said(exchange)) if is_revoked else None

    def _park(self, reason: str) -> Failure:
        """Stop posting until staff give a new address. The message waits, in front of those behind it."""
        now = timezone.now()
        parked = SlackChannel.objects.filter(pk=self.channel.pk, parked_at__isnull=True)
        if parked.update(parked_at=now, parked_reason=reason):
            log.error("slack_parked", channel=self.channel.pk)
            _alert(self.channel, reason, now)
        return Failure(reason, line_is_down=True, wait_until=now)


def _alert(channel: SlackChannel, reason: str, at: datetime) -> None:
    watch = watch_of(channel)
    for person in watch.people:
        outbox.queue(
            "slack_parked", person, "slack_parked", {"channel": channel.name, "reason": reason},
            notice=f"Slack no longer takes messages for {channel.name}.", url=watch.url,
            dedupe_key=f"slack:{channel.pk}:parked:{at:%Y%m%d%H%M%S%f}:user:{person.pk}",
        )  # fmt: skip


def body_of(row: OutboxMessage) -> bytes:
    """Plain text, as the row has it escaped: no markup, no previews of links."""
    text = {"text": row.text.strip(), "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
    return json.dumps(text, ensure_ascii=False).encode()


def read_answer(exchange: Exchange, now: datetime | None = None) -> Failure | None:
    """None when Slack took the message; else whether and when to try again."""
    if exchange.error is not None:
        unsure = exchange.error.kind in UNSURE
        return Failure(f"Slack: {exchange.error.message}"[:500], line_is_down=True, unsure=unsure)
    answer = exchange.response
    if answer is None:
        return Failure("Slack did not answer.", line_is_down=True)
    if answer.status == 200 and _word(exchange) == "ok":
        return None
    if answer.status == 429:
        until = retry_at(answer.header("Retry-After"), now)
        return Failure(_said(exchange), line_is_down=True, wait_until=until)
    is_final = 300 <= answer.status < 500 and answer.status != 408
    return Failure(_said(exchange), final=is_final, line_is_down=answer.status >= 500)


def retry_at(header: str, now: datetime | None = None) -> datetime:
    """When a Retry-After (seconds, or a date) allows the next try: at least a second, at most an hour from now."""
    now = now or timezone.now()
    wait = WAIT
    if header.strip().isascii() and header.strip().isdigit():
        wait = timedelta(seconds=min(int(header.strip()[:9]), LONGEST_WAIT.total_seconds()))
    elif header:
        wait = _until_date(header, now)
    return now + min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)


def _until_date(header: str, now: datetime) -> timedelta:
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return WAIT
    return at - now if at.tzinfo else WAIT


def _word(exchange: Exchange) -> str:
    return exchange.response.body[:100].decode("ascii", "replace").strip().lower() if exchange.response else ""


def _said(exchange: Exchange) -> str:
    """Slack's answer in a line; a long page (a proxy's) says nothing."""
    status = exchange.response.status if exchange.response else 0
    word = _word(exchange)
    return f"Slack answered {status} {word if word.isprintable() and len(word) < 60 else ''}".strip()
