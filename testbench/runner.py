"""Sending cases one after the other and judging them; knows no database (CONTRACT, Test Suite verdicts).

A suite ends within 120 s whatever the endpoint does: after three timeouts in a row, or when the time left
is shorter than one case may take, the rest is marked as not run.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from runtime.egress import ErrorKind, Exchange
from runtime.webhooks import Outcome, OutcomeVerdict, read_answer
from testbench.plan import Planned
from testbench.states import COLOURING, Verdict

# Time spent with the endpoint; the rest up to 120 s is for storing results.
SUITE_SECONDS = 115.0
TIMEOUTS_IN_A_ROW = 3
TIMEOUTS = frozenset({ErrorKind.TIMEOUT, ErrorKind.CONNECT_TIMEOUT})

AFTER_TIMEOUTS = "Not run: the endpoint did not answer three times in a row."
OUT_OF_TIME = "Not run: the answers before took so long that a suite's two minutes were used up."


class Ending(Enum):
    COMPLETE = "complete"  # every case has a result
    STOPPED = "stopped"  # `should_stop` said so; the cases without result are still to be sent


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case. `exchange` and `outcome` are None when it was not run; `reason` says why."""

    case: Planned
    verdict: Verdict
    exchange: Exchange | None = None
    outcome: Outcome | None = None
    reason: str = ""


@dataclass(slots=True)
class Progress:
    """How the run went so far, also before this worker took it over: seconds with the endpoint, and the
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
    send: Callable[[Planned], Sequence[Exchange]],
    on_result: Callable[[Result], None],
    should_stop: Callable[[], bool],
    *,
    case_seconds: float,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Ending:
    """Send `cases` in order and hand each result to `on_result` as it comes.

    `should_stop` is asked before each case. `case_seconds` is the most that `send` may take; it gives back
    one exchange, or one for each event of a burst.
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
        result = judge(case, send(case))
        progress.count(clock() - started, timed_out=is_timeout(result.exchange))
        on_result(result)
    return Ending.COMPLETE


def judge(case: Planned, exchanges: Sequence[Exchange]) -> Result:
    """The result of a case: that of its one exchange, or of the worst in a burst."""
    judged = [(exchange, read_answer(exchange, case.expects)) for exchange in exchanges]
    exchange, outcome = max(judged, key=_badness)
    if len(judged) > 1:
        outcome = replace(outcome, meaning=f"{_tally(judged)} {outcome.meaning}")
    return Result(case, Verdict(outcome.verdict.value), exchange, outcome)


def _badness(judged: tuple[Exchange, Outcome]) -> tuple[int, float]:
    """Red before yellow before green; among equals the slowest."""
    exchange, outcome = judged
    return list(OutcomeVerdict).index(outcome.verdict), exchange.timings.total or 0.0


def _tally(judged: Sequence[tuple[Exchange, Outcome]]) -> str:
    """“10 events at once: 8 answered 200, 2 answered 429.”"""
    found = Counter(f"answered {outcome.status}" if outcome.status else "not answered" for _, outcome in judged)
    parts = ", ".join(f"{number} {what}" for what, number in sorted(found.items()))
    return f"{len(judged)} events at once: {parts}."


def is_timeout(exchange: Exchange | None) -> bool:
    return exchange is not None and exchange.error is not None and exchange.error.kind in TIMEOUTS


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
