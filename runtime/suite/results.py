"""A result as plain values: masked before anybody keeps it, and given back for reading.

The partner's key and the sensitive settings occur in what was sent and may occur in any spelling in what
came back; none of it reaches a database, a file or a terminal (SECURITY T25).
"""

from collections.abc import Collection
from typing import Any

from runtime.egress import Exchange
from runtime.redaction import mask, storable
from runtime.suite.running import AFTER_TIMEOUTS, OUT_OF_TIME, Result
from runtime.webhooks import Outcome

# Between what an answer means (D12) and what the endpoint or the code says itself (D13, D16); our words never hold it.
_OWN_WORDS = " It said: “"
NOT_RUN_FIX = "Answer within a few seconds: take the event, answer 202, and process it afterwards."


def row_of(result: Result, secrets: Collection[str]) -> dict[str, Any]:
    """The columns of a kept result, without those that name the run. Secrets are masked."""
    fields: dict[str, Any] = {
        "position": result.case.position,
        "case_id": result.case.id,
        "group": result.case.group,
        "type": result.case.type,
        "name": result.case.name,
        "verdict": result.verdict,
    }
    if result.outcome is None:
        is_too_slow = result.reason in (AFTER_TIMEOUTS, OUT_OF_TIME)
        return fields | {"message": result.reason, "fix": NOT_RUN_FIX if is_too_slow else ""}
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


def apart(message: str) -> tuple[str, str]:
    """A kept message as (what the status means, D12; the endpoint's or the code's own words, or "")."""
    meaning, _, own = message.partition(_OWN_WORDS)
    return meaning, own.removesuffix("”")
