"""A group of deliveries to one destination on its way out, in a thread of its own. Nothing here touches the database.

Events of a group go one after another over a connection that is kept open (D10). What others would share (no answer, a
full stop asked for by 429 or 503) ends the group; the rest goes back unsent.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import structlog
from django.conf import settings
from django.utils import timezone

from delivery.claiming import Job
from delivery.masking import Masks
from delivery.sandboxes import BATCH, pool, run_function
from delivery.targets import FUNCTION, Target
from delivery.trouble import CannotRun
from runtime.code_answers import answer_of_function
from runtime.egress import EgressPolicy, Exchange, KeptLine, Limits, send
from runtime.functions import Outcome as Ended
from runtime.functions import Run, Stopped
from runtime.retry import retry_after
from runtime.signing import Signing, message_id
from runtime.webhooks import API_KEY, Addressed, Outcome, OutcomeVerdict, read_answer

log = structlog.get_logger(__name__)

# A slow destination gives its thread back after this long, so that one slow endpoint is never many threads.
GROUP_SECONDS = 2.0
# How many events one call of `onBatch` gets at most (D20).
BATCH_EVENTS = 20
# When this machine cannot run functions, another one may.
CANNOT_RUN_GAP = timedelta(minutes=1)
INVALID_SETTINGS = "errors.discarded.INVALID_SETTINGS"
# They ask to leave the endpoint alone for a while, whatever the event (D12).
_HOLD_BACK = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one try. `at` is when it began; `not_before` what the endpoint asked for by Retry-After.

    `is_shared`: the next event would fare the same, so the destination is left alone for a while.
    """

    job: Job
    reach: "Reach"
    at: datetime
    duration_ms: float
    outcome: Outcome
    exchange: Exchange | None = None
    run: Run | None = None
    not_before: datetime | None = None
    is_shared: bool = False


class Reach:
    """A target made ready for sending: what is the same for each event is computed once."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._policy = EgressPolicy.from_setting(settings.EGRESS_ALLOW)
        self._limits = Limits(total_seconds=settings.EGRESS_TOTAL_SECONDS, max_body=settings.EGRESS_MAX_BODY_BYTES)

    @cached_property
    def masks(self) -> Masks:
        return Masks(self.target)

    @cached_property
    def _addressed(self) -> Addressed:
        values = self.target.values
        return Addressed.to(self.target.endpoint, str(values.get(API_KEY, "")), values)

    def try_all(self, jobs: Sequence[Job], line: KeptLine) -> Iterator[list[Answer]]:
        """One after another, each when it is asked for; of `onBatch`, the answers of a call together.

        Raises CannotRun where functions cannot run, functions.Stopped when the worker ends.
        """
        if self.target.problem:
            return ([self._not_sent(job, self.target.problem)] for job in jobs)
        if self.target.kind != FUNCTION:
            return ([self._post(job, line)] for job in jobs)
        return self._call_batches(jobs) if self._takes_batches() else ([self._call(job)] for job in jobs)

    def _post(self, job: Job, line: KeptLine) -> Answer:
        at = timezone.now()
        signing = Signing(self.target.signing, webhook_id(job), int(at.timestamp()))
        try:
            request = self._addressed.request(job.payload.encode("utf-8", "replace"), signing)
            exchange = send(request, policy=self._policy, limits=self._limits, kept=line)
        except ValueError as unfit:  # settings that no header can carry
            return self._not_sent(job, str(unfit))
        outcome, not_before = read_answer(exchange), None
        if outcome.is_retryable and exchange.response:
            not_before = retry_after(exchange.response.header("retry-after"), timezone.now())
        is_shared = outcome.is_retryable and (exchange.error is not None or outcome.status in _HOLD_BACK)
        took = exchange.timings.total or 0.0
        return Answer(job, self, at, took, outcome, exchange, not_before=not_before, is_shared=is_shared)

    def _not_sent(self, job: Job, why: str) -> Answer:
        text = "Not sent: there is nothing to send to, or nothing that can be sent."
        fix = "Correct the settings of this destination. If they look right to you, tell the partner."
        outcome = Outcome(OutcomeVerdict.RED, None, INVALID_SETTINGS, False, text, why, fix)
        return Answer(job, self, timezone.now(), 0.0, outcome)

    # --- Functions -------------------------------------------------------------------------------------------

    def _takes_batches(self) -> bool:
        return BATCH in pool().outline(self.target.code, key=self.target.owner).handlers

    def _call(self, job: Job) -> Answer:
        at = timezone.now()
        run = run_function(self.target.owner, self.target.code, json.loads(job.payload), self.target.values)
        return self._answer_of_run(job, at, run)

    def _call_batches(self, jobs: Sequence[Job]) -> Iterator[list[Answer]]:
        for start in range(0, len(jobs), BATCH_EVENTS):
            part, at = jobs[start : start + BATCH_EVENTS], timezone.now()
            events = [json.loads(job.payload) for job in part]
            runs = pool().run_batch(self.target.code, events, self.target.values, key=self.target.owner)
            yield [self._answer_of_run(job, at, run) for job, run in zip(part, runs, strict=True)]

    def _answer_of_run(self, job: Job, at: datetime, run: Run) -> Answer:
        is_shared = run.outcome is Ended.TIMEOUT
        return Answer(job, self, at, run.duration_ms, answer_of_function(run), run=run, is_shared=is_shared)


def webhook_id(job: Job) -> str:
    """The same for every try at one delivery, also by another worker after a kill."""
    return message_id("delivery", job.pk)


@dataclass(slots=True, eq=False)
class Group:
    """Deliveries to one destination that a thread works on. `held_until`: the lease's end, on the monotonic clock."""

    reach: Reach
    jobs: list[Job]
    line: KeptLine
    held_until: float
    is_suspect: bool = False
    took: float = 0.0

    @property
    def destination_id(self) -> int:
        return self.reach.target.destination_id


@dataclass(frozen=True, slots=True)
class Done:
    """A group came back: what was not tried, and how long its destination is left alone for our own sake."""

    group: Group
    unsent: list[Job]
    wait: timedelta | None = None


def work_on(group: Group, put: Callable[[Answer | Done], None], should_stop: Callable[[], bool]) -> None:
    """Try the group's deliveries, telling each result as it comes, and that it is done at the end. Never raises."""
    started, left, wait = time.monotonic(), list(group.jobs), None

    def is_over() -> bool:
        now = time.monotonic()
        return should_stop() or now > started + GROUP_SECONDS or now > group.held_until

    try:
        for answers in group.reach.try_all(group.jobs, group.line) if not is_over() else ():
            left = left[len(answers) :]
            for answer in answers:
                put(answer)
            if is_over() or any(answer.is_shared for answer in answers):
                break
    except CannotRun as trouble:
        log.warning("functions_cannot_run", destination=group.destination_id, why=str(trouble))
        wait = CANNOT_RUN_GAP
    except Stopped:
        log.info("delivery_stopped", destination=group.destination_id)
    except Exception:
        # The one that was being tried keeps its lease, and is found again when that has run out.
        log.exception("delivery_failed_inside", destination=group.destination_id, delivery=left[0].pk)
        left = left[1:]
    group.took = time.monotonic() - started
    put(Done(group, left, wait))
