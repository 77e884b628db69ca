"""A run as people read it: rows, counts and the sentence on top; and as `run_suite --json` prints it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone

from apps_catalog.states import ComponentKind
from runtime.code_words import NOT_RUN_FIX, CodeKind, words_for
from runtime.functions.logs import first_part
from runtime.readable import function_calls
from runtime.samples import GROUPS, GroupInfo
from runtime.suite.plan import Planned
from runtime.suite.results import apart
from runtime.suite.verdicts import COLOURING
from testbench.evidence import readable
from testbench.models import CaseResult, SuiteRun
from testbench.states import FINAL, RunState, Verdict

# A waiting run is normal for so long; after that its page says what is going on.
PATIENCE = timedelta(seconds=15)
# Tone and word of a row that does not count; its shape and colour are those of a warning.
ADVICE = ("warning", "Advice")
_CHIPS = {
    Verdict.GREEN.value: ("success", "Passed"),
    Verdict.YELLOW.value: ("warning", "Not supported"),
    Verdict.RED.value: ("danger", "Failed"),
    Verdict.NOT_RUN.value: ("neutral", "Not run"),
    "running": ("progress", "Running"),
    "queued": ("neutral", "Queued"),
}


def chip_of(group: str, state: str) -> tuple[str, str]:
    """(tone, word) of a verdict, or of queued and running: what fails in an advisory group is advice."""
    return ADVICE if state == Verdict.RED and group not in COLOURING else _CHIPS[state]


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a run. `state` is the verdict, or queued, running or not_run while there is none.

    `kind` is set where code was tested.
    """

    case: Planned
    state: str
    result: CaseResult | None
    exchange: dict[str, Any] | None
    kind: CodeKind | None = None

    @property
    def anchor(self) -> str:
        return f"case-{self.case.position}"

    @property
    def counts(self) -> bool:
        """Whether it decides the run; other rows give advice."""
        return self.case.group in COLOURING

    @property
    def is_advice(self) -> bool:
        return not self.counts and self.state == Verdict.RED

    @property
    def chip(self) -> tuple[str, str]:
        """(tone, word) of the verdict."""
        return chip_of(self.case.group, self.state)

    @property
    def meaning(self) -> str:
        """What the answer means (D12), without the endpoint's own words."""
        return apart(self.result.message)[0] if self.result else ""

    @property
    def own_message(self) -> str:
        """What the endpoint said itself (D13), or the code's error (D16); a stranger's text."""
        return apart(self.result.message)[1] if self.result else ""

    @property
    def fix(self) -> str:
        """What to do about it."""
        if self.result is None:
            return ""
        return NOT_RUN_FIX if self.kind and self.result.verdict == Verdict.NOT_RUN else self.result.fix

    @property
    def is_explained(self) -> bool:
        """Whether there is something to put right."""
        return self.state != Verdict.GREEN

    @property
    def can_be_resent(self) -> bool:
        """As it is, with the partner's key; a case with a wrong key cannot."""
        return self.case.expects == "accepted"

    @property
    def was_put(self) -> bool:
        """Whether it was sent, or handed to the code."""
        return self.result is not None and bool(self.result.request or self.result.details)

    @property
    def details(self) -> dict[str, Any]:
        """What code did (`testbench.drivers`); empty for a webhook."""
        return (self.result.details if self.result else None) or {}

    @property
    def first_logs(self) -> list[Mapping[str, Any]]:
        """What a page shows of a function's log; `suite-case-log` has all of it."""
        return first_part(self.details.get("logs") or ())

    @property
    def has_more_logs(self) -> bool:
        return self.first_logs != (self.details.get("logs") or [])

    @property
    def returned_context(self) -> str:
        """What a plugin's method gave back, as JSON text."""
        return json.dumps(self.details.get("returned_context"), indent=2, ensure_ascii=False)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The outgoing calls of a function, as partials/wire.html reads them."""
        return function_calls(self.details)

    @property
    def has_docs(self) -> bool:
        return self.case.group in GROUPS


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one group; `group` is None for a single event, and for a group that is no longer known."""

    group: GroupInfo | None
    rows: list[Row]

    @property
    def has_advice(self) -> bool:
        return any(row.is_advice for row in self.rows)


