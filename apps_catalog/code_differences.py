"""What separates two versions of code, line by line: one column or two, equal stretches folded, in bounded time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from apps_catalog.manifest_changes import ADDED, REMOVED, Row, rows

__all__ = ["Pair", "Row", "counts", "pairs", "rows"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of the comparison in two columns: the old line, the new one, or one of them."""

    kind: str
    before: Row | None
    after: Row | None


def pairs(found: Iterable[Row]) -> Iterator[Pair]:
    """The rows of `rows` side by side: what goes stands beside what comes in its place."""
    gone: list[Row] = []
    come: list[Row] = []
    for row in found:
        if row.kind == REMOVED and not come:
            gone.append(row)
        elif row.kind == ADDED:
            come.append(row)
        else:
            yield from _beside(gone, come)
            gone, come = ([row], []) if row.kind == REMOVED else ([], [])
            if row.kind != REMOVED:
                yield Pair(row.kind, row, row)
    yield from _beside(gone, come)


def _beside(gone: list[Row], come: list[Row]) -> Iterator[Pair]:
    for old, new in zip_longest(gone, come):
        yield Pair("changed", old, new)


def counts(found: Iterable[Row]) -> tuple[int, int]:
    """How many lines come and how many go."""
    kinds = [row.kind for row in found]
    return kinds.count(ADDED), kinds.count(REMOVED)
