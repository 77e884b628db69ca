"""The corpus: function bodies in hostile/*.js, each after a line `// --- name` or `// --- name: outcome|outcome`."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.counts import FULL

FOLDER = Path(__file__).parent / "hostile"
_HEAD = re.compile(r"^// --- (?P<name>[^\n]*?)(?:: (?P<outcomes>[a-z_|]+))?\n", re.MULTILINE)


@dataclass(frozen=True)
class Body:
    kind: str
    name: str
    outcomes: frozenset[str]  # empty: any, as long as nothing got out
    code: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


def bodies(kind: str) -> list[Body]:
    _, *parts = _HEAD.split((FOLDER / f"{kind}.js").read_text())
    return [
        Body(kind, name, frozenset(outcomes.split("|")) if outcomes else frozenset(), code)
        for name, outcomes, code in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


def spread(found: list[Body], small: int) -> list[Body]:
    """All of them in full; else about `small`, spread over the list."""
    return found if FULL else found[:: max(1, len(found) // small)]
