"""How the states of a pull request are said on pages: tone and word of a chip."""

from typing import NamedTuple

from pulls.models import PullRequest
from runtime.github.pulls import Checks, Verdict


class Chip(NamedTuple):
    tone: str
    word: str


VERDICTS: dict[str, Chip] = {
    Verdict.NONE: Chip("neutral", "Not reviewed yet"),
    Verdict.CHANGES_REQUESTED: Chip("warning", "Changes requested"),
    Verdict.APPROVED: Chip("success", "Approved"),
    Verdict.STALE: Chip("warning", "Approved before the newest commit"),
}
CHECKS: dict[str, Chip] = {
    Checks.NONE: Chip("neutral", "No checks yet"),
    Checks.RUNNING: Chip("progress", "Checks are running"),
    Checks.FAILED: Chip("danger", "Checks failed"),
    Checks.PASSED: Chip("success", "Checks passed"),
}


def state_of(pull: PullRequest) -> Chip:
    """Open, draft, merged or closed; “not seen” until GitHub has said anything."""
    if not pull.is_seen:
        return Chip("progress", "Waiting for GitHub")
    if pull.is_merged:
        return Chip("success", "Merged")
    if not pull.is_open:
        return Chip("danger", "Closed without a merge")
    return Chip("neutral", "Draft") if pull.is_draft else Chip("info", "Open")


class Advice(NamedTuple):
    """What the pull request waits for, and who acts: tone, title and text of a notice."""

    tone: str
    title: str
    text: str


def advice_of(pull: PullRequest) -> Advice:
    """The first thing that stands in the way, or what comes next, as long as it is not on its way to customers."""
    if not pull.is_seen:
        return _unseen(pull)
    if pull.is_merged and pull.verdict == Verdict.CHANGES_REQUESTED:
        return Advice("warning", "Changes are requested", "It is merged: make them in a new pull request and link it.")
    if pull.is_merged:
        return Advice("success", "It is merged", "Once it is approved here, too, the release train takes it.")
    if not pull.is_open:
        return Advice("danger", "It was closed without a merge", "Open it again at GitHub, or link another one.")
    return _blocked(pull) or _judged(pull)


def _unseen(pull: PullRequest) -> Advice:
    if pull.poll_error and not pull.is_asked:
        return Advice("warning", pull.poll_error, "Check the number. Once GitHub tells of it, this page shows it.")
    return Advice(
        "progress", "We wait for word from GitHub",
        "It comes by itself, at the latest with the next commit, review or check. You need not stay on this page.",
    )  # fmt: skip


def _blocked(pull: PullRequest) -> Advice | None:
    """What its makers have to change first."""
    branch = pull.repository.branch
    if pull.base != branch:
        text = f"Releases are made from “{branch}”. Change the base branch at GitHub."
        return Advice("warning", f"It is against the branch “{pull.base}”", text)
    if pull.is_draft:
        return Advice("info", "It is a draft", "Press “Ready for review” at GitHub once it is. Then submit.")
    if pull.checks == Checks.FAILED:
        text = "Look at it at GitHub, mend it and push again. It can be submitted once the checks have passed."
        return Advice("danger", "A check failed on the newest commit", text)
    if pull.verdict == Verdict.CHANGES_REQUESTED:
        text = "Answer at GitHub and push what was asked for. The reviewer then approves or asks again."
        return Advice("warning", "Changes are requested", text)
    return None


def _judged(pull: PullRequest) -> Advice:
    if pull.checks != Checks.PASSED:
        return Advice("progress", "The checks have not passed yet", "Nothing to do: this page follows them.")
    if pull.verdict == Verdict.STALE:
        return Advice("info", "There are commits after the approval", "The newest commit has to be approved again.")
    if pull.verdict == Verdict.APPROVED:
        return Advice(
            "success", "Approved at GitHub", "If you have not submitted yet, do it now. Otherwise it is our turn."
        )
    return Advice("info", "Ready for the review", "Submit it: the team hears of it and the clock starts.")
