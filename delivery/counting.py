"""How many events reached which stage, counted as it happens (D32), so that no page ever goes through events."""

import math
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection

from delivery.models import Tally

# A number of the delivery view is never finer than this (D32: a look back of five minutes).
WINDOW = timedelta(minutes=5)
# Eight classes for each doubling: a time read from its class is at most 9 % too long.
_CLASSES_PER_DOUBLING = 8
# The last class begins after about a week; D30 gives up after four hours.
_LAST_BUCKET = 240
_ROWS_PER_STATEMENT = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Counted(NamedTuple):
    """`count` things that reached `stage` at `at`. `destination_id` is 0 where the source alone is meant.

    `code` says why (D31, or a Fault); `bucket` is `bucket_of` the time end to end of what was delivered.
    """

    source_id: int
    destination_id: int
    at: datetime
    stage: str
    code: str = ""
    bucket: int = 0
    count: int = 1  # type: ignore[assignment]  # no tuple counts its parts here


def window_of(at: datetime) -> datetime:
    """The beginning of the five minutes in which `at` lies."""
    return at - (at - _EPOCH) % WINDOW


def bucket_of(milliseconds: float) -> int:
    """The class of a time: class b holds what took longer than `upper_ms(b - 1)`, up to `upper_ms(b)`."""
    if milliseconds <= 1:
        return 0
    # A limit that is computed back from its class must fall into the same one.
    return min(math.ceil(math.log2(milliseconds) * _CLASSES_PER_DOUBLING - 1e-9), _LAST_BUCKET)


def upper_ms(bucket: int) -> float:
    """The longest time of a class, in milliseconds."""
    return 2.0 ** (bucket / _CLASSES_PER_DOUBLING)


def add(counted: Iterable[Counted]) -> None:
    """Add to the tallies. Call it last in a transaction: its rows stay locked until the end of that.

    All writers go through the rows in the same order, so that none waits for one that waits for it.
    """
    sums: Counter[tuple[int, int, datetime, str, str, int]] = Counter()
    for one in counted:
        key = (one.source_id, one.destination_id, window_of(one.at), str(one.stage), one.code[:60], one.bucket)
        sums[key] += one.count
    rows = [(*key, number) for key, number in sorted(sums.items())]
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        _write(rows[start : start + _ROWS_PER_STATEMENT])


def _write(rows: list[tuple[int, int, datetime, str, str, int, int]]) -> None:
    table, as_stored = Tally._meta.db_table, connection.ops.adapt_datetimefield_value
    values = [(*row[:2], as_stored(row[2]), *row[3:]) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (source_id, destination_number, at, stage, code, bucket, count)"  # noqa: S608
            f" VALUES {', '.join(['(%s, %s, %s, %s, %s, %s, %s)'] * len(values))}"
            " ON CONFLICT (source_id, destination_number, at, stage, code, bucket)"
            f" DO UPDATE SET count = {table}.count + excluded.count",
            [value for row in values for value in row],
        )
