"""From a document to events as they go out: merged, enriched, with their four times, and judged (D28, D29, D38)."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from runtime.events import EVENT_VERSION, timestamp
from runtime.intake.body import BATCHES, MAX_BATCH_BYTES, MAX_CALL_BYTES

# Types of events that anybody may send; a deletion comes from a regulation only (D34).
KINDS = frozenset({"identify", "track", "page", "screen", "group", "alias"})
MAX_BATCH_EVENTS = 2_500
# Of the events beyond that, so many are read at all.
SHOWN_BEYOND = 10
# More than these are not even counted.
MOST_COUNTED_BEYOND = 10_000
# messageIds have fewer characters (D29).
MAX_ID = 100
_MAX_TIME = 40
_MOBILE = ("android", "ios", "swift", "kotlin", "react-native", "flutter", "unity", "xamarin")
# Not the event's own: the envelope of a request, or what changes when it is sent again.
_ENVELOPE = frozenset({"writeKey", "batch"})
_CHANGING = frozenset({*_ENVELOPE, "messageId", "context", "integrations", "sentAt", "timestamp", "_metadata"})
# What is kept of an event that is too large to be kept.
_ESSENTIAL = ("type", "messageId", "event", "name", "userId", "anonymousId", "groupId", "previousId")


class Fault(StrEnum):
    """Why an event goes nowhere although the answer is 200. delivery.states says it in words."""

    NONE = ""
    NO_USER = "no_user_anon_id"
    NO_EVENT = "no_event"
    NO_GROUP = "no_group_id"
    NO_PREVIOUS = "no_previous_id"
    BAD_TYPE = "bad_type"
    NOT_OBJECT = "not_an_object"
    TOO_LARGE = "too_large"
    BAD_ID = "bad_message_id"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Call:
    """One event as it goes out, but for `projectId`; `fault` says why it does not.

    `message_id` has at most 100 characters. `digest` (32 hex digits) is the same for the same event sent again,
    whenever and by whichever attempt, and another one for another event (D29).
    """

    event: dict[str, Any]
    fault: str
    message_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class Intake:
    """The calls of one request. `write_key` is the body's own, or ""."""

    write_key: str
    calls: list[Call]


@dataclass(frozen=True, slots=True)
class _Request:
    """What all calls of a request share. Times are aware; `sent_at` is None when the client did not say."""

    received_at: datetime
    received: str
    sent_at: datetime | None
    sent: str
    ip: str
    # Whether one of its calls may be too large: the whole body is.
    is_large: bool
    context: Mapping[str, Any]
    integrations: Mapping[str, Any]


def read_calls(kind: str, body: Any, *, received_at: datetime, ip: str, size: int = MAX_BATCH_BYTES) -> Intake:
    """The calls in `body`, a JSON document. `kind` is one of KINDS, or of BATCHES; `ip` is the caller's address.

    `size` are the bytes of the document, where they are known: few bytes need not be measured call by call.
    A call that is wrong is returned with its fault, because the answer is 200 and somebody will look for it (D38).
    """
    if not isinstance(body, dict):
        return Intake("", [_no_object(body, _request({}, received_at, ip, size))])
    key = body.get("writeKey")
    request = _request(body, received_at, ip, size)
    calls = _batch(body.get("batch"), request) if kind in BATCHES else [_call(kind, body, request)]
    return Intake(key if isinstance(key, str) else "", calls)


def _request(body: dict[str, Any], received_at: datetime, ip: str, size: int) -> _Request:
    sent_at = read_time(body.get("sentAt"))
    return _Request(
        received_at=received_at,
        received=timestamp(received_at),
        sent_at=sent_at,
        sent=timestamp(sent_at) if sent_at else "",
        ip=ip,
        is_large=size > MAX_CALL_BYTES,
        context=_object(body.get("context")),
        integrations=_object(body.get("integrations")),
    )


def _batch(items: Any, request: _Request) -> list[Call]:
    """Each item's call. Those beyond the limit, there may be hundreds of thousands, end in one that stands for all."""
    if not isinstance(items, list):
        return [_no_object(items, request)]
    calls = [_item(item, request) for item in items[: MAX_BATCH_EVENTS + SHOWN_BEYOND]]
    calls[MAX_BATCH_EVENTS:] = [replace(call, fault=Fault.TOO_MANY) for call in calls[MAX_BATCH_EVENTS:]]
    return calls + calls[-1:] * min(len(items) - len(calls), MOST_COUNTED_BEYOND)


def _item(item: Any, request: _Request) -> Call:
    if not isinstance(item, dict):
        return _no_object(item, request)
    kind = item.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        call = _call("", item, request)
        return replace(call, fault=Fault.TOO_LARGE if call.fault == Fault.TOO_LARGE else Fault.BAD_TYPE)
    return _call(kind, item, _with_own_time(item, request))


