"""Many rows at once."""

from collections.abc import Iterable
from typing import Any

BATCH = 2_000


def bulk(model: Any, rows: Iterable[Any]) -> list[Any]:
    """Insert `rows` of `model`; they come back with their keys."""
    return list(model.objects.bulk_create(rows, batch_size=BATCH))