@dataclass(frozen=True, slots=True)
class Banner:
    """`since` is set while somebody waits."""

    tone: str
    title: str
    text: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    run: SuiteRun
    rows: list[Row]
    done: int
    banner: Banner

    @property
    def sections(self) -> list[Section]:
        """The rows by group, in the order in which they are sent."""
        grouped = groupby(self.rows, key=lambda row: row.case.group)
        kind = code_kind(self.run)
        return [Section(_group(name, kind), list(rows)) for name, rows in grouped]

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """(tone, word, how many) of each verdict that occurs; passed is always there."""
        found = Counter("advice" if row.is_advice else row.state for row in self.rows)
        words = (
            ("success", "Success", Verdict.GREEN),
            ("warning", "Not supported", Verdict.YELLOW),
            ("danger", "Failed", Verdict.RED),
            (*ADVICE, "advice"),
            ("neutral", "Not run", Verdict.NOT_RUN),
        )
        return [
            (tone, word, found[verdict])
            for tone, word, verdict in words
            if found[verdict] or (verdict == Verdict.GREEN and self.done)
        ]


def read_run(run: SuiteRun, ahead: int = 0) -> Report:
    """Needs one query, for the results. `ahead`: how many runs of the company this one waits for."""
    results = {result.position: result for result in run.results.all()}
    rows = _rows(run, results)
    return Report(run, rows, len(results), banner_of(run, rows, ahead))


def code_kind(run: SuiteRun) -> CodeKind | None:
    """Which words fit what was tested: those for a function, for a plugin, or None for an endpoint."""
    return _CODE_KINDS.get(run.component.kind)


_CODE_KINDS: dict[str, CodeKind] = {
    ComponentKind.SUBSCRIPTION_FUNCTION: "function",
    ComponentKind.WEB_PLUGIN: "plugin",
}


def _worded(case: Planned, kind: CodeKind | None) -> Planned:
    if kind is None:
        return case
    words = words_for(kind, case.group)
    return replace(case, expectation=words.expectation, purpose=words.purpose or case.purpose)


def _group(name: str, kind: CodeKind | None) -> GroupInfo | None:
    info = GROUPS.get(name)
    if info is None or kind is None:
        return info
    words = words_for(kind, name)
    return replace(info, proves=words.proves or info.proves, advice=words.advice or info.advice)


def _rows(run: SuiteRun, results: dict[int, CaseResult]) -> list[Row]:
    kind = code_kind(run)
    cases = [_worded(case, kind) for case in run.cases]
    sending = next((case.position for case in cases if case.position not in results), 0)
    rows = []
    for case in cases:
        result = results.get(case.position)
        exchange = readable(result, run.endpoint) if result and result.request else None
        state = result.verdict if result else _state_without_result(run, is_next=case.position == sending)
        rows.append(Row(case, state, result, exchange, kind))
    return rows


def _state_without_result(run: SuiteRun, *, is_next: bool) -> str:
    if run.state in FINAL:
        return Verdict.NOT_RUN
    return "running" if is_next and run.state == RunState.RUNNING else "queued"


def banner_of(run: SuiteRun, rows: Sequence[Row], ahead: int = 0) -> Banner:
    """The one sentence that says how it went and what to do."""
    if run.state == RunState.CANCELLED:
        return Banner("neutral", "Cancelled", "What was not sent before is marked as not run.")
    if run.state == RunState.FINISHED:
        return _finished(run, rows)
    waiting_since = _waiting_since(run)
    if waiting_since and timezone.now() - waiting_since > PATIENCE and not ahead:
        return Banner("warning", "Waiting for a worker", _NO_WORKER, waiting_since)
    return _queued(ahead) if run.state == RunState.QUEUED else _running(run, rows)


