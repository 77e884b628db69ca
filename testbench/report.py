"""A run as people read it: rows, counts and the sentence on top; and as `run_suite --json` prints it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from testbench.evidence import readable
from testbench.models import CaseResult, SuiteRun
from testbench.plan import Planned
from testbench.states import FINAL, RunState, Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a run. `state` is the verdict, or queued, running or not_run while there is none."""

    case: Planned
    state: str
    result: CaseResult | None
    exchange: dict[str, Any] | None

    @property
    def anchor(self) -> str:
        return f"case-{self.case.position}"


@dataclass(frozen=True, slots=True)
class Banner:
    tone: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    run: SuiteRun
    rows: list[Row]
    done: int
    banner: Banner

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """(tone, word, how many) of each verdict that occurs; passed is always there."""
        found = Counter(row.state for row in self.rows)
        words = (
            ("success", "Success", Verdict.GREEN),
            ("warning", "Not supported", Verdict.YELLOW),
            ("danger", "Failed", Verdict.RED),
            ("neutral", "Not run", Verdict.NOT_RUN),
        )
        return [
            (tone, word, found[verdict])
            for tone, word, verdict in words
            if found[verdict] or (verdict == Verdict.GREEN and self.done)
        ]


def read_run(run: SuiteRun) -> Report:
    """Needs one query, for the results."""
    results = {result.position: result for result in run.results.all()}
    rows = _rows(run, results)
    return Report(run, rows, len(results), banner_of(run, [row.state for row in rows]))


def _rows(run: SuiteRun, results: dict[int, CaseResult]) -> list[Row]:
    cases = run.cases
    sending = next((case.position for case in cases if case.position not in results), 0)
    rows = []
    for case in cases:
        result = results.get(case.position)
        exchange = readable(result, run.endpoint) if result and result.request else None
        state = result.verdict if result else _state_without_result(run, is_next=case.position == sending)
        rows.append(Row(case, state, result, exchange))
    return rows


def _state_without_result(run: SuiteRun, *, is_next: bool) -> str:
    if run.state in FINAL:
        return Verdict.NOT_RUN
    return "running" if is_next and run.state == RunState.RUNNING else "queued"


def banner_of(run: SuiteRun, states: Sequence[str]) -> Banner:
    """The one sentence that says how it went and what to do."""
    what = "event" if run.planned == 1 else "events"
    if run.state == RunState.QUEUED:
        return Banner("progress", "Waiting for a worker", "The run starts in a moment.")
    if run.state == RunState.RUNNING:
        done = sum(state not in ("running", "queued") for state in states)
        return Banner("progress", "Running", f"{done} of {run.planned} {what} sent.")
    if run.state == RunState.CANCELLED:
        return Banner("neutral", "Cancelled", "What was not sent before is marked as not run.")
    return _finished(run, states)


def _finished(run: SuiteRun, states: Sequence[str]) -> Banner:
    if run.verdict == Verdict.GREEN:
        title = "The event was accepted" if run.planned == 1 else "All events passed"
        return Banner("success", title, "The endpoint took everything with a success status.")
    if run.verdict == Verdict.YELLOW:
        text = "The endpoint does not support every kind of event. That is allowed, and counts as passed."
        return Banner("warning", "Passed, with events not supported", text)
    if run.planned == 1:
        return Banner("danger", "The event was not accepted", run.message or "Below is why, and how to put it right.")
    failed = sum(state in (Verdict.RED, Verdict.NOT_RUN) for state in states)
    text = run.message or "Open the rows marked as failed: each says what is wrong and how to put it right."
    return Banner("danger", f"{failed} of {run.planned} events did not pass", text)


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
    }
