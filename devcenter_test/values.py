"""`key=value` of the command line as values."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devcenter_test.errors import UsageError

_WORDS = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
_IN_JSON = frozenset({"array", "map", "mixed", "text-map"})


def read_pairs(pairs: Iterable[str], types: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`key=value` as text, or as its type in `types` asks; `key:=value` as JSON. Raises UsageError."""
    found = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        is_json = name.endswith(":")
        key = name.removesuffix(":").strip()
        if not equals or not key:
            raise UsageError(f"“{pair}” is no setting. Write key=value, or key:=value for a value in JSON.")
        found[key] = _json(key, text) if is_json else _typed(key, text, (types or {}).get(key, ""))
    return found


def _typed(key: str, text: str, kind: str) -> Any:
    readers: dict[str, Callable[[str, str], Any]] = {"boolean": _boolean, "number": _number}
    if kind in _IN_JSON:
        return _json(key, text)
    return readers[kind](key, text) if kind in readers else text


def _boolean(key: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in _WORDS:
        raise UsageError(f"“{key}” is true or false, not “{text}”.")
    return _WORDS[word]


def _number(key: str, text: str) -> int | float:
    try:
        return int(text) if text.strip().lstrip("-").isdigit() else float(text)
    except ValueError:
        raise UsageError(f"“{key}” is a number, not “{text}”.") from None


def _json(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"The value of “{key}” is no JSON: {text}") from None


def texts_in(value: Any) -> list[str]:
    """Every text and number within a value, to be masked wherever it turns up."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in texts_in(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [str(value)] if is_number else []
