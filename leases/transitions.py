"""Compare-and-set for states: the dozen lines that stand in for a state machine library."""

from collections.abc import Collection
from typing import Any

from django.db import models


class StaleState(Exception):
    """Somebody else moved the row first; nothing was changed.

    `row` is the row as it is now, so that the caller can say who did what.
    """

    def __init__(self, row: models.Model, field: str) -> None:
        self.row = row
        self.found = getattr(row, field)
        super().__init__(f"{row._meta.verbose_name} is already “{self.found}”.")


def move(row: models.Model, field: str, *, from_: Collection[str], to: str, **also: Any) -> None:
    """Move `row.field` to `to` if it is one of `from_`, in one conditional UPDATE.

    `also` are further columns that change with the state. Raises StaleState when the row is elsewhere.
    """
    manager = type(row)._default_manager
    moved = manager.filter(pk=row.pk, **{f"{field}__in": list(from_)}).update(**{field: to}, **also)
    if not moved:
        row.refresh_from_db()
        raise StaleState(row, field)
    for name, value in {field: to, **also}.items():
        setattr(row, name, value)
