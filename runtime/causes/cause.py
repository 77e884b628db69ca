"""One row of the table of causes."""

from collections.abc import Callable
from dataclasses import dataclass

from runtime.causes.clues import Clues
from runtime.egress import ErrorKind


@dataclass(frozen=True, slots=True)
class Cause:
    """`text` says why in one sentence, `fix` what to do next; `when` is a pure predicate."""

    id: str
    when: Callable[[Clues], bool]
    text: str
    fix: str


def failed(kind: ErrorKind, *said: str) -> Callable[[Clues], bool]:
    """No complete answer, of that kind, and its sentence holds all of `said`."""
    return lambda clues: clues.kind is kind and all(words in clues.said for words in said)


def answered(*statuses: int) -> Callable[[Clues], bool]:
    """A complete answer with one of these statuses."""
    return lambda clues: clues.status in statuses


def shows(*words: str, among: range | tuple[int, ...] = range(400, 600)) -> Callable[[Clues], bool]:
    """An answer with a status `among` these, whose body holds one of `words`, given in small letters."""
    return lambda clues: clues.status in among and clues.has(*words)
