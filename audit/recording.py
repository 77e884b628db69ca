"""The one way to write to the audit record, and the way to check it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from audit.models import Chain, Record


class System:
    """The actor of what no person did: sweeps, clocks, commands."""

    def __str__(self) -> str:
        return "system"


SYSTEM = System()


@dataclass(frozen=True)
class Machine(System):
    """A program that acts under a name of its own: “install:7” is a partner's server with a token (D43)."""

    name: str

    def __str__(self) -> str:
        return self.name


def name_of(obj: models.Model) -> str:
    """The name by which the record knows a row: “app:12”."""
    return f"{obj._meta.model_name}:{obj.pk}"


def actor_name(actor: User | System) -> str:
    return str(actor) if isinstance(actor, System) else f"user:{actor.pk}"


@transaction.atomic
def record(actor: User | System, action: str, target: models.Model, *, chain: str, **data: Any) -> Record:
    """Append one record to `chain`. Call it inside the transaction of what it records.

    `data` holds ids and plain values, never personal data or secrets.
    """
    Chain.objects.get_or_create(name=chain)
    head = Chain.objects.select_for_update().get(name=chain)
    entry = Record(
        chain=head,
        seq=head.last_seq + 1,
        at=timezone.now(),
        actor=actor_name(actor),
        action=action,
        target=name_of(target),
        data=data,
        prev_hash=head.last_hash,
    )
    entry.hash = entry.digest()
    entry.save(force_insert=True)
    head.last_seq, head.last_hash = entry.seq, entry.hash
    head.save(update_fields=["last_seq", "last_hash"])
    return entry


class Break(NamedTuple):
    """A place where a chain is not as it was written. `text` is a sentence for people."""

    chain: str
    seq: int
    text: str


def verify(chain: Chain) -> Iterator[Break]:
    """Every break in `chain`, the first one first; nothing when it is whole."""
    previous, expected_seq = "", 1
    for entry in chain.records.order_by("seq").iterator():
        if entry.seq != expected_seq:
            yield Break(chain.name, expected_seq, f"{chain.name}: record {expected_seq} is missing.")
            expected_seq = entry.seq
        if entry.prev_hash != previous or entry.hash != entry.digest():
            yield Break(chain.name, entry.seq, f"{chain.name}: record {entry.seq} ({entry.action}) was altered.")
        previous, expected_seq = entry.hash, entry.seq + 1
    if (chain.last_seq, chain.last_hash) != (expected_seq - 1, previous):
        yield Break(chain.name, expected_seq, f"{chain.name}: the last records are missing.")


def account_event(user: User, action: str) -> None:
    """What people do to their own account goes to a chain of their own."""
    record(user, action, user, chain=f"applicant:{user.pk}")
