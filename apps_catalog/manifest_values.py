"""What can be wrong with a manifest, and how its problems are gathered while it is read."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError

from apps_catalog.manifest_rules import Rules
from apps_catalog.manifest_text import Fault, Located, read_text

MAX_DEPTH = 20
# How many slips a terminal shows, and how much of their lines.
MAX_TOLD = 5
WIDTH = 72


class ManifestError(ValueError):
    """Something in a manifest cannot be taken; `path` says where, the message what to do."""

    def __init__(self, path: str, message: str) -> None:
        self.path, self.message = path, message
        super().__init__(f"{path}: {message}" if path else message)


def parse(text: str) -> Any:
    """What a JSON text says. Raises ManifestError for what is no JSON, doubled keys and bottomless nesting."""
    found = read_text(text)
    if found.faults:
        slips = "\n".join(_told(found, fault) for fault in found.faults[:MAX_TOLD])
        more = len(found.faults) - MAX_TOLD
        raise ManifestError("", f"The file cannot be read. {slips}" + (f"\nand {more} more" if more > 0 else ""))
    return found.value


def _told(found: Located, fault: Fault) -> str:
    """A slip with its line, and a caret under the place."""
    line, column = found.place(fault.offset)
    return f"Line {line}, column {column}: {fault.message}\n{found.excerpt(fault.offset, WIDTH).with_caret()}"


@dataclass(slots=True)
class Reading:
    """One reading of a manifest: the rules that hold, and every problem met on the way."""

    rules: Rules
    problems: list[ManifestError] = field(default_factory=list)

    def refuse(self, path: str, message: str) -> None:
        """Note a problem and read on."""
        self.problems.append(ManifestError(path, message))

    def checked(self, check: Callable[..., Any], value: Any, path: str, *more: Any) -> Any:
        """What `check` makes of `value`; its ValidationError becomes a problem, and the value stays."""
        try:
            return check(value, *more)
        except ValidationError as problem:
            self.refuse(path, " ".join(problem.messages))
            return value

    def has_problem(self, path: str) -> bool:
        return any(problem.path == path for problem in self.problems)


def join(path: str, key: str) -> str:
    """The path of a key inside an object."""
    return f"{path}.{key}" if path else key


def one_of(options: Iterable[str], given: object) -> str:
    """The sentence about a value that is not among `options`, with the nearest one first."""
    options = list(options)
    near = get_close_matches(str(given)[:60], options, n=1)
    guess = f"Did you mean “{near[0]}”? " if near else ""
    return f"{guess}One of {', '.join(options)}."


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The sentence about a key that means nothing here: a misspelt key would otherwise be lost silently."""
    known = sorted(known)
    near = get_close_matches(key[:60], known, n=1)
    guess = f"Did you mean “{near[0]}”? " if near else ""
    return f"Unknown key. {guess}Known are: {', '.join(known)}."


def unstorable(value: Any, path: str = "", depth: int = 0) -> Iterator[ManifestError]:
    """What the database cannot hold: NUL, lone surrogates, infinite numbers, bottomless nesting."""
    if depth > MAX_DEPTH:
        yield ManifestError(path, "Nested too deeply.")
    elif isinstance(value, str) and ("\x00" in value or any("\ud800" <= char <= "\udfff" for char in value)):
        yield ManifestError(path, "Contains a character that cannot be stored.")
    elif isinstance(value, float) and not math.isfinite(value):  # 1e999 is JSON, and infinite to Python
        yield ManifestError(path, "This number is too large.")
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from unstorable(key, path, depth + 1)
            yield from unstorable(each, join(path, key), depth + 1)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from unstorable(each, f"{path}[{index}]", depth + 1)
