"""Sending cases one after the other and judging them; knows no database (CONTRACT, Test Suite verdicts).

A suite ends within 120 s whatever the endpoint does: after three timeouts in a row, or when the time left
is shorter than one case may take, the rest is marked as not run.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from runtime.egress import ErrorKind, Exchange
from runtime.webhooks import Outcome, read_answer
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
    send: Callable[[Planned], Exchange],
    on_result: Callable[[Result], None],
    should_stop: Callable[[], bool],
    *,
    case_seconds: float,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Ending:
    """Send `cases` in order and hand each result to `on_result` as it comes.

    `should_stop` is asked before each case. `case_seconds` is the most that `send` may take.
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
        exchange = send(case)
        progress.count(clock() - started, timed_out=is_timeout(exchange))
        on_result(judge(case, exchange))
    return Ending.COMPLETE


def judge(case: Planned, exchange: Exchange) -> Result:
    outcome = read_answer(exchange)
    return Result(case, Verdict(outcome.verdict.value), exchange, outcome)


def is_timeout(exchange: Exchange) -> bool:
    return exchange.error is not None and exchange.error.kind in TIMEOUTS


def run_verdict(results: Sequence[tuple[str, str]]) -> Verdict:
    """The verdict of a run from (group, verdict) of its cases: the worst of those that count.

    A case that was not run makes the run red, and so does a run without any case that counts.
    """
    counting = {verdict for group, verdict in results if group in COLOURING}
    if not counting or counting & {Verdict.RED, Verdict.NOT_RUN}:
        return Verdict.RED
    return Verdict.YELLOW if Verdict.YELLOW in counting else Verdict.GREEN
