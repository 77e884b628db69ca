"""A trial of the flow as its page shows it: every step, done or to come, each with its exchange."""

from dataclasses import dataclass, replace
from typing import Any

from installs.models import FlowTrial
from installs.states import TrialState
from installs.trial_steps import STEPS, StepInfo, StepVerdict, planned
from runtime import readable

# tone, word and picture of the chip of each state.
CHIPS = {
    TrialState.CONSENT: ("warning", "Waiting for you", "hourglass"),
    TrialState.QUEUED: ("progress", "Starting", "hourglass"),
    TrialState.RUNNING: ("progress", "Running", "play"),
    TrialState.PASSED: ("success", "Passed", ""),
    TrialState.FAILED: ("danger", "Failed", ""),
    TrialState.CANCELLED: ("neutral", "Cancelled", "circle-slash"),
}
_OPEN = "Open a step to see the exact request and answer: your own server sends the same."
_CLOSED = "Whoever started it sees each request with its answer. Start one of your own to see them for your workspace."
_ROW_CHIPS = {
    "passed": ("success", "As promised"),
    "failed": ("danger", "Not as promised"),
    "running": ("progress", "Now"),
    "waiting": ("neutral", "To come"),
    "skipped": ("neutral", "Not reached"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One step. `state` is passed, failed, running, waiting or skipped.

    `exchange` is for partials/wire.html, and for whoever started the trial: it shows what is in their workspace.
    """

    number: int
    id: str
    info: StepInfo
    state: str
    message: str
    exchange: dict[str, Any] | None

    @property
    def chip(self) -> tuple[str, str]:
        return _ROW_CHIPS[self.state]

    @property
    def status(self) -> int | None:
        """Of the answer; None where nothing came back."""
        response = (self.exchange or {}).get("response")
        return response["status"] if response else None

    @property
    def duration_ms(self) -> float | None:
        return (self.exchange or {}).get("duration_ms")


@dataclass(frozen=True, slots=True)
class Shown:
    """A trial for its page."""

    trial: FlowTrial
    rows: list[Row]
    # Whether the person who looks is the one who started it, and has to consent.
    is_mine: bool

    @property
    def chip(self) -> tuple[str, str, str]:
        tone, word, picture = CHIPS[TrialState(self.trial.state)]
        waits_for_another = self.trial.state == TrialState.CONSENT and not self.is_mine
        return tone, "Waiting for the consent" if waits_for_another else word, picture

    @property
    def tone(self) -> str:
        return self.chip[0]

    @property
    def done(self) -> int:
        return sum(row.state in ("passed", "failed") for row in self.rows)

    @property
    def is_moving(self) -> bool:
        """Whether the page asks again by itself; while a person is to act, there is nothing to wait for."""
        return self.trial.state in (TrialState.QUEUED, TrialState.RUNNING)

    @property
    def title(self) -> str:
        if self.trial.state == TrialState.PASSED:
            return f"All {len(self.rows)} steps went as the protocol promises"
        if self.trial.state == TrialState.CONSENT and not self.is_mine:
            return f"{self.trial.started_by or 'Whoever started it'} has to consent first"
        return {
            TrialState.CONSENT: "Now consent, as a customer would",
            TrialState.QUEUED: "The sample client takes over",
            TrialState.RUNNING: "The sample client is at work",
            TrialState.FAILED: "It did not go through",
        }.get(TrialState(self.trial.state), "Cancelled")

    @property
    def text(self) -> str:
        """What that means, and what to do."""
        return {
            TrialState.CONSENT: "Whoever started the trial chooses a place of their own. It is left as it was.",
            TrialState.QUEUED: "It exchanges the code and talks to the Config API. That takes a few seconds.",
            TrialState.RUNNING: "Each request appears below with its answer." if self.is_mine else _CLOSED,
            TrialState.PASSED: f"{_OPEN if self.is_mine else _CLOSED} "
            "The install of the trial has ended, and nothing of it is left.",
        }.get(TrialState(self.trial.state), self.trial.message)


def read(trial: FlowTrial, *, is_mine: bool) -> Shown:
    """`trial` with client, install and who started it loaded. Only they see what was sent and what came back."""
    stored = {step["id"]: step for step in trial.steps}
    scope_kind = trial.install.scope_kind if trial.install else trial.client.scope_kind
    ids = planned(scope_kind, has_destination=bool(stored.get("read", {}).get("found")))
    upcoming = next((step for step in ids if step not in stored), "")
    rows = [_row(number, step, stored.get(step), trial, is_next=step == upcoming) for number, step in enumerate(ids, 1)]
    return Shown(trial, rows if is_mine else [replace(row, exchange=None) for row in rows], is_mine)


def _row(number: int, step: str, stored: dict[str, Any] | None, trial: FlowTrial, *, is_next: bool) -> Row:
    if stored is None:
        state = ("running" if is_next else "waiting") if trial.is_open else "skipped"
        return Row(number, step, STEPS[step], state, "", None)
    return Row(number, step, STEPS[step], StepVerdict(stored["verdict"]), stored["message"], _exchange_of(stored))


def _exchange_of(stored: dict[str, Any]) -> dict[str, Any]:
    known = stored["exchange"]
    shown = readable.exchange(known["request"], known["response"], known["error"], known["timings"], stored["url"])
    shown["request"]["method"] = stored["method"]
    return shown
