"""onBatch's answer, taken apart into one Run for each event (D20)."""

import json
from dataclasses import replace
from typing import Any

from runtime.functions.values import Outcome, Run

_RETRIED = frozenset({408, 429})


def answers_of(run: Run, count: int) -> list[Run]:
    """`count` runs out of the one that all events went through.

    A list with as many items `{status, errormessage}` speaks for each event; anything else speaks for all of them.
    The console and the calls stay with the first.
    """
    items = _items(run, count)
    runs = [_item_run(run, item) for item in items] if items else [run] * count
    return [runs[0], *(replace(other, logs=(), logs_cut=False, calls=(), cold_ms=0.0) for other in runs[1:])]


def _items(run: Run, count: int) -> list[Any]:
    if not run.is_success or run.returned is None:
        return []
    returned = json.loads(run.returned)
    return returned if isinstance(returned, list) and len(returned) == count else []


def _item_run(run: Run, item: Any) -> Run:
    status = item.get("status") if isinstance(item, dict) else None
    returned = json.dumps(item)
    if not isinstance(status, int) or isinstance(status, bool) or 200 <= status < 300:
        return replace(run, returned=returned)
    message = str(item.get("errormessage") or f"The function answered {status} for this event.")[:2000]
    return replace(run, outcome=_outcome(status), error_name=str(status), message=message, returned=returned)


def _outcome(status: int) -> Outcome:
    if status == 501:
        return Outcome.NOT_SUPPORTED
    return Outcome.RETRY if status in _RETRIED or status >= 500 else Outcome.ERROR
