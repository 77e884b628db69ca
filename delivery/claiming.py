"""Whose turn it is: which due deliveries a worker takes (SECURITY T34, F1).

    which destinations have something due (a few index look-ups for each, however long their queues are)
    -> how many rows each gets, fairly -> one statement that takes them under a lease

The index that is used holds only rows that are not settled, by destination and time; so the cost does not grow with
what was delivered already.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from delivery.models import Delivery, Lane
from delivery.states import DeliveryKind, DeliveryState

BATCH = 100
# Destinations that are looked at in one step, in the order of their ids; the next step goes on from there.
_LOOKED_AT = 100
# What a slow destination gets in a batch.
FEW = 5
# So many times may a row bring its worker down before it is given up.
MAX_LOST = 30


class Waiting(NamedTuple):
    """A destination with deliveries that are due. `failures`: of the endpoint itself, in a row."""

    destination_id: int
    failures: int
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery that is ours until its lease ends. `payload` is the event as it goes out, JSON text."""

    pk: int
    token: uuid.UUID
    destination_id: int
    kind: str
    tries: int
    lost: int
    first_tried_at: datetime | None
    received_at: datetime
    payload: str


def lease() -> timedelta:
    """How long a silent worker is believed to be alive: twice what one try may take, 30 s (F1). It extends them."""
    return timedelta(seconds=max(5.0, 2 * settings.EGRESS_TOTAL_SECONDS))


def waiting(after: int, busy: Collection[int] = (), now: datetime | None = None) -> tuple[list[Waiting], int]:
    """Destinations behind the one with the id `after` that have something due, and the id to go on from (0: the start).

    Not those in `busy`, nor those that are left alone for the moment.
    """
    now = now or timezone.now()
    ids = _with_open_rows(after, now)
    lanes = {lane.pk: lane for lane in Lane.objects.filter(pk__in=[pk for pk, _ in ids])} if ids else {}
    found = []
    for pk, is_due in ids:
        lane = lanes.get(pk)
        if is_due and pk not in busy and (lane is None or lane.open_at is None or lane.open_at <= now):
            found.append(Waiting(pk, lane.failures if lane else 0, lane.failing_since if lane else None))
    return found, ids[-1][0] if len(ids) == _LOOKED_AT else 0


def _with_open_rows(after: int, now: datetime) -> list[tuple[int, bool]]:
    """The next destinations with rows that are not settled, and whether one of these is due and free.

    Steps from one destination to the next through the index, instead of through all their rows.
    """
    table = Delivery._meta.db_table
    # Only the name of the table is put in.
    following = f"SELECT MIN(destination_id) FROM {table} WHERE due_at IS NOT NULL AND destination_id >"  # noqa: S608
    due = (
        f"EXISTS (SELECT 1 FROM {table} d WHERE d.destination_id = step.id AND d.due_at <= %s"  # noqa: S608
        " AND (d.lease_until IS NULL OR d.lease_until < %s))"
    )
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE step(id) AS (SELECT ({following} %s) UNION ALL"  # noqa: S608
            f" SELECT ({following} step.id) FROM step WHERE step.id IS NOT NULL)"
            f" SELECT id, {due} FROM step WHERE id IS NOT NULL LIMIT {_LOOKED_AT}",
            [after, moment, moment],
        )
        return [(pk, bool(is_due)) for pk, is_due in cursor.fetchall()]


def is_anything_due() -> bool:
    """Whether a drain would find something."""
    if Delivery.objects.filter(kind=DeliveryKind.TEST).claimable().exists():
        return True
    found, after = waiting(0)
    while not found and after:
        found, after = waiting(after)
    return bool(found)


def begin_probe(destination_id: int, now: datetime | None = None) -> bool:
    """Whether this worker is the one that tries a destination that failed last time; the others wait for its result."""
    now = now or timezone.now()
    lane = Lane.objects.filter(Q(open_at=None) | Q(open_at__lte=now), pk=destination_id)
    return bool(lane.update(open_at=now + lease()))


