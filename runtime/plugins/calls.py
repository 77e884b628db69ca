"""From an event of the Test Suite to the call of analytics.js that makes it."""

from dataclasses import dataclass
from typing import Any

METHODS = ("identify", "track", "page", "screen", "group", "alias")
NO_DELETE = "A browser cannot send a delete: analytics.js has no such call."


@dataclass(frozen=True, slots=True)
class Call:
    """`analytics[method](...arguments)`; `path` is where on the site the visitor is, or "" for where they were."""

    method: str
    arguments: tuple[Any, ...]
    path: str = ""


class NotFromBrowser(Exception):
    """No call of analytics.js makes this event; the text says why."""


def call_for(event: dict[str, Any]) -> Call:
    """The call. Ids, time and messageId of the event go along as options. Raises NotFromBrowser."""
    options = {key: event[key] for key in ("anonymousId", "timestamp", "messageId") if event.get(key)}
    properties, traits = event.get("properties") or {}, event.get("traits") or {}
    match event.get("type"):
        case "identify":
            ids = [event["userId"]] if event.get("userId") else []
            return Call("identify", (*ids, traits, options))
        case "track":
            return Call("track", (event.get("event", ""), properties, options))
        case "page" | "screen" as kind:
            path = str(properties.get("path") or "")
            own_path = path if kind == "page" and path.startswith("/") and not path.startswith("//") else ""
            names = [event[key] for key in ("category", "name") if event.get(key)]
            return Call(kind, (*names, properties, options), own_path)
        case "group":
            return Call("group", (event.get("groupId"), traits, options))
        case "alias":
            return Call("alias", (event.get("userId"), event.get("previousId"), options))
        case "delete":
            raise NotFromBrowser(NO_DELETE)
        case other:
            raise NotFromBrowser(f"analytics.js has no call for {str(other)[:40]!r}.")
