"""Why a verb was not carried out, in words for the person who asked."""

from collections.abc import Sequence
from typing import Any


class Refused(Exception):
    """The verb is allowed to this person, but not now; `str(error)` says why and what to do."""


class NotReady(Refused):
    """Something has to be done first; `items` are the open checklist items (reviews.checklist.Item)."""

    def __init__(self, message: str, items: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.items = list(items)


class Outdated(Refused):
    """The form was opened before somebody else saved; `current` is the row as it is now."""

    def __init__(self, message: str, current: Any) -> None:
        super().__init__(message)
        self.current = current
