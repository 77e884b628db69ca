"""How the engine stands to each destination: left alone after failures that others would share, paused after days.

A destination whose endpoint does not answer costs one try at a time, further and further apart; the first answer opens
it again. Called within the transaction that stores the tries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from delivery.counting import Counted
from delivery.models import Delivery, Lane
from delivery.pausing import pause
from delivery.sending import INVALID_SETTINGS, Answer
from delivery.states import DeliveryKind, DeliveryState, Stage
from runtime.retry import GIVE_UP_AFTER, lane_gap

# These say that the endpoint or the settings are at fault, not the event.
_LASTING = frozenset({INVALID_SETTINGS, "errors.discarded.401", "errors.discarded.403"})
_EXPIRED_AT_ONCE = 1_000


@dataclass(slots=True)
class _Standing:
    failures: int = 0
    failing_since: datetime | None = None
    open_at: datetime | None = None

    def note(self, answer: Answer) -> None:
        if not answer.is_shared:  # it answers, whatever it says
            self.failures, self.open_at = 0, None
        self.failing_since = (self.failing_since or answer.at) if blames_endpoint(answer) else None
        if answer.is_shared:
            self.failures += 1
            opens = [timezone.now() + lane_gap(self.failures), *filter(None, [answer.not_before])]
            self.open_at = max(opens)


def blames_endpoint(answer: Answer) -> bool:
    """Whether a try says something bad about the endpoint, and not only about its event."""
    return answer.outcome.is_retryable or answer.outcome.code in _LASTING


def note(answers: Mapping[int, Sequence[Answer]]) -> list[Counted]:
    """Write down how the destinations fared, by id; what is to be tallied because it waited for too long."""
    known = {lane.pk: lane for lane in Lane.objects.filter(pk__in=answers)}
    counted: list[Counted] = []
    for pk in sorted(answers):  # in one order, so that no worker waits for one that waits for it
        mine = [answer for answer in answers[pk] if answer.job.kind != DeliveryKind.TEST]
        if mine:
            counted += _note_one(pk, known.get(pk), mine)
    return counted


def _note_one(pk: int, lane: Lane | None, answers: Sequence[Answer]) -> list[Counted]:
    before = _Standing(lane.failures, lane.failing_since, lane.open_at) if lane else _Standing()
    after = replace(before)
    for answer in answers:
        after.note(answer)
    if after != before:
        Lane.objects.update_or_create(pk=pk, defaults=asdict(after))
    return _lasting(after, answers[-1])


def leave_alone(destination_id: int, gap: timedelta) -> None:
    """Try nothing there for so long, through no fault of the endpoint."""
    Lane.objects.update_or_create(pk=destination_id, defaults={"open_at": timezone.now() + gap})


def _lasting(standing: _Standing, last: Answer) -> list[Counted]:
    """What a failure does that lasts: after hours the queue expires, after days the destination is paused."""
    now, since = timezone.now(), standing.failing_since
    if since is None or since > now - GIVE_UP_AFTER:
        return []
    pk, code = last.job.destination_id, last.outcome.code
    if since <= now - timedelta(days=settings.PAUSE_AFTER_DAYS) and pause(pk, since=since, code=code):
        expired = _expire(pk, Q(), code, most=None)
    else:
        waited = Q(due_at__lte=now, received_at__lt=now - GIVE_UP_AFTER)
        expired = _expire(pk, waited, code, most=_EXPIRED_AT_ONCE)
    return [Counted(last.reach.target.source_id, pk, now, Stage.FAILED, code, 0, expired)] if expired else []


def _expire(pk: int, which: Q, code: str, *, most: int | None) -> int:
    """Give up what waits behind the tries (D30): how many rows."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    queued = Delivery.objects.filter(free, which, destination_id=pk, kind=DeliveryKind.LIVE, due_at__isnull=False)
    if most is not None:
        pks = list(queued.order_by("due_at").values_list("pk", flat=True)[:most])
        queued = queued.filter(pk__in=pks)
    return queued.update(state=DeliveryState.FAILED, code=code[:60], settled_at=now, due_at=None)
