"""The common fields of an event (D28) and the times that a Segment library and server stamp on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Clock = Callable[[], datetime]
IdSource = Callable[[], str]
EventType = Literal["page", "screen", "identify", "track", "group", "alias", "delete"]
Channel = Literal["browser", "mobile", "server"]
Event = dict[str, Any]

EVENT_VERSION = 2
_SEND_DELAY = timedelta(milliseconds=180)
_RECEIVE_DELAY = timedelta(milliseconds=95)


@dataclass(frozen=True, slots=True)
class Persona:
    """Who the events are about; fresh ids in every run keep a receiver's dedupe from hiding one."""

    anonymous_id: str
    user_id: str
    email: str
    first_name: str = "Demo"
    last_name: str = "Visitor"
    phone: str = "+1 555 0100"


def make_event(
    kind: EventType,
    *,
    at: datetime,
    message_id: str,
    project_id: str,
    channel: Channel,
    context: dict[str, Any] | None,
    **fields: Any,
) -> Event:
    """One event as a destination receives it: the common fields around the fields of its type.

    `at` is when it happened (aware). A field given as None is left out, `context` excepted.
    """
    sent, received = at + _SEND_DELAY, at + _SEND_DELAY + _RECEIVE_DELAY
    given = {name: value for name, value in fields.items() if value is not None}
    return {
        "type": kind,
        "messageId": message_id,
        **given,
        "channel": channel,
        "context": context,
        "integrations": {} if context is not None else None,
        "originalTimestamp": timestamp(at),
        "sentAt": timestamp(sent),
        "receivedAt": timestamp(received),
        # The server corrects for a wrong client clock: received minus the time on the way.
        "timestamp": timestamp(received - (sent - at)),
        "projectId": project_id,
        "version": EVENT_VERSION,
    }


def timestamp(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as Segment's libraries write it. Raises ValueError when naive."""
    if at.tzinfo is None:
        raise ValueError("an event's time needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
