"""A run of a function as a JSON object to store."""

from dataclasses import asdict
from typing import Any

from runtime.egress.exchange import body_record
from runtime.functions.values import Call, Run


def details_of(run: Run) -> dict[str, Any]:
    """The run as a JSON object, `kind` “function”: Callback Return, Raw Log Output, outgoing calls (D19)."""
    return {
        "kind": "function",
        "outcome": run.outcome.value,
        "error_name": run.error_name,
        "error": run.message,
        "stack": run.stack,
        "returned": run.returned,
        "logs": [asdict(line) for line in run.logs],
        "logs_cut": run.logs_cut,
        "calls": [_call(call) for call in run.calls],
        "cold_ms": run.cold_ms,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "url": call.url,
        "status": call.status,
        "error": call.error,
        "duration_ms": call.duration_ms,
        "request_headers": [list(pair) for pair in call.request_headers],
        "request_body": body_record(call.request_body),
        "response_headers": [list(pair) for pair in call.response_headers],
        "response_body": body_record(call.response_body),
    }
