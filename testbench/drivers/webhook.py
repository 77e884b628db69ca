"""Cases as requests to a subscription webhook, over one connection that is kept open (D10)."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings

from apps_catalog.signing import opened_secrets
from runtime.egress import EgressPolicy, ErrorKind, Exchange, KeptLine, Limits, Request, send
from runtime.samples import WRONG_KEYS, burst_events
from runtime.signing import Signing, message_id
from runtime.webhooks import API_KEY, Outcome, OutcomeVerdict, build_request, read_answer
from testbench.models import SuiteRun
from testbench.plan import Planned
from testbench.runner import Ending, Progress, Result, run_cases
from testbench.sending import send_at_once
from testbench.states import Verdict

TIMEOUTS = frozenset({ErrorKind.TIMEOUT, ErrorKind.CONNECT_TIMEOUT})


# After so long a worker goes to the end of the queue, so that a slow endpoint does not hold up others.
TURN_SECONDS = 20.0


class WebhookDriver:
    """`values` are the settings of the run, “apiKey” among them. After it is made, no database is touched."""

    turn_seconds = TURN_SECONDS
    screenshot: bytes | None = None

    def __init__(self, run: SuiteRun, values: dict[str, Any]) -> None:
        self._run_id: UUID = run.pk
        self._endpoint, self._values = run.endpoint, values
        self._policy = EgressPolicy.from_setting(settings.EGRESS_ALLOW)
        self._limits = Limits(total_seconds=settings.EGRESS_TOTAL_SECONDS, max_body=settings.EGRESS_MAX_BODY_BYTES)
        self._signing_secrets = opened_secrets(run.component)
        self._kept = KeptLine()
        self.facts: dict[str, Any] = {}

    def run(
        self,
        cases: Sequence[Planned],
        on_result: Callable[[Result], None],
        should_stop: Callable[[], bool],
        progress: Progress,
    ) -> Ending:
        seconds = settings.EGRESS_TOTAL_SECONDS
        with self._kept:
            return run_cases(cases, self.put, on_result, should_stop, case_seconds=seconds, progress=progress)

    def abandon(self) -> None:
        """What is on its way to an endpoint cannot be taken back: the request ends by its own clock."""

    def put(self, case: Planned) -> Result:
        """The result of a case: that of its one exchange, or of the worst in a burst."""
        if case.group == "burst":
            requests = [self._request(case, event) for event in burst_events(case.event)]
            return judge(case, send_at_once(requests, self._send_alone))
        request = self._request(case, case.event)
        return judge(case, [send(request, policy=self._policy, limits=self._limits, kept=self._kept)])

    def _send_alone(self, request: Request) -> Exchange:
        return send(request, policy=self._policy, limits=self._limits)

    def _request(self, case: Planned, event: dict[str, Any]) -> Request:
        custom = {key: value for key, value in self._values.items() if key != API_KEY}
        key = WRONG_KEYS.get(case.id, str(self._values.get(API_KEY, "")))
        message = message_id(self._run_id, event.get("messageId") or case.position)
        signing = Signing(self._signing_secrets, message, int(time.time()))
        return build_request(self._endpoint, event, key, custom, signing)


def judge(case: Planned, exchanges: Sequence[Exchange]) -> Result:
    """The result of a case from its exchanges; the worst one counts."""
    judged = [(exchange, read_answer(exchange, case.expects)) for exchange in exchanges]
    exchange, outcome = max(judged, key=_badness)
    if len(judged) > 1:
        outcome = replace(outcome, meaning=f"{_tally(judged)} {outcome.meaning}")
    return Result(
        case,
        Verdict(outcome.verdict.value),
        exchange,
        outcome,
        duration_ms=exchange.timings.total,
        is_timeout=exchange.error is not None and exchange.error.kind in TIMEOUTS,
    )


def _badness(judged: tuple[Exchange, Outcome]) -> tuple[int, float]:
    """Red before yellow before green; among equals the slowest."""
    exchange, outcome = judged
    return list(OutcomeVerdict).index(outcome.verdict), exchange.timings.total or 0.0


def _tally(judged: Sequence[tuple[Exchange, Outcome]]) -> str:
    """“10 events at once: 8 answered 200, 2 answered 429.”"""
    found = Counter(f"answered {outcome.status}" if outcome.status else "not answered" for _, outcome in judged)
    parts = ", ".join(f"{number} {what}" for what, number in sorted(found.items()))
    return f"{len(judged)} events at once: {parts}."
