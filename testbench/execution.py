"""A worker's part of a run: send what has no result yet, store each result, and end the run.

The row of the run is the truth. Every write is fenced by the lease's token, so a worker that was slow,
stopped or cut off changes nothing once another has taken over, or once somebody cancelled (SECURITY F1, F4).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from apps_catalog.setting_secrets import secrets_of
from audit.recording import SYSTEM, record
from runtime.redaction import mask, storable
from runtime.suite.plan import Planned
from runtime.suite.results import row_of
from runtime.suite.running import Ending, Progress, Result, run_verdict
from runtime.suite.webhook import TIMEOUTS
from testbench.claims import MAX_ATTEMPTS, lease
from testbench.drivers import CannotRun, Driver, driver_for
from testbench.models import CaseResult, Screenshot, SuiteRun
from testbench.sending import Sending
from testbench.states import RunState, Verdict
from vault.sealing import CannotOpen

log = structlog.get_logger(__name__)

# How long a result waits at most before it is stored: what a person does not notice, and few writes a second.
STORE_SECONDS = 0.2
# How soon a worker that has nothing to store learns that its run was cancelled.
ASK_SECONDS = 1.0
# How often it looks for results, to make rows of them while the endpoint is thinking.
TICK_SECONDS = 0.02

CANNOT_OPEN = "The run ended early: its settings could not be opened. Start it again."
GAVE_UP = "The run ended early because of a fault on our side. Start it again."


class LeaseLost(Exception):
    """Another worker holds the run by now, or it was cancelled: nothing more may be written."""


def work_on(run: SuiteRun, *, turn_seconds: float | None = None) -> bool:
    """Advance a claimed run by one turn, as long as its driver says. True when something is left to do.

    Losing the lease ends the turn quietly. Other exceptions leave the lease to run out, so that the run is
    taken up again, up to MAX_ATTEMPTS times.
    """
    if run.attempts > MAX_ATTEMPTS:
        finish(run, GAVE_UP)
        return False
    try:
        return _take_turn(run, turn_seconds)
    except CannotOpen:
        finish(run, CANNOT_OPEN)
    except CannotRun as trouble:
        finish(run, str(trouble))
    except LeaseLost:
        log.info("suite_lease_lost", run=str(run.pk))
    return False


def _take_turn(run: SuiteRun, turn_seconds: float | None) -> bool:
    worker = _Worker(run, turn_seconds)
    worker.store()  # before anything is sent: somebody may have cancelled
    if worker.turn_is_over():
        return run.settle(due_at=timezone.now())
    with Sending(worker.put_all, worker.abandon) as sending:
        while not sending.wait(TICK_SECONDS):
            worker.note(sending.take())
            if worker.turn_is_over():
                sending.stop()
    worker.note(sending.take())
    worker.store()
    if sending.ending is Ending.COMPLETE:
        worker.finish()
        return False
    return run.settle(due_at=timezone.now())


class _Worker:
    """What the driver needs to know of the run: what is left, where to store, when to stop."""

    def __init__(self, run: SuiteRun, turn_seconds: float | None) -> None:
        self._run = run
        values, self._event = run.open_secrets()
        self._secrets = secrets_of(values, run.sensitive)
        self._driver: Driver = driver_for(run, values)
        self._turn_ends = time.monotonic() + (self._driver.turn_seconds if turn_seconds is None else turn_seconds)
        self._rows: list[CaseResult] = []
        self._stored_at = time.monotonic()
        results = list(run.results.all())
        self.left = self._cases_without(results)
        self._progress = progress_of(results)

    def _cases_without(self, results: Sequence[CaseResult]) -> list[Planned]:
        """The cases that have no result yet, with the events that the first worker would have sent."""
        done = {result.position for result in results}
        cases = [case for case in self._run.cases if case.position not in done]
        return [replace(case, event=self._event) for case in cases] if self._event is not None else cases

    def turn_is_over(self) -> bool:
        return time.monotonic() >= self._turn_ends

    def put_all(self, on_result: Callable[[Result], None], should_stop: Callable[[], bool]) -> Ending:
        """Touches no database."""
        return self._driver.run(self.left, on_result, should_stop, self._progress)

    def abandon(self) -> None:
        """End what is under way: the run is not ours any more."""
        self._driver.abandon()

    def note(self, results: Sequence[Result]) -> None:
        """Make rows of results, and store them when it is time. Raises LeaseLost."""
        self._rows += [CaseResult(run=self._run, **row_of(result, self._secrets)) for result in results]
        if time.monotonic() - self._stored_at >= (STORE_SECONDS if self._rows else ASK_SECONDS):
            self.store()

    def store(self) -> None:
        """Store what was noted. Raises LeaseLost when the run is not ours any more.

        The lease is checked by a write, so a takeover waits for this to be committed.
        """
        with transaction.atomic():
            if not self._run.still_held(extend=lease()):
                raise LeaseLost
            CaseResult.objects.bulk_create(self._rows)
        self._rows, self._stored_at = [], time.monotonic()

    @transaction.atomic
    def finish(self) -> None:
        """End the run, with what the driver learned about it as a whole."""
        facts, png = self._driver.facts, self._driver.screenshot
        if facts:
            facts = storable(mask(facts, self._secrets).value) | {"has_screenshot": png is not None}
        if finish(self._run, facts=facts) and png:
            Screenshot.objects.create(run=self._run, png=png)


def progress_of(results: list[CaseResult]) -> Progress:
    """How far the workers before this one had come."""
    progress = Progress()
    for result in results:
        progress.count((result.duration_ms or 0.0) / 1000, timed_out=_timed_out(result))
    return progress


def _timed_out(result: CaseResult) -> bool:
    if result.details:
        return bool(result.details.get("outcome") == "timeout")
    return (result.error or {}).get("kind") in TIMEOUTS


@transaction.atomic
def finish(run: SuiteRun, fault: str = "", *, facts: dict[str, Any] | None = None) -> bool:
    """End the run with the verdict of its stored results and wipe its settings; False without the lease."""
    results = list(run.results.values_list("group", "verdict", "message"))
    verdict = Verdict.RED if fault else run_verdict([(group, verdict) for group, verdict, _ in results])
    not_run = next((message for _, verdict, message in results if verdict == Verdict.NOT_RUN), "")
    ended = run.settle(
        state=RunState.FINISHED,
        verdict=verdict,
        message=fault or not_run,
        finished_at=timezone.now(),
        settings_sealed="",
        facts=facts or {},
    )
    if ended:
        record(SYSTEM, "suite.finished", run.app, chain=run.app.chain, run=str(run.pk), verdict=str(verdict))
        log.info("suite_finished", run=str(run.pk), verdict=str(verdict), cases=len(results))
    return ended
