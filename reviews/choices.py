"""The decisions that a reviewer can see for a submission: what each does, and what is missing for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from reviews import emails, ties
from reviews.github_side import Side, is_released, side_of
from reviews.models import Submission
from reviews.rules import can_review
from reviews.states import DECIDED, ReviewStep, StepOutcome, SubmissionState
from reviews.thresholds import INACTIVE_COMPANY


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision that a reviewer can see. `blocked` is "" when it can be taken, else what is missing.

    `blocked_url`: where that is mended, if it is outside of this page.
    """

    verb: str
    label: str
    consequences: tuple[str, ...]
    blocked: str = ""
    blocked_url: str = ""


def available(submission: Submission, actor: User) -> list[Choice]:
    """The decisions open to `actor` now: the page shows them, the POST checks them, the tests walk them."""
    return choices(submission) if can_review(actor, submission.app) else []


def choices(submission: Submission) -> list[Choice]:
    """The decisions open to whoever may judge it."""
    if submission.state in DECIDED:
        return [_undo_choice(submission, side_of(submission))] if can_be_undone(submission) else []
    if not submission.is_waiting:
        return []
    side = side_of(submission)
    hold = _unhold_choice(submission) if submission.is_held else _HOLD
    return [_tied(_approve_choice(submission, side), side), _tied(_CHANGES, side), _tied(_REJECT, side), hold]


def _tied(choice: Choice, side: Side | None) -> Choice:
    """With what GitHub has against it, besides what is missing here."""
    reason = ties.blocked(choice.verb, side.facts) if side else ""
    if side is None or not reason:
        return choice
    return replace(choice, blocked=f"{choice.blocked} {reason}".strip(), blocked_url=side.url)


def hold_undone_until(submission: Submission) -> datetime | None:
    """Until when lifting the hold takes it back unheard of; None when the partner knows."""
    if submission.held_at is None or not submission.is_held:
        return None
    until = submission.held_at + emails.undo_interval()
    return until if timezone.now() < until else None


_HELD = "The partner is told after the undo interval."
_DEPLOYED = "Its code is deployed as you see it here."
RELEASED = "It has been released meanwhile. Roll it back on the page of the release train instead."
_BOARDS = "It leaves with the release train, once the pull request is merged. Until then customers get nothing of it."
_CHANGES = Choice(
    "request_changes", "Request changes",
    ("The partner gets every finding: the step, what was seen, what to do.", "The partner can submit again.", _HELD),
)  # fmt: skip
_REJECT = Choice("reject", "Reject", ("The review ends, and the partner reads your reason.", _HELD))
_HOLD = Choice(
    "hold", "Hold",
    ("Nothing is decided. Until the day you choose the review waits, and the partner reads why.", _HELD),
)  # fmt: skip


def _unhold_choice(submission: Submission) -> Choice:
    told = "Nobody has been told of it yet, and nobody will be." if hold_undone_until(submission) else ""
    clock = "The clock goes on with the time that was left." if submission.is_paused else "The clock was running."
    return Choice("unhold", "Lift the hold", tuple(filter(None, ("The review goes on.", clock, told))))


def _approve_choice(submission: Submission, side: Side | None) -> Choice:
    live = submission.app.is_live
    if side and not (side.pull and is_released(submission.app, side.pull)):
        return _by_train(submission)
    effect = "The new version replaces the live one." if live else "The special URL opens; the catalog shows nothing."
    label = "Approve the update" if live else "Approve for private beta"
    effects = (effect, _DEPLOYED, _HELD) if has_code(submission) else (effect, _HELD)
    return Choice("approve", label, effects, approve_blocked(submission, _outcomes(submission)))


def _by_train(submission: Submission) -> Choice:
    label = "Approve the update for the release train" if submission.app.is_live else "Approve for the release train"
    return Choice("approve", label, (_BOARDS, _HELD), approve_blocked(submission, _outcomes(submission)))


def _outcomes(submission: Submission) -> dict[str, str]:
    return {verdict.step: verdict.outcome for verdict in submission.verdicts.all()}


def has_code(submission: Submission) -> bool:
    """Whether the version has a function or a web plugin, which its approval deploys (D21)."""
    return any(part.get("code") for part in submission.version.manifest.get("components") or ())


def _undo_choice(submission: Submission, side: Side | None) -> Choice:
    told = "The submission waits again; the partner's mail is not sent."
    blocked = RELEASED if has_left(submission, side) else ""
    return _tied(Choice("undo", "Undo the decision", (told,), blocked), side)


def has_left(submission: Submission, side: Side | None) -> bool:
    """Whether the approval has left with the release train."""
    return side is not None and side.is_out and submission.state == SubmissionState.APPROVED


def can_be_undone(submission: Submission, now: datetime | None = None) -> bool:
    """Until the undo interval is over (PRODUCT, Decisions and undo)."""
    if submission.state not in DECIDED or submission.decided_at is None:
        return False
    return (now or timezone.now()) < submission.decided_at + emails.undo_interval()


def approve_blocked(submission: Submission, outcomes: Mapping[str, str]) -> str:
    """What is missing, by the `outcomes` of its steps."""
    if not submission.app.company.is_active:
        return INACTIVE_COMPANY
    if failed := [step.label for step in ReviewStep if outcomes.get(step) == StepOutcome.FAIL]:
        return f"Failed: {'; '.join(failed)}. Request changes instead."
    if missing := [step.label for step in ReviewStep if step not in outcomes]:
        return f"Still to judge: {'; '.join(missing)}."
    return ""
