"""What is stored of a try: the exact exchange, without the customer's secrets (SECURITY T25).

What we sent is written from masked settings, because it is known where the secrets are in it. What came back may
echo them in any spelling, so the redactor goes over it; it remembers what endpoints answer again and again.
"""

import json
from dataclasses import replace
from typing import Any

from delivery.targets import Target
from runtime.egress import Exchange, SentRequest
from runtime.functions import Run
from runtime.functions.records import details_of
from runtime.redaction import Redactor, storable
from runtime.webhooks import API_KEY, Addressed, Outcome

_STORED = ("request", "response", "error", "timings")


class Masks:
    """The masks of one target's secrets, compiled once. Not for several threads at once."""

    def __init__(self, target: Target) -> None:
        self._redact = Redactor(target.secrets)
        self._needles = _spelled(target.secrets)
        values = {key: self._redact(value) for key, value in target.values.items()}
        shown = Addressed.to(target.endpoint, str(values.get(API_KEY, "")), values)
        self._headers = {"Authorization": shown.authorization, "X-Segment-Settings": shown.settings}

    def of_exchange(self, exchange: Exchange) -> dict[str, Any]:
        """The columns `request`, `response`, `error` and `timings` of an attempt."""
        masked = replace(exchange, request=self._request(exchange.request), response=self._redact(exchange.response))
        record = masked.as_record()
        return {name: record[name] for name in _STORED}

    def of_run(self, run: Run) -> dict[str, Any]:
        """What a function did, for the column `details`."""
        return dict(storable(self._redact(details_of(run))))

    def of_words(self, outcome: Outcome) -> dict[str, str]:
        """The columns `message`, `cause` and `fix`; the endpoint's own words are in the first."""
        cause = str(storable(self._redact(outcome.cause))) if outcome.cause else ""
        words = {"message": outcome.meaning, "cause": cause, "fix": outcome.fix}
        if outcome.message:
            words["message"] += f" It said: “{storable(self._redact(outcome.message))}”"
        return words

    def _request(self, request: SentRequest) -> SentRequest:
        headers = tuple((name, self._headers.get(name, value)) for name, value in request.headers)
        body = request.body
        if any(needle in body for needle in self._needles):  # a customer who puts a key into an event
            body = self._redact(body)
        return SentRequest(request.start_line, headers, body)


def _spelled(secrets: tuple[str, ...]) -> frozenset[bytes]:
    """How the secrets would stand in a JSON text."""
    spelled = set()
    for secret in filter(None, secrets):
        for text in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
            spelled.add(text.encode("utf-8", "replace"))
    return frozenset(spelled)
