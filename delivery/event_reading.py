"""Events as the debugger shows them (D33): the newest of a source, one in its parts, and where it went."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from delivery.models import Delivery, Event
from workspaces.models import Source

CAP = 500
MOST_ROWS = 200
MAX_SEARCH = 100
ICONS = {
    "page": "file-text",
    "screen": "smartphone",
    "track": "activity",
    "identify": "user",
    "group": "users",
    "alias": "link",
    "delete": "trash-2",
}
# Parts of an event by the field they come from; what is left over comes first.
_PARTS = (
    ("properties", "Properties"),
    ("traits", "Traits"),
    ("context", "Context"),
    ("integrations", "Integrations"),
)
_TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an event as rows of dotted name and value; `cut` when there were too many."""

    title: str
    rows: list[tuple[str, str]]
    cut: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event in a list."""

    event: Event

    @property
    def icon(self) -> str:
        return ICONS.get(self.event.type, "circle-question-mark")

    @property
    def title(self) -> str:
        return self.event.name or self.event.user_id or self.event.message_id


def newest(source: Source) -> QuerySet[Event]:
    """The newest events of a source, at most CAP of them: this is a sample, not an archive."""
    events = Event.objects.filter(source=source).order_by("-id")
    oldest = events.values_list("id", flat=True)[CAP - 1 : CAP].first()
    return events.filter(id__gte=oldest) if oldest else events


def search(events: QuerySet[Event], text: str, *, refused: bool = False) -> QuerySet[Event]:
    """Those that hold `text` anywhere; `refused`: only those with a fault."""
    events = events.exclude(fault="") if refused else events
    text = text.strip()[:MAX_SEARCH]
    if not text or "\x00" in text:
        return events
    found = Q(payload__icontains=text) | Q(name__icontains=text) | Q(user_id__icontains=text)
    return events.filter(found | Q(message_id__icontains=text) | Q(type__iexact=text))


def payload_of(event: Event) -> dict[str, Any]:
    """What is stored of it; {} for what is no object."""
    try:
        stored = json.loads(event.payload)
    except ValueError:
        return {}
    return stored if isinstance(stored, dict) else {}


def parts_of(event: Event) -> list[Part]:
    """The event for reading: first what identifies it, then its parts, then its times."""
    payload = payload_of(event)
    apart = {name for name, _ in _PARTS} | set(_TIMES)
    first = {name: value for name, value in payload.items() if name not in apart}
    times = {name: payload[name] for name in _TIMES if name in payload}
    named = [("The call", first), *((title, payload.get(name)) for name, title in _PARTS), ("Times", times)]
    return [_part(title, value) for title, value in named if value]


def deliveries_of(event: Event) -> QuerySet[Delivery]:
    """Where it was sent, the newest first."""
    return event.deliveries.select_related("destination__app").order_by("-id")[:CAP]


def _part(title: str, value: Any) -> Part:
    rows = list(_flat(value, ""))
    return Part(title, rows[:MOST_ROWS], len(rows) > MOST_ROWS)


def _flat(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
