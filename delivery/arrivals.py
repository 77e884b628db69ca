"""What a request brought, as the rows that will be stored: texts cut to their columns, repetitions told apart."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from delivery.states import Fault, Stage
from runtime.intake import Call
from runtime.redaction import storable

# So many refused calls of a request are kept for the debugger; the others are only counted, so that a request of
# 100,000 empty objects does not become 100,000 rows.
REFUSED_KEPT = 20
_NAMED_BY = {"track": "event", "page": "name", "screen": "name", "group": "groupId", "alias": "previousId"}


class Arrival(NamedTuple):
    """One call as a row. `payload` is its JSON without the end, where the source's number goes (`complete`)."""

    message_id: str
    digest: str
    type: str
    name: str
    user_id: str
    fault: str
    payload: str


class Arrivals(NamedTuple):
    """`rows` are to be stored, each messageId at most once among those without a fault.

    `repeated` calls repeat another one of the same request; `refused` are those beyond the first few, by fault.
    """

    rows: list[Arrival]
    repeated: int
    refused: Counter[str]

    @property
    def uncounted(self) -> list[tuple[str, str, int]]:
        """What is counted and not stored: stage, code, number."""
        repeated = [(Stage.DUPLICATE.value, "", self.repeated)] if self.repeated else []
        return repeated + [(Stage.REFUSED.value, fault, number) for fault, number in sorted(self.refused.items())]


def read_arrivals(calls: Iterable[Call]) -> Arrivals:
    """The rows of a request's calls, in their order."""
    rows: list[Arrival] = []
    digests: dict[str, str] = {}
    repeated, kept, refused = 0, 0, Counter[str]()
    for call in calls:
        message_id, fault = _text(call.message_id, 100), str(call.fault)
        if not fault and message_id in digests:
            if digests[message_id] == call.digest:
                repeated += 1
                continue
            fault = Fault.REUSED_ID.value
        if fault:
            kept += 1
            if kept > REFUSED_KEPT:
                refused[fault] += 1
                continue
        else:
            digests[message_id] = call.digest
        rows.append(_row(call, message_id, fault))
    return Arrivals(rows, repeated, refused)


def complete(payload: str, source_id: int) -> str:
    """The whole JSON of a row: with `projectId`, as `workspaces.models.Source.project_id` says it (D28)."""
    return f'{payload}"projectId":"source{source_id}"}}'


def _row(call: Call, message_id: str, fault: str) -> Arrival:
    event = call.event
    type_ = _text(event.get("type"), 10)
    name, user = _text(event.get(_NAMED_BY.get(type_, "")), 200), _text(event.get("userId"), 200)
    return Arrival(message_id, call.digest[:32], type_, name, user, fault, _open_json(event))


def _open_json(event: dict[str, Any]) -> str:
    """The event's JSON up to its end. Half a surrogate pair, which no database takes, becomes an escape."""
    if "projectId" in event:
        event = {key: value for key, value in event.items() if key != "projectId"}
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii() and not _is_unicode(text):
        text = json.dumps(event, separators=(",", ":"))
    return text[:-1] + "," if event else "{"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(value: Any, limit: int) -> str:
    """A text or number as a column takes it; "" for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    text = value[:limit]
    return text if text.isascii() and "\x00" not in text else storable(text)
