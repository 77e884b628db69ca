"""What years of use leave behind beside the Apps themselves: runs, verdicts, records, notices, mails."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from apps_catalog.models import App, Component
from audit.models import Chain, Record
from audit.recording import name_of
from bench.bulk import bulk
from notifications.models import Notice, OutboxMessage
from notifications.states import MessageState
from reviews.models import Finding, StepVerdict, Submission
from reviews.states import ReviewStep, StepOutcome
from testbench.models import CaseResult, SuiteRun
from testbench.states import RunState, Verdict

RUNS_AN_APP = 2
RUNS_OF_THE_MEASURED = 200
CASES = 8
# The acts of a partner that the record keeps, for each App.
ACTS = ("app.created", "settings.changed", "components.changed", "listing.changed", "version.frozen")
NOTICES_OF_THE_OWNER = 500
UNREAD = 3


class History:
    def __init__(
        self, apps: Sequence[App], submissions: Sequence[Submission], owner: Any, reviewer: Any, now: datetime
    ) -> None:
        self.apps, self.submissions, self.owner, self.reviewer, self.now = apps, submissions, owner, reviewer, now

    def write(self, measured: App) -> None:
        """`measured` gets a long history: no page may grow with it."""
        self.make_runs(measured)
        self.make_verdicts()
        self.make_records()
        self.make_messages()

    def make_runs(self, measured: App) -> None:
        components = {row.app_id: row for row in Component.objects.all()}
        runs = bulk(SuiteRun, (run_of(components[app.pk]) for app in self.apps for _ in range(RUNS_AN_APP)))
        long = bulk(SuiteRun, (run_of(components[measured.pk]) for _ in range(RUNS_OF_THE_MEASURED)))
        bulk(CaseResult, (result for run in [*runs[:: RUNS_AN_APP * 10], *long] for result in results_of(run)))

    def make_verdicts(self) -> None:
        rows = ((one, step) for one in self.submissions for step in self._judged(one))
        bulk(StepVerdict, (self._verdict(one, step) for one, step in rows))
        back = [one for one in self.submissions if one.state == "changes_requested"]
        texts = {"step": ReviewStep.DOCS_MATCH, "observed": "The page is empty.", "todo": "Fill it in."}
        bulk(Finding, (Finding(submission=one, by=self.reviewer, **texts) for one in back))

    def _judged(self, submission: Submission) -> list[ReviewStep]:
        return list(ReviewStep)[:2] if submission.is_waiting else list(ReviewStep)

    def _verdict(self, submission: Submission, step: ReviewStep) -> StepVerdict:
        return StepVerdict(submission=submission, step=step, outcome=StepOutcome.PASS, by=self.reviewer)

    def make_records(self) -> None:
        chains = {name: Chain(name=name) for name in {app.chain for app in self.apps}}
        bulk(Chain, chains.values())
        bulk(Record, (self._record(chains[app.chain], app, act) for app in self.apps for act in ACTS))

    def _record(self, chain: Chain, app: App, action: str) -> Record:
        """Unsealed: nothing here verifies the chain."""
        chain.last_seq += 1
        actor = f"user:{self.owner.pk}"
        return Record(chain=chain, seq=chain.last_seq, at=self.now, actor=actor, action=action, target=name_of(app))

    def make_messages(self) -> None:
        mails = (
            OutboxMessage(
                kind="live", recipient="owner@company.example", subject=f"{app.name} is live", text="It is live.",
                message_id=f"<{app.pk}@demo.example>", case=f"app:{app.pk}", state=MessageState.SENT, sent_at=self.now,
            )
            for app in self.apps
        )  # fmt: skip
        bulk(OutboxMessage, mails)
        bulk(Notice, (self._notice(self.owner, number) for number in range(NOTICES_OF_THE_OWNER)))
        bulk(Notice, (self._notice(self.reviewer, number) for number, _ in enumerate(self.apps)))

    def _notice(self, user: Any, number: int) -> Notice:
        at = self.now - timedelta(hours=number)
        read_at = None if number < UNREAD else self.now
        return Notice(user=user, kind="live", text=f"Notice {number}", url="/apps/", visible_at=at, read_at=read_at)


def run_of(component: Component) -> SuiteRun:
    return SuiteRun(
        component=component, app_id=component.app_id, state=RunState.FINISHED, covers_required=True,
        verdict=Verdict.GREEN, fingerprint="0" * 64, planned=CASES, plan='[{"id": "core.identify"}]' * CASES,
    )  # fmt: skip


def results_of(run: SuiteRun) -> Iterator[CaseResult]:
    for position in range(CASES):
        yield CaseResult(
            run=run, position=position, case_id=f"core.{position}", group="core", type="track", name="Case",
            verdict=Verdict.GREEN, status=200, duration_ms=12.5,
        )  # fmt: skip
