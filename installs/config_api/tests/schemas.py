"""Whether a value fits a schema of the OpenAPI document, by the few words of JSON Schema that it uses.

Any other word is an error of the document.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

KINDS: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "number": (int, float),
    "integer": int,
}  # fmt: skip
NOTES = {"description", "examples"}


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], where: str = "$") -> list[str]:
    """What does not fit, as sentences with a path; nothing when all does."""
    if "$ref" in schema:
        assert set(schema) == {"$ref"}
        return faults(value, resolved(schema, document), document, where)
    found = []
    for word, wanted in schema.items():
        if word not in NOTES:
            found += RULES[word](value, wanted, schema, document, where)
    return found


def resolved(node: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for."""
    found: Any = document
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def _type(value: Any, wanted: Any, schema: Any, document: Any, where: str) -> list[str]:
    names = [wanted] if isinstance(wanted, str) else wanted
    hits = {name for name in names if isinstance(value, KINDS[name])}
    if isinstance(value, bool):
        hits -= {"number", "integer"}
    return [] if hits else [f"{where}: {value!r} is not {wanted}"]


def _properties(value: Any, wanted: Any, schema: Any, document: Any, where: str) -> list[str]:
    inside = wanted.items() if isinstance(value, dict) else ()
    return [
        fault
        for key, inner in inside
        if key in value
        for fault in faults(value[key], inner, document, f"{where}.{key}")
    ]


def _closed(value: Any, wanted: Any, schema: Any, document: Any, where: str) -> list[str]:
    assert wanted is False
    unknown = set(value) - set(schema["properties"]) if isinstance(value, dict) else ()
    return [f"{where}: {sorted(unknown)} are not in the document"] if unknown else []


def _required(value: Any, wanted: Any, schema: Any, document: Any, where: str) -> list[str]:
    missing = set(wanted) - set(value) if isinstance(value, dict) else ()
    return [f"{where}: {sorted(missing)} are missing"] if missing else []


def _items(value: Any, wanted: Any, schema: Any, document: Any, where: str) -> list[str]:
    inside = enumerate(value) if isinstance(value, list) else ()
    return [fault for index, each in inside for fault in faults(each, wanted, document, f"{where}[{index}]")]


def _format(value: Any, wanted: Any, schema: Any, document: Any, where: str) -> list[str]:
    assert wanted == "date-time"
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return [f"{where}: {value!r} is no time"]
    return []


RULES: dict[str, Callable[..., list[str]]] = {
    "type": _type,
    "properties": _properties,
    "additionalProperties": _closed,
    "required": _required,
    "items": _items,
    "format": _format,
    "enum": lambda value, wanted, *_: [] if value in wanted else [f"{_[-1]}: {value!r} is none of {wanted}"],
    "minimum": lambda value, wanted, *_: [] if value >= wanted else [f"{_[-1]}: {value!r} is below {wanted}"],
}
