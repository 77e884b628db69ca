"""Storing arrivals step by step, for databases with a single writer; `storing_at_once` is PostgreSQL's way."""

from datetime import datetime
from typing import NamedTuple, Self

from django.db import transaction
from django.db.models import Q

from delivery.arrivals import Arrival, Arrivals, complete
from delivery.models import Event, SeenMessage, Suppressed, Uncounted
from delivery.states import Fault, Origin, Stage
from workspaces.models import Source, WriteKey


class By(NamedTuple):
    """How the source is found: by a write key and the region it has to be in ("": any), or by its id."""

    write_key: str
    region: str
    source_id: int

    @classmethod
    def key(cls, write_key: str, region: str) -> Self:
        return cls(write_key, region, 0)

    @classmethod
    def id(cls, source_id: int) -> Self:
        return cls("", "", source_id)


class Stored(NamedTuple):
    """What became of the rows; `event_ids` are those of the accepted ones."""

    source_id: int
    workspace_id: int
    duplicates: int
    refused: int
    event_ids: tuple[int, ...]


class _Judged(NamedTuple):
    """Rows with the fault that only the database knows, and how many repeat an earlier request."""

    rows: list[Arrival]
    duplicates: int


@transaction.atomic
def store(by: By, arrivals: Arrivals, origin: str, at: datetime) -> Stored | None:
    """Store them; None when no source is found. The transaction must be the only one that writes."""
    source = _source(by, at)
    if source is None:
        return None
    judged = _judge(source, arrivals.rows, origin)
    events = [_event(source.pk, row, origin, at) for row in judged.rows]
    Event.objects.bulk_create(events)
    SeenMessage.objects.bulk_create(
        SeenMessage(source_id=source.pk, message_id=row.message_id, digest=row.digest, at=at)
        for row in judged.rows
        if not row.fault
    )
    _note(source.pk, arrivals, judged.duplicates, at)
    accepted = tuple(event.pk for event in events if not event.fault)
    return Stored(source.pk, source.workspace_id, judged.duplicates, len(events) - len(accepted), accepted)


def _source(by: By, at: datetime) -> Source | None:
    if by.source_id:
        return Source.objects.filter(pk=by.source_id).first()
    usable = WriteKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), disabled_at=None, key=by.write_key)
    sources = Source.objects.filter(pk__in=usable.values("source"), is_enabled=True)
    return sources.filter(**{"workspace__region": by.region} if by.region else {}).first()


def _judge(source: Source, rows: list[Arrival], origin: str) -> _Judged:
    suppressed = _suppressed(source.workspace_id, rows, origin)
    ids = [row.message_id for row in rows if not row.fault]
    seen = SeenMessage.objects.filter(source_id=source.pk, message_id__in=ids)
    digests = dict(seen.values_list("message_id", "digest"))
    kept: list[Arrival] = []
    for row in rows:
        fault = row.fault or (Fault.SUPPRESSED.value if row.user_id in suppressed else "")
        if not fault and row.message_id in digests:
            if digests[row.message_id] == row.digest:
                continue
            fault = Fault.REUSED_ID.value
        kept.append(row._replace(fault=fault))
    return _Judged(kept, len(rows) - len(kept))


def _suppressed(workspace_id: int, rows: list[Arrival], origin: str) -> set[str]:
    """Those of the rows' users who asked not to be tracked. The event that deletes them goes out all the same."""
    if origin == Origin.REGULATION:
        return set()
    users = {row.user_id for row in rows if row.user_id}
    return set(
        Suppressed.objects.filter(workspace_id=workspace_id, user_id__in=users).values_list("user_id", flat=True)
    )


def _event(source_id: int, row: Arrival, origin: str, at: datetime) -> Event:
    return Event(
        source_id=source_id,
        message_id=row.message_id,
        type=row.type,
        name=row.name,
        user_id=row.user_id,
        received_at=at,
        origin=origin,
        fault=row.fault,
        payload=complete(row.payload, source_id),
    )


def _note(source_id: int, arrivals: Arrivals, duplicates: int, at: datetime) -> None:
    noted = [*arrivals.uncounted, (Stage.DUPLICATE.value, "", duplicates)]
    Uncounted.objects.bulk_create(
        Uncounted(source_id=source_id, at=at, stage=stage, code=code, count=number)
        for stage, code, number in noted
        if number
    )
