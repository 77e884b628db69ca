"""Results become rows, many at once: the state of each delivery, its attempt, the tallies (D30 to D32).

Everything is fenced by the lease: a worker that was slow or stopped changes nothing once another has taken over
(SECURITY F4).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.db import transaction
from django.db.models import Case, DateTimeField, F, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from delivery import lanes
from delivery.claiming import Job
from delivery.counting import Counted, add, bucket_of
from delivery.models import Attempt, Delivery
from delivery.sending import Answer
from delivery.states import SETTLED, DeliveryKind, DeliveryState, Stage
from runtime.retry import next_try
from runtime.webhooks import OutcomeVerdict

log = structlog.get_logger(__name__)

_STAGES = {
    DeliveryState.DELIVERED: Stage.DELIVERED,
    DeliveryState.FAILED: Stage.FAILED,
    DeliveryState.RETRYING: Stage.RETRIED,
}
_FREE: dict[str, Any] = {"lease_until": None, "lease_token": None}


class Fate(NamedTuple):
    """What a try makes of its delivery. `due_at` is None unless it is tried again."""

    state: DeliveryState
    due_at: datetime | None = None


def fate_of(answer: Answer) -> Fate:
    """Delivered, to be tried again (D30), or given up with the code of this try. Tests are tried once."""
    if answer.outcome.verdict == OutcomeVerdict.GREEN:
        return Fate(DeliveryState.DELIVERED)
    if not answer.outcome.is_retryable or answer.job.kind == DeliveryKind.TEST:
        return Fate(DeliveryState.FAILED)
    first = answer.job.first_tried_at or answer.at
    due_at = next_try(answer.job.tries + 1, first, timezone.now(), not_before=answer.not_before)
    return Fate(DeliveryState.RETRYING, due_at) if due_at else Fate(DeliveryState.FAILED)


def settle(answers: Sequence[Answer]) -> None:
    """Store what became of these tries, in one transaction; those whose lease was lost are dropped."""
    # Text work first: no row is locked while it is done.
    attempts = {id(answer): _attempt(answer) for answer in answers}
    with transaction.atomic():
        kept = _still_held(answers)
        fates = [(answer, fate_of(answer)) for answer in kept]
        _write(fates)
        Attempt.objects.bulk_create(attempts[id(answer)] for answer in kept)
        by_destination = defaultdict(list)
        for answer in kept:
            by_destination[answer.job.destination_id].append(answer)
        add([*_counted(fates), *lanes.note(by_destination)])
    if len(kept) < len(answers):
        log.warning("delivery_possible_repeat", number=len(answers) - len(kept))


def _still_held(answers: Sequence[Answer]) -> list[Answer]:
    jobs = [answer.job for answer in answers]
    rows = Delivery.objects.select_for_update(of=("self",)).filter(
        pk__in=[job.pk for job in jobs], lease_token__in={job.token for job in jobs}
    )
    held = set(rows.order_by("pk").values_list("pk", "lease_token"))
    return [answer for answer in answers if (answer.job.pk, answer.job.token) in held]


def _write(fates: Iterable[tuple[Answer, Fate]]) -> None:
    """One statement for all that share state, status and code, which is most of a batch."""
    groups: defaultdict[tuple[DeliveryState, int | None, str], list[tuple[Answer, Fate]]] = defaultdict(list)
    for answer, fate in fates:
        groups[fate.state, answer.outcome.status, answer.outcome.code].append((answer, fate))
    for (state, status, code), members in groups.items():
        rows = Delivery.objects.filter(pk__in=[answer.job.pk for answer, _ in members])
        rows.update(
            state=state, status=status, code=code[:60], tries=F("tries") + 1,
            first_tried_at=Coalesce("first_tried_at", min(answer.at for answer, _ in members)),
            settled_at=timezone.now() if state in SETTLED else None,
            due_at=_due(members) if state not in SETTLED else None,
            **_FREE,
        )  # fmt: skip


def _due(members: Sequence[tuple[Answer, Fate]]) -> Case:
    whens = [When(pk=answer.job.pk, then=Value(fate.due_at)) for answer, fate in members]
    return Case(*whens, output_field=DateTimeField())


def _attempt(answer: Answer) -> Attempt:
    masks = answer.reach.masks
    attempt = Attempt(
        delivery_id=answer.job.pk, number=answer.job.tries + 1, at=answer.at, status=answer.outcome.status,
        code=answer.outcome.code[:60], duration_ms=answer.duration_ms, **masks.of_words(answer.outcome),
    )  # fmt: skip
    if answer.exchange:
        for name, value in masks.of_exchange(answer.exchange).items():
            setattr(attempt, name, value)
    if answer.run:
        attempt.details = masks.of_run(answer.run)
    return attempt


def _counted(fates: Iterable[tuple[Answer, Fate]]) -> list[Counted]:
    """Tests and replays are never counted."""
    counted = []
    for answer, fate in fates:
        if answer.job.kind != DeliveryKind.LIVE:
            continue
        ended = answer.at + timedelta(milliseconds=answer.duration_ms)
        took_ms = (ended - answer.job.received_at).total_seconds() * 1000
        is_delivered = fate.state == DeliveryState.DELIVERED
        bucket = bucket_of(took_ms) if is_delivered else 0
        target, code = answer.reach.target, answer.outcome.code
        counted.append(Counted(target.source_id, target.destination_id, ended, _STAGES[fate.state], code, bucket))
    return counted


@transaction.atomic
def drop(jobs: Collection[Job], state: DeliveryState, code: str = "", source_id: int = 0) -> None:
    """Settle jobs that are not to be tried; with a `source_id`, they are tallied under their code."""
    now, tokens = timezone.now(), {job.token for job in jobs}
    rows = Delivery.objects.filter(pk__in=[job.pk for job in jobs], lease_token__in=tokens)
    fields = {"state": state, "settled_at": now, "due_at": None, **_FREE}
    rows.update(**fields, **({"code": code[:60]} if code else {}))
    live = [job for job in jobs if job.kind == DeliveryKind.LIVE]
    if source_id and live:
        add([Counted(source_id, live[0].destination_id, now, _STAGES[state], code, 0, len(live))])
