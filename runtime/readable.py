"""Stored exchanges and runs in the shape that people read them in (templates/partials/wire.html)."""

from collections.abc import Mapping
from typing import Any


def exchange(
    request: Mapping[str, Any] | None,
    response: Mapping[str, Any] | None,
    error: Mapping[str, Any] | None,
    timings: Mapping[str, Any] | None,
    endpoint: str,
) -> dict[str, Any]:
    """A stored exchange (`runtime.egress.Exchange.as_record`) of a POST to `endpoint`."""
    known = timings or {}
    parts = {name: known.get(name) or 0.0 for name in ("dns", "connect", "tls", "first_byte")}
    total = known.get("total")
    rest = max(0.0, (total or 0.0) - sum(parts.values()))
    return {
        "request": _side(request) | {"method": "POST", "url": endpoint},
        "response": _side(response) if response else None,
        "error": (error or {}).get("message", ""),
        "timings": parts | {"body": round(rest, 1)},
        "duration_ms": total,
    }


def function_calls(details: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The outgoing calls of a function, each in the shape that partials/wire.html reads."""
    return [
        {
            "request": {"method": call["method"], "url": call["url"]} | _side(_message(call, "request")),
            "response": {"status": call["status"]} | _side(_message(call, "response")) if call["status"] else None,
            "error": call["error"],
            "timings": {},
            "duration_ms": call["duration_ms"],
        }
        for call in details.get("calls", ())
    ]


def _message(call: Mapping[str, Any], side: str) -> dict[str, Any]:
    return {"headers": call[f"{side}_headers"], "body": call[f"{side}_body"]}


def _side(record: Mapping[str, Any] | None) -> dict[str, Any]:
    if not record:
        return {}
    body = record["body"]
    note = "" if body["encoding"] == "text" else "(not text; base64) "
    return {**record, "body": note + body["content"]}
