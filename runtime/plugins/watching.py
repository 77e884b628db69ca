"""What a page does besides its methods: console, requests, changes. Kept within `Limits`, in one part after another."""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from runtime.egress.proxy import EgressProxy
from runtime.plugins.report import ConsoleLine, Limits, SeenRequest
from runtime.plugins.site import HOST

Message = dict[str, Any]
_REFUSED_TUNNEL = "net::ERR_TUNNEL_CONNECTION_FAILED"
_NOT_OURS_TO_LIST = ("data", "blob")


@dataclass(slots=True)
class Part:
    """What was seen while the plugin loaded, or during one event."""

    console: list[ConsoleLine] = field(default_factory=list)
    requests: list[SeenRequest] = field(default_factory=list)


def cut(value: Any, limit: int) -> str:
    """Text of a page, safe to store: no U+0000, no half of a surrogate pair, at most `limit` characters."""
    text = value if isinstance(value, str) else str(value)
    text = text[:limit].replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return text.encode("utf-8", "replace").decode()


class Watcher:
    """Takes DevTools' Network, Runtime and Log events and files them under the part that is going on."""

    def __init__(self, proxy: EgressProxy, limits: Limits) -> None:
        self._proxy, self._limits = proxy, limits
        self.part = Part()
        self._requests: dict[tuple[str, str], tuple[SeenRequest, float]] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether a request to another host has begun and not ended."""
        return any(seen.duration_ms is None for seen in self.part.requests)

    def next_part(self) -> Part:
        """Begin a new part; what belongs to the one before still ends up there. Returns the new one."""
        self.part = Part()
        return self.part

    def say(self, level: str, text: Any) -> None:
        """Add a line to the console of this part."""
        if len(self.part.console) < self._limits.max_lines:
            self.part.console.append(ConsoleLine(cut(level, 20), cut(text, self._limits.max_text)))

    def on_event(self, method: str, params: Message, session: str) -> None:
        """Take one event; those of other kinds are ignored."""
        match method:
            case "Network.requestWillBeSent":
                request = _dict(params, "request")
                self._begin(session, params, str(request.get("url", "")), str(request.get("method", "GET")))
            case "Network.webSocketCreated":
                self._begin(session, params, str(params.get("url", "")), "WEBSOCKET")
            case "Network.responseReceived" | "Network.webSocketHandshakeResponseReceived":
                self._answered(session, params, _dict(params, "response").get("status"))
            case "Network.loadingFinished" | "Network.webSocketClosed":
                self._end(session, params, "")
            case "Network.loadingFailed":
                self._end(session, params, str(params.get("blockedReason") or params.get("errorText") or "failed"))
            case "Network.webSocketFrameError":
                self._end(session, params, str(params.get("errorMessage") or "failed"))
            case "Runtime.consoleAPICalled":
                self.say(str(params.get("type", "log")), _console_text(params))
            case "Runtime.exceptionThrown":
                self.say("exception", _exception_text(params))
            case "Log.entryAdded":
                entry = _dict(params, "entry")
                self.say(str(entry.get("level", "info")), entry.get("text", ""))

    def _begin(self, session: str, params: Message, url: str, method: str) -> None:
        key = (session, str(params.get("requestId")))
        if "redirectResponse" in params and key in self._requests:
            self._answered(session, params, _dict(params, "redirectResponse").get("status"))
            self._end(session, params, "")
        host = _host_of(url)
        if not host or host == HOST or len(self.part.requests) >= self._limits.max_lines:
            return
        seen = SeenRequest(cut(method, 20), cut(host, 253))
        self.part.requests.append(seen)
        self._requests[key] = (seen, time.monotonic())

    def _answered(self, session: str, params: Message, status: Any) -> None:
        found = self._requests.get((session, str(params.get("requestId"))))
        if found and isinstance(status, int):
            found[0].status = status
            found[0].refused = status == 403 and self._proxy.has_refused(found[0].host)

    def _end(self, session: str, params: Message, problem: str) -> None:
        found = self._requests.pop((session, str(params.get("requestId"))), None)
        if not found:
            return
        seen, began = found
        seen.duration_ms = round((time.monotonic() - began) * 1000, 1)
        if problem and not seen.status:
            seen.refused = self._proxy.has_refused(seen.host) or problem == "other"
            seen.problem = cut(problem, 100)


def _host_of(url: str) -> str:
    """The host, or the scheme with a colon where an address has none; "" for what never leaves the page."""
    try:
        parts = urlsplit(url)
        if parts.scheme in _NOT_OURS_TO_LIST:
            return ""
        return parts.hostname or f"{parts.scheme}:"
    except ValueError:
        return "(unreadable)"


def _dict(params: Message, key: str) -> Message:
    value = params.get(key)
    return value if isinstance(value, dict) else {}


def _console_text(params: Message) -> str:
    values = params.get("args")
    if not isinstance(values, list):
        return ""
    return " ".join(_remote_text(value) for value in values[:20] if isinstance(value, dict))


def _remote_text(value: Message) -> str:
    if "value" in value:
        return str(value["value"])[:2000]
    return str(value.get("description") or value.get("unserializableValue") or value.get("type", ""))[:2000]


def _exception_text(params: Message) -> str:
    details = _dict(params, "exceptionDetails")
    thrown = _dict(details, "exception")
    return str(thrown.get("description") or thrown.get("value") or details.get("text") or "an error")[:2000]
