"""Paths into an event: `$.userId`, `$.properties.total`, `$.properties.products[0].sku`, `$.traits['total billed']`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

# The fields of an event (D28); a path begins with one of them.
ROOTS: Final = (
    "anonymousId", "userId", "messageId", "type", "context", "integrations", "channel", "timestamp",
    "originalTimestamp", "sentAt", "receivedAt", "version", "projectId", "traits", "properties", "event", "name",
    "groupId", "previousId",
)  # fmt: skip
MOST_STEPS: Final = 10
MISSING: Final = object()
_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|\[(?P<index>\d{1,4})\]|\['(?P<single>[^'\]]+)'\]|\["(?P<double>[^"\]]+)"\]"""
)


class BadPath(ValueError):
    """Not a path into an event; the text says why, to the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from the event inwards: names of fields and places in lists."""

    steps: tuple[str | int, ...]

    @property
    def root(self) -> str:
        return str(self.steps[0])

    @property
    def field(self) -> str:
        """The name directly below `properties` or `traits`, or ""."""
        return str(self.steps[1]) if len(self.steps) > 1 and self.root in ("properties", "traits") else ""

    def __str__(self) -> str:
        return "$" + "".join(_written(step) for step in self.steps)

    def read(self, event: Mapping[str, Any]) -> Any:
        """The value in this event; MISSING where there is none."""
        value: Any = event
        for step in self.steps:
            value = _inside(value, step)
            if value is MISSING:
                return MISSING
        return value


def parse(text: str) -> Path:
    """The path that `text` says, with or without `$.` in front. Raises BadPath."""
    rest = text.strip()
    rest = rest[1:] if rest.startswith("$") else f".{rest}"
    steps: list[str | int] = []
    while rest:
        found = _STEP.match(rest)
        if found is None or len(steps) == MOST_STEPS:
            raise BadPath(f"“{text.strip()}” is no path. Write one like $.properties.total.")
        steps.append(_step(found))
        rest = rest[found.end() :]
    return Path(_checked(tuple(steps), text))


def _step(found: re.Match[str]) -> str | int:
    if found["index"] is not None:
        return int(found["index"])
    return found["name"] or found["single"] or found["double"]


def _checked(steps: tuple[str | int, ...], text: str) -> tuple[str | int, ...]:
    if not steps:
        raise BadPath("Say which part of the event: $.userId, for example.")
    if steps[0] not in ROOTS:
        near = get_close_matches(str(steps[0]), ROOTS, 1)
        hint = f" Is it $.{near[0]}?" if near else " Most things are in $.properties or $.traits."
        raise BadPath(f"Events have no “{steps[0]}”.{hint}")
    return steps


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else MISSING
    return value.get(step, MISSING) if isinstance(value, Mapping) else MISSING


def _written(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", step):
        return f".{step}"
    return f'["{step}"]' if "'" in step else f"['{step}']"
