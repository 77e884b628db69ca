"""What GitHub's reviews and the decision here mean for each other, as one table (S28): they can never contradict.

Pure. `reviews.github_side` reads what GitHub says, `reviews.github_verdicts` does what the table asks for, and
`reviews.decisions`, `appeals` and the checklist ask it what is blocked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reviews.states import SubmissionState
from runtime.github.pulls import Checks, Verdict
from trains.states import TRAVELLING


class Said(StrEnum):
    """What GitHub says about the newest commit of a pull request, as far as it binds."""

    NOTHING = "nothing"  # not linked, or not heard of
    CLOSED = "closed"  # closed, and not merged
    CHANGES = "changes"  # changes are requested, and nothing that was submitted answers it
    APPROVED = "approved"
    DRAFT = "draft"  # approved, and a draft still
    OPEN = "open"  # none of these: no verdict, an older commit approved, or changes answered and not looked at


class Here(StrEnum):
    """Where a submission stands here, as far as GitHub can change it."""

    WAITING = "waiting"
    ON_ITS_WAY = "on_its_way"  # approved, and not released
    OUT = "out"  # approved and live, or rolled back
    ASKED_BY_GITHUB = "asked_by_github"  # changes requested there, for the commit that is the newest still
    ASKED = "asked"  # changes requested by a person here, or for an older commit
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What follows; the verbs of `reviews.github_verdicts`."""

    REOPEN = "reopen"  # waits again; whoever travels is taken off the train
    REQUEST_CHANGES = "request_changes"
    WITHDRAW = "withdraw"
    SAY_MERGED = "say_merged"  # to the team: merged, and not decided
    ALERT_MERGED = "alert_merged"  # to the team: merged against the decision


NONE: tuple[Act, ...] = ()
# Where it stands → what GitHub says → what follows. Where a row is silent, nothing does.
TABLE: Mapping[Here, Mapping[Said, tuple[Act, ...]]] = {
    Here.WAITING: {
        Said.CLOSED: (Act.WITHDRAW,),
        Said.CHANGES: (Act.REQUEST_CHANGES,),
    },
    Here.ON_ITS_WAY: {
        Said.CLOSED: (Act.REOPEN, Act.WITHDRAW),
        Said.CHANGES: (Act.REOPEN, Act.REQUEST_CHANGES),
        Said.DRAFT: (Act.REOPEN,),
        Said.OPEN: (Act.REOPEN,),
        Said.NOTHING: (Act.REOPEN,),  # the claim on the pull request was taken from the App
    },
    Here.OUT: {},
    Here.ASKED_BY_GITHUB: {Said.APPROVED: (Act.REOPEN,)},
    Here.ASKED: {},
    Here.REJECTED: {},
    Here.WITHDRAWN: {},
}
# What the team is told of a merge besides.
OF_A_MERGE: Mapping[Here, Act] = {
    Here.WAITING: Act.SAY_MERGED,
    Here.ASKED_BY_GITHUB: Act.ALERT_MERGED,
    Here.ASKED: Act.ALERT_MERGED,
    Here.REJECTED: Act.ALERT_MERGED,
    Here.WITHDRAWN: Act.ALERT_MERGED,
}