_NO_WORKER = (
    "Nothing has picked this run up yet. It starts by itself as soon as a worker is free, also when you leave this "
    "page. If it still waits after a few minutes, tell Segment, or cancel it and start again later."
)


def _waiting_since(run: SuiteRun) -> datetime | None:
    """Since when no worker has held a run that is not over; None while one does."""
    if run.state == RunState.QUEUED:
        return run.created_at
    if run.lease_until is None:
        return run.due_at
    return run.lease_until if run.lease_until < timezone.now() else None


def _queued(ahead: int) -> Banner:
    if ahead:
        text = f"Your company has {ahead} runs under way. This one starts when one of them ends."
        return Banner("progress", "Waiting for its turn", text)
    return Banner("progress", "Waiting for a worker", "The run starts in a moment.")


def _running(run: SuiteRun, rows: Sequence[Row]) -> Banner:
    done = sum(row.result is not None for row in rows)
    return Banner("progress", "Running", f"{done} of {run.planned} {'event' if run.planned == 1 else 'events'} sent.")


_ALL_WELL_WEBHOOK = "The endpoint took everything with a success status."
_ALL_WELL: dict[str, str] = {
    ComponentKind.SUBSCRIPTION_FUNCTION: "The function handled each event.",
    ComponentKind.WEB_PLUGIN: "The plugin handled every call that a browser can make.",
}


def _finished(run: SuiteRun, rows: Sequence[Row]) -> Banner:
    required = [row for row in rows if row.counts]
    advice = _advice(sum(row.is_advice for row in rows))
    if run.verdict == Verdict.GREEN:
        text = _ALL_WELL.get(run.component.kind, _ALL_WELL_WEBHOOK)
        return Banner("success", _passed_title(run, required, rows), advice or text)
    if run.verdict == Verdict.YELLOW:
        text = "Not every kind of event is supported. That is allowed, and counts as passed."
        return Banner("warning", "Passed, with events not supported", f"{text} {advice}".strip())
    if run.planned == 1:
        return Banner("danger", "The event was not accepted", run.message or "Below is why, and how to put it right.")
    failed = sum(row.state in (Verdict.RED, Verdict.NOT_RUN) for row in required)
    text = run.message or "Open the rows marked as failed: each says what is wrong and how to put it right."
    what = "events" if len(required) == len(rows) else "required events"
    return Banner("danger", f"{failed} of {len(required)} {what} did not pass", text)


def _passed_title(run: SuiteRun, required: Sequence[Row], rows: Sequence[Row]) -> str:
    if run.planned == 1:
        return "The event was accepted"
    if not required:
        return "Tested for advice"
    return "All events passed" if len(required) == len(rows) else "All required events passed"


def _advice(number: int) -> str:
    if not number:
        return ""
    rows = "1 event gives" if number == 1 else f"{number} events give"
    return f"{rows} advice: open the yellow rows. Advice does not count against you."


def as_json(run: SuiteRun) -> dict[str, Any]:
    """The object of CONTRACT's `run_suite`; a cancelled run is red, and its rest not run."""
    results = {result.position: result for result in run.results.all()}
    cases = [_case_json(case, results.get(case.position)) for case in run.cases]
    return {"verdict": run.verdict or Verdict.RED.value, "cases": cases}


def _case_json(case: Planned, result: CaseResult | None) -> dict[str, Any]:
    return {
        "id": case.id,
        "group": case.group,
        "type": case.type,
        "name": case.name,
        "verdict": result.verdict if result else Verdict.NOT_RUN.value,
        "status": result and result.status,
        "duration_ms": result and result.duration_ms,
        "request": result and result.request,
        "response": result and result.response,
        "message": result.message if result else "",
        **({"details": result.details} if result and result.details else {}),
    }
