"""The kinds of value in a manifest: each reader checks one and names its path when it is wrong."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

MAX_DEPTH = 20


class ManifestError(ValueError):
    """Something in a manifest cannot be taken; `path` says where, the message what to do."""

    def __init__(self, path: str, message: str) -> None:
        self.path, self.message = path, message
        super().__init__(f"{path}: {message}" if path else message)


def parse(text: str) -> Any:
    """What a JSON text says. Refuses NaN, doubled keys and bottomless nesting."""
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except RecursionError:
        raise ManifestError("", "The file is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise ManifestError("", f"The file is not JSON: {error.msg} in line {error.lineno}.") from None
    except ManifestError:
        raise
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise ManifestError("", "The file holds a number that is too long to be read.") from None


def read_object(data: Any, path: str, keys: set[str]) -> dict[str, Any]:
    """An object with no other keys than `keys`."""
    if not isinstance(data, dict):
        raise ManifestError(path, "Must be an object.")
    unknown = next((key for key in data if key not in keys), None)
    if unknown is not None:
        raise ManifestError(join(path, unknown), f"Unknown key. Known are: {', '.join(sorted(keys))}.")
    return data


def read_text(data: Mapping[str, Any], key: str, path: str, *, limit: int = 100_000) -> str:
    """The text under `key`, "" when it is absent or null; at most `limit` characters."""
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ManifestError(join(path, key), "Must be a text.")
    if len(value) > limit:
        raise ManifestError(join(path, key), f"At most {limit:,} characters; these are {len(value):,}.")
    return value


def read_list(data: Mapping[str, Any], key: str, path: str) -> list[Any]:
    """The list under `key`, [] when it is absent or null."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ManifestError(join(path, key), "Must be a list.")
    return value


def read_flag(data: Mapping[str, Any], key: str, path: str) -> bool:
    """The true or false under `key`, false when it is absent."""
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise ManifestError(join(path, key), "Must be true or false.")
    return value


def checked(check: Callable[[Any], Any], value: Any, path: str) -> Any:
    """What `check` makes of `value`; its ValidationError becomes a ManifestError."""
    try:
        return check(value)
    except ValidationError as problem:
        raise ManifestError(path, " ".join(problem.messages)) from None


def join(path: str, key: str) -> str:
    """The path of a key inside an object."""
    return f"{path}.{key}" if path else key


def _refuse_constant(name: str) -> None:
    raise ManifestError("", f"{name} is not a number in JSON.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ManifestError("", "A key is there twice in one object.")
    return data


def check_texts(value: Any, path: str, depth: int) -> None:
    """Refuse what the database cannot hold: NUL, lone surrogates, infinite numbers, bottomless nesting."""
    if depth > MAX_DEPTH:
        raise ManifestError(path, "Nested too deeply.")
    if isinstance(value, str) and ("\x00" in value or any("\ud800" <= char <= "\udfff" for char in value)):
        raise ManifestError(path, "Contains a character that cannot be stored.")
    if isinstance(value, float) and not math.isfinite(value):  # 1e999 is JSON, and infinite to Python
        raise ManifestError(path, "This number is too large.")
    if isinstance(value, dict):
        for key, each in value.items():
            check_texts(key, path, depth + 1)
            check_texts(each, join(path, key), depth + 1)
    if isinstance(value, list):
        for index, each in enumerate(value):
            check_texts(each, f"{path}[{index}]", depth + 1)
