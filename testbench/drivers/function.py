"""Cases as calls of a subscription function, in a sandbox that stays warm between them (D15 to D19)."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from delivery.sandboxes import run_at_once, run_function
from runtime.code_answers import FUNCTION_WORDS, answer_of_function
from runtime.functions import Outcome, Run, Stopped
from runtime.functions.records import details_of
from runtime.samples import WRONG_KEYS, burst_events
from runtime.suite.plan import Planned
from runtime.suite.running import Ending, Progress, Result, run_cases
from runtime.suite.verdicts import Verdict
from runtime.webhooks import API_KEY
from testbench.models import SuiteRun

# What one case may take: the limit of D19, a cold start, and some air; a burst is two times five at once.
CASE_SECONDS = 12.0
TURN_SECONDS = 20.0


class FunctionDriver:
    """`values` are the settings of the run, “apiKey” among them: the function's second argument."""

    turn_seconds = TURN_SECONDS
    screenshot: bytes | None = None

    def __init__(self, run: SuiteRun, values: dict[str, Any]) -> None:
        self._owner, self._code, self._values = f"component-{run.component_id}", run.code, values
        self._abandoned = threading.Event()
        self.facts: dict[str, Any] = {}

    def run(
        self,
        cases: Sequence[Planned],
        on_result: Callable[[Result], None],
        should_stop: Callable[[], bool],
        progress: Progress,
    ) -> Ending:
        try:
            return run_cases(cases, self.put, on_result, should_stop, case_seconds=CASE_SECONDS, progress=progress)
        except Stopped:
            return Ending.STOPPED

    def abandon(self) -> None:
        self._abandoned.set()

    def put(self, case: Planned) -> Result:
        """The run of its event; of a burst, the worst run of them. Raises functions.Stopped when it was abandoned."""
        key = {API_KEY: WRONG_KEYS[case.id]} if case.id in WRONG_KEYS else {}
        given = (self._values | key, self._abandoned.is_set)
        if case.group == "burst":
            return judge(case, run_at_once(self._owner, self._code, burst_events(case.event), *given))
        return judge(case, [run_function(self._owner, self._code, case.event, *given)])


def judge(case: Planned, runs: Sequence[Run]) -> Result:
    """The result of a case from its runs; the worst one counts."""
    judged = [(run, answer_of_function(run, case.expects)) for run in runs]
    run, outcome = max(judged, key=lambda each: (list(Verdict).index(Verdict(each[1].verdict)), each[0].duration_ms))
    if len(runs) > 1:
        outcome = replace(outcome, meaning=f"{_tally(runs)} {outcome.meaning}")
    return Result(
        case,
        Verdict(outcome.verdict.value),
        outcome=outcome,
        details=details_of(run),
        duration_ms=run.duration_ms,
        is_timeout=run.outcome is Outcome.TIMEOUT,
    )


def _tally(runs: Sequence[Run]) -> str:
    """“10 events at once: 8 handled, 2 not done in time.”"""
    found = Counter(FUNCTION_WORDS[run.outcome] for run in runs)
    return f"{len(runs)} events at once: {', '.join(f'{number} {word}' for word, number in found.most_common())}."
