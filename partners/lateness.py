"""Promised dates that were not kept: a new date with an apology, and word to the team (S5, S28).

A late wait takes two steps, each once: when the promised date passes, the partner gets an apology and a new
date, and the team is told; when the new date passes, too, the team is told again. The first promise is kept
on the row and on the audit record. A step is a compare-and-set on the row, so that two workers take it once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import models, transaction

from audit.recording import SYSTEM, record
from partners import emails
from partners.clock import due_after
from partners.models import AccessRequest, Policy
from partners.queries import overdue_requests
from partners.states import RequestState

log = structlog.get_logger(__name__)
APOLOGY, REMINDER = "apology", "reminder"
# So many rows of each kind in one go; the next run takes the rest.
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class WaitKind:
    """One kind of wait: which rows are late, and what is said to whom.

    late        rows that wait for Segment and whose `due_at` has passed, the oldest first
    still       what is true of a row as long as it waits
    new_date    (row, now) → the date to promise now
    apologise   (row) → queue the mails to the partner
    escalate    (row, step) → queue the mails to the team
    about       (row) → what the audit record is about, its chain, and what it says besides the dates
    """

    name: str
    late: Callable[[datetime], models.QuerySet[Any]]
    still: dict[str, Any]
    new_date: Callable[[Any, datetime], datetime]
    apologise: Callable[[Any], None]
    escalate: Callable[[Any, str], None]
    about: Callable[[Any], tuple[models.Model, str, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step that is due or was taken; `due_at` is the date that holds after it. `error` says why it failed."""

    kind: str
    id: str
    step: str
    due_at: datetime
    error: str = ""


def run(kind: WaitKind, now: datetime, *, dry_run: bool = False) -> Iterator[Step]:
    """Take every step of `kind` that is due at `now`; one that fails is reported and leaves the others alone."""
    for row in kind.late(now).filter(chased_at__isnull=True)[:AT_ONCE]:
        step = REMINDER if row.promised_at else APOLOGY
        due_at = row.due_at if row.promised_at else kind.new_date(row, now)
        if dry_run:
            yield Step(kind.name, str(row.pk), step, due_at)
            continue
        try:
            taken = _take(kind, row, step, due_at, now)
        except Exception as error:  # one broken row must not keep the others waiting
            log.exception("clock_step_failed", kind=kind.name, row=str(row.pk), step=step)
            yield Step(kind.name, str(row.pk), step, due_at, f"{type(error).__name__}: {error}")
            continue
        if taken:
            yield Step(kind.name, str(row.pk), step, due_at)


@transaction.atomic
def _take(kind: WaitKind, row: Any, step: str, due_at: datetime, now: datetime) -> bool:
    """Whether this worker took the step; False when another one, or a decision, was first."""
    mine = type(row).objects.filter(pk=row.pk, due_at=row.due_at, chased_at=None, promised_at=row.promised_at)
    written: dict[str, Any] = (
        {"chased_at": now} if step == REMINDER else {"promised_at": row.due_at, "due_at": due_at}
    )  # fmt: skip
    if not mine.filter(**kind.still).update(**written):
        return False
    promised_at = row.promised_at or row.due_at
    for name, value in written.items():
        setattr(row, name, value)
    target, chain, data = kind.about(row)
    data |= {"promised": promised_at.isoformat(), "due": due_at.isoformat()}
    action = f"{kind.name}.late" if step == APOLOGY else f"{kind.name}.escalated"
    record(SYSTEM, action, target, chain=chain, **data)
    if step == APOLOGY:
        kind.apologise(row)
    kind.escalate(row, step)
    log.info("wait_is_late", kind=kind.name, row=str(row.pk), step=step)
    return True


def _new_access_date(access_request: AccessRequest, now: datetime) -> datetime:
    return due_after(Policy.in_force(access_request.submitted_at or now).late_days, now)


def _about_access(access_request: AccessRequest) -> tuple[models.Model, str, dict[str, str]]:
    return access_request, access_request.chain, {}


ACCESS = WaitKind(
    "access", late=overdue_requests, still={"state": RequestState.SUBMITTED}, new_date=_new_access_date,
    apologise=emails.access_late, escalate=emails.access_overdue, about=_about_access,
)  # fmt: skip
