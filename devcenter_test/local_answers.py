"""What the local server of Segment's actions repository answers, and what it means.

It answers 200 whatever happened: with the list of what the destination asked the partner's API, or with one object that
says why an action failed (its `requestError`). What the API said is judged as the console judges a webhook's answer.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from runtime.egress import Exchange, Response
from runtime.webhooks import Outcome, OutcomeVerdict, one_line, read_answer

Kind = Literal["action", "delete", "authenticate"]
_JSON = (("Content-Type", "application/json"),)


def read_local_answer(exchange: Exchange, kind: Kind, key: str = "") -> Outcome:
    """`key` is the action's, for what is said about it."""
    response = exchange.response
    if exchange.error is not None or response is None:
        return read_answer(exchange)
    if response.status == 404:
        return _no_delete() if kind == "delete" else _unknown(kind, key)
    if not 200 <= response.status < 300:
        return read_answer(exchange)
    try:
        content = json.loads(response.body)
    except (ValueError, RecursionError):
        content = None
    if kind == "authenticate":
        return _log_in(content)
    return _asked(exchange, content) if isinstance(content, list) else _not_the_server()


def _asked(exchange: Exchange, content: list[Any]) -> Outcome:
    entries = [each for each in content if isinstance(each, dict)]
    failed = next((each for each in entries if each.get("requestError")), None)
    if failed is not None:
        return _failed(exchange, failed)
    if not entries:
        return _outcome(
            OutcomeVerdict.YELLOW,
            "The action ran, and asked your API for nothing.",
            "Its perform() returned without a request.",
            "Send the request in perform(), or leave it if there is nothing to send for this event.",
        )
    # The server lists every request since it was started: the newest is this event's.
    answered = entries[-1].get("response")
    status = _status(answered.get("statusCode") if isinstance(answered, dict) else None)
    body = answered.get("body") if isinstance(answered, dict) else None
    return _as_api(exchange, status, body)


def _failed(exchange: Exchange, failed: Mapping[str, Any]) -> Outcome:
    """The action threw. Its own validation names the fields; anything else is the API's answer, or a fault in it."""
    fields, status = failed.get("fields"), _status(failed.get("statusCode"))
    if isinstance(fields, dict) and fields:
        outcome = _outcome(
            OutcomeVerdict.RED,
            "The action did not run: fields that it needs got no value that fits from this event.",
            "The default mapping finds nothing in the event, or something of another type.",
            "Map the field to something that every event of this trigger has, make it optional, or narrow the trigger.",
        )
        return replace(outcome, status=status, message=one_line("; ".join(f"{k}: {v}" for k, v in fields.items())))
    return _as_api(exchange, status, failed.get("message"))


def _as_api(exchange: Exchange, status: int, body: Any) -> Outcome:
    """Judged as if the API had answered directly: the same verdicts, words and causes as for a webhook."""
    said = body.get("message", body) if isinstance(body, dict) else body
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False) if said else ""
    response = Response(status, "", _JSON, json.dumps({"message": text} if text else {}).encode())
    return read_answer(replace(exchange, response=response))


def _log_in(content: Any) -> Outcome:
    if not isinstance(content, dict) or "ok" not in content:
        return _not_the_server()
    if content["ok"]:
        return _outcome(OutcomeVerdict.GREEN, "Your testAuthentication() took the settings.")
    outcome = _outcome(
        OutcomeVerdict.RED,
        "Your testAuthentication() refused the settings.",
        "A setting is missing or wrong, or the check itself fails.",
        "Give the settings of a test account with --setting, and look at what your API answers.",
    )
    fields = content.get("fields")
    details = [str(content.get("error") or "")]
    details += [f"{name}: {text}" for name, text in fields.items()] if isinstance(fields, dict) else []
    return replace(outcome, message=one_line("; ".join(part for part in details if part)))


def _no_delete() -> Outcome:
    return replace(
        _outcome(
            OutcomeVerdict.YELLOW,
            "The destination does not support deletion.",
            "It has no onDelete().",
            "If you store data about people, write onDelete(): customers must be able to erase a person.",
        ),
        status=404,
    )


def _unknown(kind: Kind, key: str) -> Outcome:
    if kind == "authenticate":
        return _not_the_server()
    return replace(
        _outcome(
            OutcomeVerdict.RED,
            f"The local server knows no action “{key}”.",
            "The server runs another destination, or the key in its `actions` is not the plan’s.",
            "Choose your destination when you start ./bin/run serve, and give the action the key that the plan has.",
        ),
        status=404,
    )


def _not_the_server() -> Outcome:
    return _outcome(
        OutcomeVerdict.RED,
        "This is not what Segment’s local server answers.",
        "Something else listens at this address.",
        "Start ./bin/run serve in your clone of the actions repository, and give the address that it prints.",
    )


def _status(value: Any) -> int:
    """What is no status is a fault of the destination’s own code."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599 else 500


def _outcome(verdict: OutcomeVerdict, meaning: str, cause: str = "", fix: str = "") -> Outcome:
    return Outcome(verdict, None, "", False, meaning, cause, fix)
