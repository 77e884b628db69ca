"""An event that an action runs on: a sample event that meets its trigger, or one made from trigger and fields."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final, cast

from runtime.events import Event, EventType
from runtime.spec.events import samples
from runtime.spec.mappings import Wanted, path_of
from runtime.spec.paths import MISSING, BadPath, Path
from runtime.spec.triggers import Condition, comparisons, event_names, matches, types_of
from runtime.suite.making import Maker

# Made events are the same each time, so that what is written with them is.
_AT: Final = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
_ID: Final = "00000000-0000-4000-8000-000000000000"
_VALUES: Final[Mapping[str, Any]] = {
    "string": "Sample", "text": "Sample", "password": "sample-secret", "number": 12.5, "integer": 3, "boolean": True,
    "datetime": "2026-03-04T17:30:00.000Z", "object": {"sample": "value"},
}  # fmt: skip
_CONTENT: Final[Mapping[str, Callable[[str], dict[str, Any]]]] = {
    "track": lambda name: {"event": name, "properties": {}},
    "page": lambda name: {"name": name, "properties": {}},
    "screen": lambda name: {"name": name, "properties": {}},
    "identify": lambda _: {"traits": {}},
    "group": lambda _: {"groupId": "group-7", "traits": {}},
    "alias": lambda _: {"previousId": "visitor-7"},
}


def example(name: str, condition: Condition, fields: Iterable[Wanted]) -> Event | None:
    """A fresh copy; None when the trigger does not say enough to make one. `name` is the action's."""
    wanted = list(fields)
    suiting = [event for event in samples().values() if matches(condition, event)]
    full = next((event for event in suiting if all(_has(event, field) for field in wanted)), None)
    if full is not None:
        return deepcopy(full)
    made = next((event for event in _made(name, condition, wanted) if matches(condition, event)), None)
    return made or (deepcopy(suiting[0]) if suiting else None)


def _has(event: Event, field: Wanted) -> bool:
    """Whether the event holds what the field is mapped from; a fixed value asks nothing of it."""
    path = _path(field)
    return path is None or path.read(event) not in (MISSING, None)


def _made(name: str, condition: Condition, fields: Iterable[Wanted]) -> Iterator[Event]:
    """Events of every type that fits, with what the trigger compares and the fields are mapped from."""
    maker = Maker.fresh(lambda: _AT, lambda: _ID, "sample")
    for kind in types_of(condition):
        for title in event_names(condition) or (name,):
            content = _CONTENT.get(kind, lambda _: {})(title)
            event = deepcopy(maker.event(cast(EventType, kind), **content))
            _fill(event, condition, fields)
            yield event


def _fill(event: Event, condition: Condition, fields: Iterable[Wanted]) -> None:
    for compared in comparisons(condition):
        if compared.operator in ("=", "contains", "exists") and compared.path.root != "type":
            _put(event, compared.path, "sample" if compared.operator == "exists" else compared.value)
    for field in fields:
        if not _has(event, field) and (path := _path(field)):
            _put(event, path, _VALUES.get(field.type, "Sample"))


def _path(field: Wanted) -> Path | None:
    try:
        return path_of(field.default)
    except BadPath:
        return None


def _put(event: Event, path: Path, value: Any) -> None:
    """Write a value where there is room for it; lists are left alone."""
    place: Any = event
    for step in path.steps[:-1]:
        if not isinstance(place, dict) or not isinstance(step, str):
            return
        place = place.setdefault(step, {})
    if isinstance(place, dict) and isinstance(path.steps[-1], str):
        place[path.steps[-1]] = value
