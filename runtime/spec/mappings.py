"""Where the value of an action's field comes from: a path into the event, or a fixed value; and what comes of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from runtime.spec.paths import MISSING, Path
from runtime.spec.paths import parse as parse_path
from runtime.spec.reserved import Kind

# The types of a field, by the names that plans use, and the kinds of value that they take.
TAKES: Final[dict[str, frozenset[Kind]]] = {
    "string": frozenset({Kind.TEXT, Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN, Kind.DATETIME}),
    "text": frozenset({Kind.TEXT, Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN, Kind.DATETIME}),
    "number": frozenset({Kind.NUMBER, Kind.INTEGER}),
    "integer": frozenset({Kind.INTEGER}),
    "boolean": frozenset({Kind.BOOLEAN}),
    "datetime": frozenset({Kind.DATETIME}),
    "object": frozenset({Kind.OBJECT, Kind.LIST}),
    "password": frozenset({Kind.TEXT}),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field of an action: `default` is a path that begins with `$`, or a fixed value; "" leaves it to customers."""

    key: str
    label: str
    type: str
    required: bool
    default: str


@dataclass(frozen=True, slots=True)
class Got:
    """What one field gets from one event. `problem` says why it gets nothing, or nothing that fits."""

    field: Wanted
    value: Any
    problem: str = ""

    @property
    def is_there(self) -> bool:
        return self.value is not MISSING


def path_of(default: str) -> Path | None:
    """The path of a default that is one; None for a fixed value. Raises BadPath."""
    return parse_path(default) if default.strip().startswith("$") else None


def resolve(fields: Iterable[Wanted], event: Mapping[str, Any]) -> list[Got]:
    """What every field gets from `event` when nobody changes the defaults. Raises BadPath."""
    return [_got(field, event) for field in fields]


def payload(got: Iterable[Got]) -> dict[str, Any]:
    """What the action is called with; a field that got nothing is left out."""
    return {each.field.key: each.value for each in got if each.is_there}


def _got(field: Wanted, event: Mapping[str, Any]) -> Got:
    if not field.default.strip():
        return Got(field, MISSING, "No default: customers have to say it." if field.required else "")
    path = path_of(field.default)
    value = field.default if path is None else path.read(event)
    if value is MISSING or value is None:
        return Got(field, MISSING, "Required, and this event does not have it." if field.required else "")
    fitted = fit(value, field.type)
    if fitted is MISSING:
        return Got(field, value, f"This is {kind_of_value(value)}, which does not fit.")
    return Got(field, fitted)


def fit(value: Any, type_name: str) -> Any:
    """The value as the type takes it, as Segment does it: “12” fits a number. MISSING when it does not fit."""
    readers = {"number": _number, "integer": _integer, "boolean": _boolean, "datetime": _datetime, "object": _object}
    return readers.get(type_name, _text)(value)


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return MISSING if isinstance(value, list | Mapping) else str(value)


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return MISSING
    if isinstance(value, int | float):
        return value
    try:
        read = float(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None or read != read or read in (float("inf"), float("-inf")):
        return MISSING
    return int(read) if read.is_integer() and abs(read) < 2**53 else read


def _integer(value: Any) -> Any:
    number = _number(value)
    if isinstance(number, float) and number.is_integer():
        return int(number)
    return number if isinstance(number, int) else MISSING


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False}
    return words.get(value, MISSING) if isinstance(value, str) else MISSING


def _datetime(value: Any) -> Any:
    try:
        datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return MISSING
    return value if isinstance(value, str) else MISSING


def _object(value: Any) -> Any:
    return value if isinstance(value, list | Mapping) else MISSING


def kind_of_value(value: Any) -> Kind:
    """The kind of a value as it stands in an event."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    kinds: tuple[tuple[Any, Kind], ...] = (
        (int, Kind.INTEGER), (float, Kind.NUMBER), (list, Kind.LIST), (Mapping, Kind.OBJECT),
    )  # fmt: skip
    return next((kind for of, kind in kinds if isinstance(value, of)), Kind.TEXT)