def _with_own_time(item: dict[str, Any], request: _Request) -> _Request:
    own = read_time(item["sentAt"]) if "sentAt" in item else None
    return replace(request, sent_at=own, sent=timestamp(own)) if own else request


def _no_object(item: Any, request: _Request) -> Call:
    """What came instead of an object is kept in short, so that somebody can find out where it came from."""
    message_id = _id_for(None)
    event = {
        "type": "",
        "messageId": message_id,
        "received": _plain(item)[:200],
        "receivedAt": request.received,
        "timestamp": request.received,
        "version": EVENT_VERSION,
    }
    return Call(event, Fault.NOT_OBJECT, message_id, "")


def _call(kind: str, item: dict[str, Any], request: _Request) -> Call:
    """`kind` is "" for a type that is none."""
    is_large = request.is_large and len(_plain(item).encode("utf-8", "surrogatepass")) > MAX_CALL_BYTES
    own = _essence(item) if is_large else {name: value for name, value in item.items() if name not in _ENVELOPE}
    given_id = own.get("messageId")
    message_id = given_id if isinstance(given_id, str) and given_id else _id_for(given_id)
    event = {**own, "type": kind or str(own.get("type", ""))[:MAX_ID], "messageId": message_id}
    context = {**request.context, **_object(own.get("context"))}
    event["channel"] = channel = _channel(own.get("channel"), context)
    if request.ip and "ip" not in context and (channel != "server" or context.get("direct") is True):
        context["ip"] = request.ip
    event["context"] = context
    event["integrations"] = {**request.integrations, **_object(own.get("integrations"))}
    _put_times(event, own, request)
    event["version"] = EVENT_VERSION
    fault = Fault.TOO_LARGE if is_large else _fault(kind, event)
    return Call(event, fault, message_id[:MAX_ID], _digest(own))


def _essence(item: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a call that is too large."""
    return {name: _short(item[name]) for name in _ESSENTIAL if name in item}


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:200]
    return value if isinstance(value, int | float | None) else ""


def _digest(own: dict[str, Any]) -> str:
    lasting = _canonical({name: value for name, value in own.items() if name not in _CHANGING})
    return blake2b(lasting.encode(), digest_size=16).hexdigest()


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _id_for(given: Any) -> str:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return str(given)
    return f"api-{uuid.uuid4()}"


def _channel(given: Any, context: dict[str, Any]) -> str:
    """Where the event comes from: as the client says, or as its library tells."""
    if isinstance(given, str) and given:
        return given
    library = _object(context.get("library")).get("name")
    name = library.lower() if isinstance(library, str) else ""
    if name.startswith("analytics.js"):
        return "browser"
    return "mobile" if any(part in name for part in _MOBILE) else "server"


def _fault(kind: str, event: dict[str, Any]) -> Fault:
    """D38: what a call of this kind cannot do without."""
    if len(event["messageId"]) >= MAX_ID:
        return Fault.BAD_ID
    if not (_is_id(event.get("userId")) or _is_id(event.get("anonymousId"))):
        return Fault.NO_USER
    if kind == "track" and not (isinstance(event.get("event"), str) and event["event"].strip()):
        return Fault.NO_EVENT
    if kind == "group" and not _is_id(event.get("groupId")):
        return Fault.NO_GROUP
    if kind == "alias" and not _is_id(event.get("previousId")):
        return Fault.NO_PREVIOUS
    return Fault.NONE


def _is_id(value: Any) -> bool:
    """Libraries send numbers too."""
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- Times --------------------------------------------------------------------------------------------------------


def _put_times(event: dict[str, Any], own: dict[str, Any], request: _Request) -> None:
    """The four times (D28). `timestamp` is the client's, corrected by how wrong its clock is (received − sent)."""
    happened = read_time(own.get("timestamp")) or read_time(own.get("originalTimestamp"))
    event["originalTimestamp"] = timestamp(happened) if happened else request.received
    event["sentAt"] = request.sent or request.received
    event["receivedAt"] = request.received
    event["timestamp"] = _corrected(happened, request)


def _corrected(happened: datetime | None, request: _Request) -> str:
    if happened is None:
        return request.received
    if request.sent_at is None:
        return timestamp(happened)
    try:
        return timestamp(request.received_at - (request.sent_at - happened))
    except OverflowError:  # a time of the year 1 or 9999
        return request.received


def read_time(value: Any) -> datetime | None:
    """An ISO 8601 time, in UTC unless it says otherwise; None for everything else."""
    if not isinstance(value, str) or not 10 <= len(value) <= _MAX_TIME:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
