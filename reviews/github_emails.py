"""The words about what GitHub did to a review. Each function is called by one verb of `reviews.github_verdicts`."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from reviews import ties
from reviews.emails import decided, desk_url, editors_of, reviewers_for, stamp, tell
from reviews.github_side import Side
from reviews.models import Submission
from reviews.states import SubmissionState


def changes_requested(submission: Submission, side: Side) -> None:
    """A decision like any other, so it waits for the undo interval: a slip in GitHub can be taken back there."""
    findings = list(submission.findings.filter(struck_at__isnull=True).order_by("pk"))
    notice, merged = f"{submission.app.name}: changes are asked for in GitHub.", {"is_merged": side.facts.is_merged}
    decided(submission, "github_changes_requested", notice, findings=findings, pull_url=side.url, **merged)


def review_reopened(submission: Submission, side: Side, was: str, *, to_partner: bool) -> None:
    """To the team, and to the partner who knows of the decision: it does not stand any more."""
    app, was_approved = submission.app, was == SubmissionState.APPROVED
    why = (
        f"{ties.fallen(side.facts)} So our approval does not stand either, and it will not leave with the release "
        "train."
        if was_approved
        else "The changes that were requested in GitHub are settled there: the newest commit is approved."
    )
    key = f"submission:{submission.pk}:reopened:{stamp(timezone.now())}"
    context: dict[str, Any] = {"submission": submission, "why": why, "pull_url": side.url}
    tell(
        editors_of(app) if to_partner else (), "review_reopened", app, context,
        notice=f"The review of {app.name} goes on.", on_slack=to_partner,
        url=reverse("app-review", args=[app.slug]), key=key,
    )  # fmt: skip
    _desk(submission, side, f"{app.name} waits for review again.", why, f"{key}:desk")


def review_withdrawn(submission: Submission, side: Side) -> None:
    app = submission.app
    key = f"submission:{submission.pk}:closed:{stamp(submission.decided_at)}"
    tell(
        editors_of(app), "github_closed", app, {"submission": submission, "pull_url": side.url},
        notice=f"The pull request of {app.name} was closed: the review is over.",
        url=reverse("app-review", args=[app.slug]), key=key,
    )  # fmt: skip
    why = "The pull request was closed in GitHub without being merged, so the submission is withdrawn."
    _desk(submission, side, f"{app.name} is not waiting for review any more.", why, f"{key}:desk")


def merged_undecided(submission: Submission, side: Side) -> None:
    why = "The pull request is merged. The release train takes it only when it is approved here, too."
    _desk(submission, side, f"{submission.app.name} is merged and waits for a decision.", why, _merged_key(submission))


def merged_against(submission: Submission, side: Side) -> None:
    """The one thing that a table cannot prevent: somebody with the right to merge did."""
    why = (
        f"The pull request was merged, though the submission is {submission.get_state_display()} here. It will not be "
        "released from here, but the code is in the branch that is deployed: look at it now, and revert it if need be."
    )
    notice = f"Merged without an approval: {submission.app.name}."
    _desk(submission, side, notice, why, f"{_merged_key(submission)}:{submission.state}")


def _desk(submission: Submission, side: Side, notice: str, why: str, key: str) -> None:
    app = submission.app
    tell(
        reviewers_for(app), "github_to_review", app,
        {"submission": submission, "what": notice, "why": why, "pull_url": side.url},
        notice=notice, url=desk_url(submission), key=key,
    )  # fmt: skip


def _merged_key(submission: Submission) -> str:
    return f"submission:{submission.pk}:merged"
