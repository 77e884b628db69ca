"""A worker's part of a run: send what has no result yet, store each result, and end the run.

The row of the run is the truth. Every write is fenced by the lease's token, so a worker that was slow,
stopped or cut off changes nothing once another has taken over, or once somebody cancelled (SECURITY F1, F4).
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid5

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps_catalog.signing import opened_secrets
from audit.recording import SYSTEM, record
from runtime.egress import EgressPolicy, ErrorKind, Exchange, KeptLine, Limits, Request, send
from runtime.samples import WRONG_KEYS, burst_events
from runtime.signing import Signing, message_id
from runtime.webhooks import API_KEY, build_request
from testbench.claims import MAX_ATTEMPTS, lease
from testbench.evidence import row_of, secrets_of
from testbench.models import CaseResult, SuiteRun
from testbench.plan import Planned
from testbench.runner import TIMEOUTS, Ending, Progress, Result, run_verdict
from testbench.sending import Sending, send_at_once
from testbench.states import RunState, Verdict
from vault.sealing import CannotOpen

_HEADER_SAFE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")

log = structlog.get_logger(__name__)

# After so long a worker goes to the end of the queue, so that a slow endpoint does not hold up others.
TURN_SECONDS = 20.0

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


def work_on(run: SuiteRun, *, turn_seconds: float = TURN_SECONDS) -> bool:
    """Advance a claimed run by one turn. True when something is left to do.

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
    except LeaseLost:
        log.info("suite_lease_lost", run=str(run.pk))
    return False


def _take_turn(run: SuiteRun, turn_seconds: float) -> bool:
    worker = _Worker(run, turn_seconds)
    worker.store()  # before anything is sent: somebody may have cancelled
    if worker.turn_is_over():
        return run.settle(due_at=timezone.now())
    with worker.sending() as sending:
        while not sending.wait(TICK_SECONDS):
            worker.note(sending.take())
            if worker.turn_is_over():
                sending.stop()
    worker.note(sending.take())
    worker.store()
    if sending.ending is Ending.COMPLETE:
        finish(run)
        return False
    return run.settle(due_at=timezone.now())


class _Worker:
    """What the runner needs to know of the outside: where to send, where to store, when to stop."""

    def __init__(self, run: SuiteRun, turn_seconds: float) -> None:
        self._run = run
        self._values, self._event = run.open_secrets()
        self._secrets = secrets_of(self._values, run.sensitive)
        self._policy = EgressPolicy.from_setting(settings.EGRESS_ALLOW)
        self._limits = Limits(total_seconds=settings.EGRESS_TOTAL_SECONDS, max_body=settings.EGRESS_MAX_BODY_BYTES)
        self._turn_ends = time.monotonic() + turn_seconds
        self._signing_secrets = opened_secrets(run.component)
        self._rows: list[CaseResult] = []
        self._stored_at = time.monotonic()
        self._kept = KeptLine()
        self.results = list(run.results.all())

    def left(self) -> list[Planned]:
        """The cases that have no result yet, with the events that the first worker would have sent."""
        done = {result.position for result in self.results}
        cases = [case for case in self._run.cases if case.position not in done]
        return [replace(case, event=self._event) for case in cases] if self._event is not None else cases

    def turn_is_over(self) -> bool:
        return time.monotonic() >= self._turn_ends

    @contextmanager
    def sending(self) -> Iterator[Sending]:
        """The cases that are left, on their way over one connection that is kept open (D10)."""
        progress = progress_of(self.results)
        with self._kept, Sending(self.left(), self.send, progress, settings.EGRESS_TOTAL_SECONDS) as sending:
            yield sending

    def send(self, case: Planned) -> list[Exchange]:
        """The exchange of a case, or those of a burst. Touches no database."""
        if case.group == "burst":
            return send_at_once([self._request(case, event) for event in burst_events(case.event)], self._send_alone)
        request = self._request(case, case.event)
        return [send(request, policy=self._policy, limits=self._limits, kept=self._kept)]

    def _send_alone(self, request: Request) -> Exchange:
        return send(request, policy=self._policy, limits=self._limits)

    def _request(self, case: Planned, event: dict[str, Any]) -> Request:
        custom = {key: value for key, value in self._values.items() if key != API_KEY}
        key = WRONG_KEYS.get(case.id, str(self._values.get(API_KEY, "")))
        message = message_id(self._run.pk, event.get("messageId") or case.position)
        signing = Signing(self._signing_secrets, message, int(time.time()))
        return build_request(self._run.endpoint, event, key, custom, signing)

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


def webhook_id(run: SuiteRun, event: dict[str, Any]) -> str:
    """The event's messageId, or one of the run's own where a header cannot carry what a person typed."""
    given = event.get("messageId")
    return given if isinstance(given, str) and _HEADER_SAFE.fullmatch(given) else str(uuid5(run.pk, str(given)))


def progress_of(results: list[CaseResult]) -> Progress:
    """How far the workers before this one had come."""
    progress = Progress()
    for result in results:
        kind = (result.error or {}).get("kind")
        timed_out = kind is not None and ErrorKind(kind) in TIMEOUTS
        progress.count((result.duration_ms or 0.0) / 1000, timed_out=timed_out)
    return progress


@transaction.atomic
def finish(run: SuiteRun, fault: str = "") -> bool:
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
    )
    if ended:
        record(SYSTEM, "suite.finished", run.app, chain=run.app.chain, run=str(run.pk), verdict=str(verdict))
        log.info("suite_finished", run=str(run.pk), verdict=str(verdict), cases=len(results))
    return ended
