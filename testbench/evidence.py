"""A result of the runner as a row: masked before it is stored, and given back for reading.

The partner's key and the sensitive settings occur in what was sent and may occur in any spelling in what
came back; none of it reaches the database (SECURITY T25).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from apps_catalog.models import Setting
from apps_catalog.states import SettingType
from runtime.egress import Exchange
from runtime.redaction import mask
from runtime.webhooks import API_KEY, Outcome
from testbench.models import CaseResult
from testbench.runner import Result

# Between what an answer means (D12) and what the endpoint or the code says itself (D13, D16); our words never hold it.
_OWN_WORDS = " It said: “"
NOT_RUN_FIX = "Answer within a few seconds: take the event, answer 202, and process it afterwards."


def secrets_of(values: Mapping[str, Any], sensitive: Iterable[str]) -> list[str]:
    """The values that must not be stored: the API key, and those of the settings with a `sensitive` key (D9)."""
    return [text for key in {*sensitive, API_KEY} if key in values for text in _texts(values[key])]


def sensitive_keys(settings: Iterable[Setting]) -> list[str]:
    return sorted(setting.key for setting in settings if is_sensitive(setting))


def is_sensitive(setting: Setting) -> bool:
    return setting.sensitive or setting.type == SettingType.PASSWORD or setting.key == API_KEY


def row_of(result: Result, secrets: Collection[str]) -> dict[str, Any]:
    """The columns of a CaseResult, without those that name the run. Secrets are masked."""
    fields: dict[str, Any] = {
        "position": result.case.position,
        "case_id": result.case.id,
        "group": result.case.group,
        "type": result.case.type,
        "name": result.case.name,
        "verdict": result.verdict,
    }
    if result.outcome is None:
        return fields | {"message": result.reason, "fix": NOT_RUN_FIX}
    fields |= {"duration_ms": result.duration_ms} | mask(_explained(result.outcome), secrets).value
    if result.exchange is None:
        return fields | {"details": storable(mask(result.details, secrets).value)}
    # Masked as bytes, before a body that is not text is written as base64.
    return fields | _exchanged(mask(result.exchange, secrets).value)


def _explained(outcome: Outcome) -> dict[str, Any]:
    own = f"{_OWN_WORDS}{outcome.message}”" if outcome.message else ""
    return {
        "status": outcome.status,
        "message": outcome.meaning + own,
        "cause": outcome.cause,
        "fix": outcome.fix,
    }


def _exchanged(exchange: Exchange) -> dict[str, Any]:
    record = exchange.as_record()
    kept = ("request", "response", "error", "timings")
    return {name: record[name] for name in kept}


def storable(value: Any) -> Any:
    """`value` for PostgreSQL's jsonb, which takes neither U+0000 nor half a surrogate pair."""
    if isinstance(value, str):
        return value.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {storable(key): storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, list | tuple) else value


def apart(message: str) -> tuple[str, str]:
    """A stored message as (what the status means, D12; the endpoint's or the code's own words, or "")."""
    meaning, _, own = message.partition(_OWN_WORDS)
    return meaning, own.removesuffix("”")


def readable(result: CaseResult, endpoint: str) -> dict[str, Any]:
    """The stored exchange in the shape that partials/wire.html reads (devcenter/wire.py)."""
    timings = result.timings or {}
    parts = {name: timings.get(name) or 0.0 for name in ("dns", "connect", "tls", "first_byte")}
    total = timings.get("total")
    rest = max(0.0, (total or 0.0) - sum(parts.values()))
    return {
        "request": _side(result.request) | {"method": "POST", "url": endpoint},
        "response": _side(result.response) if result.response else None,
        "error": (result.error or {}).get("message", ""),
        "timings": parts | {"body": round(rest, 1)},
        "duration_ms": total,
    }


def readable_calls(details: Mapping[str, Any]) -> list[dict[str, Any]]:
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


def _texts(value: Any) -> Iterator[str]:
    """Every text within a setting's value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
