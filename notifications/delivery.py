"""Sending what is due: claim under a lease, hand over, settle. The rows are the truth; nothing else counts.

    claim a batch -> for each: still ours? mark it as being sent -> hand it over -> settle: sent, later or never

A worker killed between the mark and the settlement leaves the mark behind. Whoever claims the row next sees
it, counts one possible repeat, and sends the mail again under the same Message-ID.
"""

import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from django.utils import timezone

from notifications.failures import Failure
from notifications.line import Line
from notifications.models import OutboxMessage, OutboxQuerySet
from notifications.outbox import WIPED
from notifications.states import MessageState

log = structlog.get_logger(__name__)

BATCH = 20
LEASE = timedelta(seconds=30)
# One drain leaves the worker free for other tasks after this long; the next sweep goes on.
DRAIN_SECONDS = 20.0
# Eight tries over a day (SECURITY F13): a first one, and one more after each of these.
GAPS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 15 * 3600))
MAX_TRIES = len(GAPS) + 1
NEVER_ANSWERED = Failure("No try got an answer; look into it before it is sent again.", final=True)
SENT, DEFERRED, FAILED, LOST, MUTED = "sent", "deferred", "failed", "lost", "muted"


class WayOut(Protocol):
    """What messages leave by: mail (`line`) or one Slack channel (`slack`)."""

    def waiting(self) -> OutboxQuerySet:
        """The messages, in whatever state, that leave this way."""

    def hand_over(self, row: OutboxMessage) -> Failure | None:
        """Send one message; None when the other side has taken it."""

    def close(self) -> None: ...


@dataclass
class Tally:
    """What one drain did with how many messages. `lost`: another worker had taken the row over."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    lost: int = 0
    muted: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.deferred + self.failed + self.lost + self.muted

    def count(self, result: str) -> None:
        setattr(self, result, getattr(self, result) + 1)


def drain(*, limit: int | None = None, seconds: float = DRAIN_SECONDS, line: WayOut | None = None) -> Tally:
    """Send what is due, oldest first, until nothing is, `limit` is reached, time is up or the other side is away.

    Without a `line`, mails.
    """
    tally, until = Tally(), time.monotonic() + seconds
    with closing(line or Line()) as line:
        while time.monotonic() < until:
            room = BATCH if limit is None else min(BATCH, limit - tally.total)
            batch = line.waiting().next_in_line().claim(limit=room, lease=LEASE) if room > 0 else []
            if not batch or not _send_batch(batch, line, tally):
                break
    return tally


def _send_batch(batch: list[OutboxMessage], line: WayOut, tally: Tally) -> bool:
    """False when the line is down.

    When no connection could be had, the rest of the batch has failed like the message that found it out. When
    it broke under one message, that may be the message's doing: the rest is let go, untried. The same when the
    other side named a time.
    """
    outage: Failure | None = None
    waiting: set[tuple[str, str]] = set()
    for row in batch:
        if (outage and (outage.unsure or outage.wait_until)) or (row.case and (row.recipient, row.case) in waiting):
            _release(row, outage.wait_until if outage else None)
            continue
        result, failure = (_settle(row, outage), outage) if outage else send_one(row, line)
        tally.count(result)
        if result == DEFERRED:
            waiting.add((row.recipient, row.case))
        if failure and failure.line_is_down:
            outage = failure
    return outage is None


def send_one(row: OutboxMessage, line: WayOut) -> tuple[str, Failure | None]:
    """Send a claimed row and settle it; returns the result as `Tally` names it, and why it failed."""
    if row.is_muted:
        return _settle_muted(row), None
    if row.possible_repeats >= MAX_TRIES:
        return _settle(row, NEVER_ANSWERED), NEVER_ANSWERED
    if not _mark(row):
        log.info("mail_lease_lost", message=str(row.pk))
        return LOST, None
    failure = line.hand_over(row)
    return _settle(row, failure), failure


def _settle_muted(row: OutboxMessage) -> str:
    """Its reader does not want this kind by mail: its time has come, and the notice is all there is."""
    return MUTED if row.settle(due_at=None, state=MessageState.MUTED, **WIPED) else LOST


def _mark(row: OutboxMessage) -> bool:
    """Say that the handing over begins; False when somebody else has the row by now."""
    repeats = row.possible_repeats
    if row.sending_since is not None:
        log.warning("mail_possible_repeat", message=str(row.pk), kind=row.kind, since=row.sending_since.isoformat())
        repeats += 1
    return row.still_held(extend=LEASE, sending_since=timezone.now(), possible_repeats=repeats)


def _settle(row: OutboxMessage, failure: Failure | None) -> str:
    result, fields = (SENT, _as_sent()) if failure is None else _as_failed(row, failure)
    if row.is_secret and result != DEFERRED:
        fields |= WIPED
    if row.settle(sending_since=None, **fields):
        log.info("mail_settled", result=result, message=str(row.pk), kind=row.kind, tries=row.tries)
        return result
    if result == SENT:
        # Gone out under a lease that ran out meanwhile: the new holder has found the mark and counts it.
        log.warning("mail_possible_repeat", message=str(row.pk), kind=row.kind, since="lease lost")
    return LOST


def _as_sent() -> dict[str, Any]:
    return {"state": MessageState.SENT, "sent_at": timezone.now(), "last_error": ""}


def _as_failed(row: OutboxMessage, failure: Failure) -> tuple[str, dict[str, Any]]:
    if failure.wait_until:
        return DEFERRED, {"last_error": failure.reason, "due_at": failure.wait_until}
    fields: dict[str, Any] = {"tries": row.tries + 1, "last_error": failure.reason}
    if failure.unsure:
        fields["possible_repeats"] = row.possible_repeats + 1
    due_at = None if failure.final else next_try(row.tries + 1)
    if due_at is None:
        return FAILED, {**fields, "state": MessageState.FAILED}
    return DEFERRED, {**fields, "due_at": due_at}


def next_try(tries: int, now: datetime | None = None) -> datetime | None:
    """When to try again after `tries` failed tries; None when there have been enough."""
    return (now or timezone.now()) + GAPS[tries - 1] if tries < MAX_TRIES else None


def _release(row: OutboxMessage, wait_until: datetime | None = None) -> None:
    """Let go of an untried row; it is next in line once the one before it is through."""
    row.settle(due_at=wait_until or row.due_at)