_TAKE_BACK = "GitHub says approved for the newest commit. Take the approval back there first."
_CLOSED = "The pull request was closed in GitHub without being merged."
_CHANGES = "Changes are requested in GitHub, and nothing that was submitted answers them."
# Verb of `reviews.states.MOVES` → what GitHub says → why it cannot be done now. Where a row is silent, it can.
BLOCKS: Mapping[str, Mapping[Said, str]] = {
    "approve": {
        Said.NOTHING: "The pull request is not linked any more, or GitHub has not told about it.",
        Said.CLOSED: _CLOSED,
        Said.CHANGES: _CHANGES,
        Said.DRAFT: "The pull request is approved in GitHub, but it is a draft still.",
        Said.OPEN: "GitHub does not say approved for the newest commit. Approve it there first.",
    },
    "request_changes": {Said.APPROVED: _TAKE_BACK, Said.DRAFT: _TAKE_BACK},
    "reject": {Said.APPROVED: _TAKE_BACK, Said.DRAFT: _TAKE_BACK},
    # The submission would wait again, and be decided at once by what GitHub says.
    "undo": {Said.CLOSED: _CLOSED, Said.CHANGES: f"{_CHANGES} Dismiss that review there first."},
    "overturn": {Said.CLOSED: _CLOSED, Said.CHANGES: f"{_CHANGES} Dismiss that review there first."},
}
FAILED = "The checks failed on the newest commit."
ELSEWHERE = "It is for another branch than the one that is released."
ROLLED_BACK = "This very commit was released and rolled back. It is mended in a new pull request."
# Whoever was told of the rollback goes on from there: none of these leads back to the train.
AGAINST_A_ROLLBACK = frozenset({"approve", "undo", "overturn"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pull request at a moment. `is_answered`: the requested changes are older than what was
    submitted, and not about the newest commit; `is_elsewhere`: it is for a branch that is not released;
    `is_rolled_back`: the newest commit was released, and taken back."""

    is_known: bool
    verdict: str = Verdict.NONE
    checks: str = Checks.NONE
    is_open: bool = True
    is_draft: bool = False
    is_merged: bool = False
    is_answered: bool = False
    is_elsewhere: bool = False
    is_rolled_back: bool = False

    @property
    def lacks(self) -> str:
        """What an approval needs besides GitHub's own, as long as nothing is released; "" when it has it."""
        if not self.is_known:
            return ""
        return " ".join(filter(None, [
            FAILED if self.checks == Checks.FAILED else "", ELSEWHERE if self.is_elsewhere else "",
        ]))  # fmt: skip

    @property
    def said(self) -> Said:
        if not self.is_known:
            return Said.NOTHING
        if not (self.is_open or self.is_merged):
            return Said.CLOSED
        if self.verdict == Verdict.CHANGES_REQUESTED:
            return Said.OPEN if self.is_answered else Said.CHANGES
        if self.verdict == Verdict.APPROVED:
            return Said.DRAFT if self.is_draft and not self.is_merged else Said.APPROVED
        return Said.OPEN


def here(state: str, *, ride: str = "", is_same_commit: bool = False) -> Here:
    """`ride` is the state of its passenger, "" without one; `is_same_commit`: GitHub asked for the changes, and
    nothing was pushed since."""
    match SubmissionState(state):
        case SubmissionState.WAITING:
            return Here.WAITING
        case SubmissionState.APPROVED:
            return Here.ON_ITS_WAY if ride in TRAVELLING else Here.OUT
        case SubmissionState.CHANGES_REQUESTED:
            return Here.ASKED_BY_GITHUB if is_same_commit else Here.ASKED
        case SubmissionState.REJECTED:
            return Here.REJECTED
        case SubmissionState.WITHDRAWN:
            return Here.WITHDRAWN


def acts(where: Here, facts: Facts) -> tuple[Act, ...]:
    """What follows, in this order; doing it leaves nothing more to do but telling."""
    found = TABLE[where].get(facts.said, NONE)
    if where == Here.ON_ITS_WAY and not found and facts.lacks:
        return (Act.REOPEN,)
    if facts.is_known and facts.is_merged and not found and where in OF_A_MERGE:
        return (OF_A_MERGE[where],)
    return found


def fallen(facts: Facts) -> str:
    """Why an approval does not stand any more, in a sentence for everybody."""
    if not facts.is_known:
        return "The pull request is not linked to the App any more."
    if facts.said == Said.APPROVED and facts.lacks:
        return facts.lacks
    return "GitHub does not say approved for the newest commit of the pull request any more."


def blocked(verb: str, facts: Facts) -> str:
    """Why `verb` cannot be done now, in a sentence for the team; "" when GitHub has nothing against it."""
    reasons = [BLOCKS.get(verb, {}).get(facts.said, "")]
    if verb == "approve":
        reasons.append(facts.lacks)
    if verb in AGAINST_A_ROLLBACK and facts.is_rolled_back:
        reasons.append(ROLLED_BACK)
    return " ".join(filter(None, reasons))
