"""Putting cases one after the other and judging the whole; knows no database (CONTRACT, Test Suite verdicts).

How a case is put, to a webhook, a function or a web plugin, is the drivers' part. A suite ends within 120 s
whatever the component does: after three timeouts in a row, or when the time left is shorter than one case
may take, the rest is marked as not run.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from runtime.egress import Exchange
from runtime.suite.plan import Planned
from runtime.suite.verdicts import COLOURING, Verdict
from runtime.webhooks import Outcome

# Time spent with the component; the rest up to 120 s is for storing results.
SUITE_SECONDS = 115.0
TIMEOUTS_IN_A_ROW = 3

AFTER_TIMEOUTS = "Not run: three times in a row there was no answer in time."
OUT_OF_TIME = "Not run: the answers before took so long that a suite's two minutes were used up."


class Ending(Enum):
    COMPLETE = "complete"  # every case has a result
    STOPPED = "stopped"  # `should_stop` said so; the cases without result are still to be sent


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case. `outcome` is None when it was not run; `reason` says why.

    A webhook's result has its `exchange`; that of code has `details`, a JSON object with `kind` “function” or
    “plugin”. `duration_ms` is what the case took.
    """

    case: Planned
    verdict: Verdict
    exchange: Exchange | None = None
    outcome: Outcome | None = None
    reason: str = ""
    details: dict[str, Any] | None = None
    duration_ms: float | None = None
    is_timeout: bool = False


@dataclass(slots=True)
class Progress:
    """How the run went so far, also before this worker took it over: seconds with the component, and the
    number of timeouts in a row up to now."""

    seconds: float = 0.0
    timeouts: int = 0

    def count(self, seconds: float, *, timed_out: bool) -> None:
        self.seconds += seconds
        self.timeouts = self.timeouts + 1 if timed_out else 0

    def reason_to_give_up(self, case_seconds: float) -> str:
        """Why no further case is sent, or ""."""
        if self.timeouts >= TIMEOUTS_IN_A_ROW:
            return AFTER_TIMEOUTS
        return OUT_OF_TIME if self.seconds + case_seconds > SUITE_SECONDS else ""


def run_cases(
    cases: Iterable[Planned],
    put: Callable[[Planned], Result],
    on_result: Callable[[Result], None],
    should_stop: Callable[[], bool],
    *,
    case_seconds: float,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Ending:
    """Put `cases` in order and hand each result to `on_result` as it comes.

    `should_stop` is asked before each case. `case_seconds` is the most that `put` may take.
    """
    progress = progress or Progress()
    for case in cases:
        if should_stop():
            return Ending.STOPPED
        reason = progress.reason_to_give_up(case_seconds)
        if reason:
            on_result(Result(case, Verdict.NOT_RUN, reason=reason))
            continue
        started = clock()
        result = put(case)
        progress.count(clock() - started, timed_out=result.is_timeout)
        on_result(result)
    return Ending.COMPLETE


def run_verdict(results: Sequence[tuple[str, str]]) -> Verdict:
    """The verdict of a run from (group, verdict) of its cases: the worst of the required ones.

    A required case that was not run makes the run red. Advice never colours a run; one that was asked for
    nothing else is green once all its cases were run.
    """
    found = {verdict for group, verdict in results if group in COLOURING}
    if not found:
        ran = bool(results) and all(verdict != Verdict.NOT_RUN for _, verdict in results)
        return Verdict.GREEN if ran else Verdict.RED
    if found & {Verdict.RED, Verdict.NOT_RUN}:
        return Verdict.RED
    return Verdict.YELLOW if Verdict.YELLOW in found else Verdict.GREEN
