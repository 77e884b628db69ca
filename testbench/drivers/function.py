"""Cases as calls of a subscription function, in a sandbox that stays warm between them (D15 to D19)."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from runtime.code_answers import answer_of_function
from runtime.egress.exchange import body_record
from runtime.functions import Call, Outcome, Run
from runtime.samples import WRONG_KEYS, burst_events
from runtime.webhooks import API_KEY
from testbench.drivers.sandboxes import run_function
from testbench.models import SuiteRun
from testbench.plan import Planned
from testbench.runner import Ending, Progress, Result, run_cases
from testbench.states import Verdict

# What one case may take: the limit of D19, a cold start, and some air.
CASE_SECONDS = 10.0
TURN_SECONDS = 20.0


class FunctionDriver:
    """`values` are the settings of the run, “apiKey” among them: the function's second argument."""

    turn_seconds = TURN_SECONDS
    screenshot: bytes | None = None

    def __init__(self, run: SuiteRun, values: dict[str, Any]) -> None:
        self._owner, self._code, self._values = f"component-{run.component_id}", run.code, values
        self.facts: dict[str, Any] = {}

    def run(
        self,
        cases: Sequence[Planned],
        on_result: Callable[[Result], None],
        should_stop: Callable[[], bool],
        progress: Progress,
    ) -> Ending:
        return run_cases(cases, self.put, on_result, should_stop, case_seconds=CASE_SECONDS, progress=progress)

    def put(self, case: Planned) -> Result:
        """The run of its event; of a burst, the worst run of them."""
        key = {API_KEY: WRONG_KEYS[case.id]} if case.id in WRONG_KEYS else {}
        events = burst_events(case.event) if case.group == "burst" else [case.event]
        runs = [run_function(self._owner, self._code, event, self._values | key) for event in events]
        return max((judge(case, run) for run in runs), key=_badness)


def judge(case: Planned, run: Run) -> Result:
    outcome = answer_of_function(run, case.expects)
    return Result(
        case,
        Verdict(outcome.verdict.value),
        outcome=outcome,
        details=details_of(run),
        duration_ms=run.duration_ms,
        is_timeout=run.outcome is Outcome.TIMEOUT,
    )


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


def _badness(result: Result) -> tuple[int, float]:
    return list(Verdict).index(result.verdict), result.duration_ms or 0.0
