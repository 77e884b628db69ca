"""One item and one step of the checklist, as values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """Who closes an item (PRODUCT, the nine steps)."""

    COMPUTED = "m"
    ATTESTED = "a"
    SEGMENT = "s"


class ItemState(StrEnum):
    DONE = "done"
    OPEN = "open"
    WAITING = "waiting"  # for somebody else; the reason says for whom


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist. Unless it is done, `reason` says why, and `url` where it is closed.

    `by` (a name) and `at` tell who attested it and when.
    """

    id: str
    text: str
    kind: Kind
    state: ItemState
    reason: str = ""
    url: str = ""
    optional: bool = False
    by: str = ""
    at: datetime | None = None

    @property
    def is_done(self) -> bool:
        return self.state == ItemState.DONE

    @property
    def blocks(self) -> bool:
        """Whether the partner has to close it before submitting."""
        return not (self.is_done or self.optional or self.kind == Kind.SEGMENT)

    @property
    def is_attested(self) -> bool:
        return self.kind == Kind.ATTESTED

    # Names by which the rail's template knows the same things.
    @property
    def attested_by(self) -> str:
        return self.by

    @property
    def attested_at(self) -> datetime | None:
        return self.at

    @property
    def action(self) -> str:
        """What a button that leads to the item says."""
        if self.state == ItemState.WAITING:
            return "See how it stands"
        return {"submitted": "Submit for Review", "asked_public": "Go public"}.get(self.id, "Next step")


@dataclass(frozen=True, slots=True)
class Step:
    """One of the nine. `state`: done, current (holds the next item), open or waiting."""

    id: str
    number: int
    title: str
    items: list[Item] = field(default_factory=list)
    is_current: bool = False

    @property
    def required(self) -> list[Item]:
        return [item for item in self.items if not item.optional]

    @property
    def state(self) -> str:
        if all(item.is_done for item in self.required):
            return "done"
        if self.is_current:
            return "current"
        is_open = any(item.state == ItemState.OPEN for item in self.required)
        return "open" if is_open else "waiting"

    @property
    def url(self) -> str:
        return next((item.url for item in self.items if item.url and not item.is_done), "")

    @property
    def done_count(self) -> int:
        return sum(item.is_done for item in self.required)

    @property
    def total_count(self) -> int:
        return len(self.required)
