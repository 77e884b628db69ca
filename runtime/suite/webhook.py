"""Cases as requests to a subscription webhook, over one connection that is kept open (D10).

The console's Test Suite and `devcenter-test` send and judge with this, so that they say the same.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from runtime.egress import EgressPolicy, ErrorKind, Exchange, KeptLine, Limits, Request, send
from runtime.samples import WRONG_KEYS, burst_events
from runtime.signing import Signing, message_id
from runtime.suite.plan import Planned
from runtime.suite.running import Ending, Progress, Result, run_cases
from runtime.suite.verdicts import Verdict
from runtime.webhooks import API_KEY, Outcome, OutcomeVerdict, build_request, read_answer

TIMEOUTS = frozenset({ErrorKind.TIMEOUT, ErrorKind.CONNECT_TIMEOUT})


class WebhookCases:
    """One endpoint, and what its requests carry.

    `run_id` makes the webhook ids of one run differ from those of all others; `values` are the settings, “apiKey”
    among them; without `signing_secrets` nothing is signed.
    """

    def __init__(
        self,
        endpoint: str,
        values: Mapping[str, Any],
        *,
        run_id: object,
        policy: EgressPolicy,
        limits: Limits,
        signing_secrets: Sequence[str] = (),
    ) -> None:
        self._endpoint, self._run_id, self._signing_secrets = endpoint, run_id, signing_secrets
        self._key = str(values.get(API_KEY, ""))
        self._custom = {key: value for key, value in values.items() if key != API_KEY}
        self._policy, self._limits = policy, limits
        self._kept = KeptLine()

    def run(
        self,
        cases: Sequence[Planned],
        on_result: Callable[[Result], None],
        should_stop: Callable[[], bool] = lambda: False,
        progress: Progress | None = None,
    ) -> Ending:
        """Put `cases` in order."""
        with self._kept:
            seconds = self._limits.total_seconds
            return run_cases(cases, self.put, on_result, should_stop, case_seconds=seconds, progress=progress)

    def put(self, case: Planned) -> Result:
        """The result of a case: that of its one exchange, or of the worst in a burst."""
        if case.group == "burst":
            requests = [self._request(case, event) for event in burst_events(case.event)]
            return judge(case, send_at_once(requests, self._send_alone))
        request = self._request(case, case.event)
        return judge(case, [send(request, policy=self._policy, limits=self._limits, kept=self._kept)])

    def close(self) -> None:
        """Close the connection that was kept; `run` does so by itself."""
        self._kept.close()

    def _send_alone(self, request: Request) -> Exchange:
        return send(request, policy=self._policy, limits=self._limits)

    def _request(self, case: Planned, event: dict[str, Any]) -> Request:
        key = WRONG_KEYS.get(case.id, self._key)
        message = message_id(self._run_id, event.get("messageId") or case.position)
        signing = Signing(self._signing_secrets, message, int(time.time()))
        return build_request(self._endpoint, event, key, self._custom, signing)


def send_at_once(requests: Sequence[Request], send: Callable[[Request], Exchange]) -> list[Exchange]:
    """All at the same moment, each on a connection and a thread of its own; as long as the slowest."""
    with ThreadPoolExecutor(max_workers=len(requests), thread_name_prefix="suite-burst") as pool:
        return list(pool.map(send, requests))


def judge(
    case: Planned, exchanges: Sequence[Exchange], read: Callable[[Exchange, str], Outcome] = read_answer
) -> Result:
    """The result of a case from its exchanges; the worst one counts."""
    judged = [(exchange, read(exchange, case.expects)) for exchange in exchanges]
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
