"""An event that a person typed as JSON: read strictly, with a message that says where it breaks off."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from django.core.exceptions import ValidationError

MAX_EVENT_BYTES = 32 * 1024  # D37
MAX_DEPTH = 32
AROUND = 2  # lines shown before and after the one that is wrong
MAX_LINE = 160
EVENT_TYPES = ("identify", "track", "page", "screen", "group", "alias", "delete")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The lines around a mistake, as (number, text); `column` counts from 1 in the line numbered `line`."""

    line: int
    column: int
    lines: list[tuple[int, str]]

    @property
    def pointer(self) -> str:
        """An arrow under the place, in a monospaced type."""
        return " " * (self.column - 1) + "^"


def excerpt_at(text: str, error: ValidationError) -> Excerpt | None:
    """The place that an error of `read_event` is about; None where it is about the whole event."""
    params = getattr(error, "params", None) or {}
    if "line" not in params:
        return None
    line, column = params["line"], params["column"]
    numbered = list(enumerate(text.split("\n"), start=1))[max(0, line - 1 - AROUND) : line + AROUND]
    # A long line is shown from a little before the mistake.
    start = max(0, column - MAX_LINE // 2) if column > MAX_LINE else 0
    return Excerpt(line, column - start, [(number, words[start : start + MAX_LINE]) for number, words in numbered])


def read_event(text: str) -> dict[str, Any]:
    """The event, or ValidationError with a sentence for the person, and line and column where possible."""
    event = _parse(text)
    if not isinstance(event, dict):
        raise ValidationError("An event is a JSON object: it starts with { and ends with }.")
    if event.get("type") not in EVENT_TYPES:
        raise ValidationError(f"Give the event a “type”, one of: {', '.join(EVENT_TYPES)}.")
    if _is_deeper_than(event, MAX_DEPTH):
        raise ValidationError(f"This event is nested too deeply: at most {MAX_DEPTH} levels are allowed.")
    _check_sendable(event)
    return event


def pretty(event: dict[str, Any]) -> str:
    return json.dumps(event, indent=2, ensure_ascii=False)


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValidationError(
            f"This is not valid JSON: {error.msg}, at line {error.lineno}, column {error.colno}.",
            code="json",
            params={"line": error.lineno, "column": error.colno},
        ) from None
    except RecursionError:
        raise ValidationError("This JSON is nested too deeply.") from None
    except ValueError:
        raise ValidationError("This JSON holds a number that is too long to be read.") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValidationError(f"This is not valid JSON: {name} is not a JSON value.")


def _is_deeper_than(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper_than(item, levels - 1) for item in inner)


def _check_sendable(event: dict[str, Any]) -> None:
    try:
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        raise ValidationError("The event holds a character or a number that JSON in UTF-8 cannot express.") from None
    if len(body) > MAX_EVENT_BYTES:
        raise ValidationError(f"The event has {len(body):,} bytes; at most {MAX_EVENT_BYTES:,} are allowed.")