def claim(shares: Mapping[int, int], now: datetime | None = None, *, kind: str = "") -> list[Job]:
    """Take up to so many due rows (of one `kind`) of each destination, the oldest first; those that are ours now.

    Workers that claim at the same time get different rows. Call it outside any transaction.
    """
    now, token = now or timezone.now(), uuid.uuid4()
    with transaction.atomic():
        taken = _take(shares, now, token, kind) if shares else []
    if not taken:
        return []
    held = Delivery.objects.filter(pk__in=taken, lease_token=token)
    names = ("pk", "destination_id", "kind", "tries", "attempts", "first_tried_at", "received_at", "event__payload")
    jobs = [
        Job(pk, token, destination, kind, tries, attempts - tries, first, received, payload)
        for pk, destination, kind, tries, attempts, first, received, payload in held.values_list(*names)
    ]
    if len(jobs) < len(taken):
        _let_go_without_event(set(taken) - {job.pk for job in jobs}, token)
    order = {pk: place for place, pk in enumerate(taken)}
    return sorted(jobs, key=lambda job: order[job.pk])


def _take(shares: Mapping[int, int], now: datetime, token: uuid.UUID, kind: str) -> list[int]:
    """The rows' keys. The part for each destination is a sub-select of its own, so that each is an index scan."""
    table, stored = Delivery._meta.db_table, connection.ops.adapt_datetimefield_value
    lock = " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    one = (
        f"SELECT id FROM (SELECT id FROM {table} WHERE destination_id = %s AND due_at <= %s"  # noqa: S608
        f" AND (lease_until IS NULL OR lease_until < %s){' AND kind = %s' if kind else ''}"
        f" ORDER BY due_at LIMIT %s{lock}) AS part"
    )
    params: list[Any] = []
    for destination_id, number in shares.items():
        params += [destination_id, stored(now), stored(now), *([kind] if kind else []), number]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(shares)), params)
        taken = [pk for (pk,) in cursor.fetchall()]
    free = Delivery.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk__in=taken)
    free.update(lease_token=token, lease_until=now + lease(), attempts=F("attempts") + 1)
    return taken


def _let_go_without_event(pks: Collection[int], token: uuid.UUID) -> None:
    """Their events were purged: there is nothing left to send."""
    gone = {"state": DeliveryState.CANCELLED, "settled_at": timezone.now(), "due_at": None}
    Delivery.objects.filter(pk__in=pks, lease_token=token).update(**gone, lease_until=None, lease_token=None)


def claim_tests(limit: int = 20) -> list[Job]:
    """Take events of the Event Tester: somebody sits before the screen, so they wait for no turn and no lane."""
    due = Delivery.objects.filter(kind=DeliveryKind.TEST).claimable()
    now = timezone.now()
    counts = Counter(due.values_list("destination_id", flat=True)[:limit])
    return claim(counts, now, kind=DeliveryKind.TEST)


def extend(jobs: Collection[Job]) -> None:
    """Hold on to them for another lease."""
    tokens = {job.token for job in jobs}
    held = Delivery.objects.filter(pk__in=[job.pk for job in jobs], lease_token__in=tokens)
    held.update(lease_until=timezone.now() + lease())


def release(jobs: Collection[Job]) -> None:
    """Let go of jobs that were not tried; they are due as they were."""
    tokens = {job.token for job in jobs}
    held = Delivery.objects.filter(pk__in=[job.pk for job in jobs], lease_token__in=tokens)
    held.update(lease_until=None, lease_token=None, attempts=F("attempts") - 1)


def shares(found: Sequence[Waiting], room: int, slow: Collection[int] = ()) -> dict[int, int]:
    """How many rows of a batch each destination gets: the same for all, but few where events take long.

    A destination whose last try failed gets a single one.
    """
    wanted = {one.destination_id: 1 for one in found if one.failures}
    wanted |= {one.destination_id: FEW for one in found if not one.failures and one.destination_id in slow}
    others = [one.destination_id for one in found if one.destination_id not in wanted]
    each = max(1, (room - sum(wanted.values())) // len(others)) if others else 0
    return wanted | dict.fromkeys(others[:room], each)
