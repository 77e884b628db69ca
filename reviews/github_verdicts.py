"""What GitHub's reviews do to a submission here: the verbs of the table in `reviews.ties`, carried out by GitHub.

`follow` runs inside the transaction that applies what GitHub told, so both are kept or lost together. It locks the
App, as every decision does: of a person and GitHub at once, one sees what the other did.
"""

from collections.abc import Callable
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App
from apps_catalog.states import Stage
from audit.recording import Machine, System
from leases.transitions import move
from notifications.outbox import drop
from partners.promises import FRESH
from pulls.models import PullRequest
from reviews import emails, github_emails, submissions, ties
from reviews.aftermath import back_to_building, record_about
from reviews.appeals import withdraw_for
from reviews.github_side import Side, address_in, here, names, side_of
from reviews.models import Finding, Submission
from reviews.queue_place import due_again
from reviews.states import MOVES, ReviewStep, SubmissionState
from reviews.ties import Act
from runtime.github.facts import ReviewSeen
from trains.boarding import take_off
from trains.models import Passenger

log = structlog.get_logger(__name__)
GITHUB = Machine("github")
TEXT_LIMIT = 5_000
# As many of the reviews that ask for changes become findings; the others are read in GitHub.
MOST_FINDINGS = 10
# The published step (S29) under which what was seen in the code is kept: whether it does what it has to.
STEP = ReviewStep.TEST_SUITE
_TODO = "Make the changes in the pull request and push them. Then submit again."
_TODO_MERGED = "It is merged. Make the changes in a new pull request and link it. Then submit again."


def on_pull_changed(sender: object, pull: PullRequest, **_: Any) -> None:
    """Receiver of `pulls.signals.pull_changed`."""
    if pull.app_id is not None:
        follow(pull.app_id, pull)


def on_claim_released(sender: object, pull: PullRequest, app: App, **_: Any) -> None:
    """Receiver of `pulls.signals.claim_released`: what was approved with a pull request of others does not stand."""
    follow(app.pk, pull)


@transaction.atomic
def follow(app_id: int, pull: PullRequest) -> tuple[Act, ...]:
    """Do what the newest submission of the App asks for now that `pull` is as it is; what was done.

    Said twice, it happens once: the table asks for nothing in the state that it led to, and mails have keys.
    """
    app = App.objects.select_for_update(of=("self",)).select_related("company").get(pk=app_id)
    submission = _newest(app)
    side = side_of(submission) if submission else None
    if submission is None or side is None or not names(side.address, pull):
        return ties.NONE
    found = ties.acts(here(submission, side), side.facts)
    for place, act in enumerate(found, start=1):
        _VERBS[act](submission, side, place == len(found))
    return found


def _newest(app: App) -> Submission | None:
    """What GitHub can change: nothing of an App that has ended."""
    if app.deleted_at is not None or app.stage == Stage.DEPRECATED:
        return None
    rows = Submission.objects.filter(app=app).select_related("version", "policy").defer("evidence")
    found = rows.order_by("-submitted_at").first()
    if found:
        found.app = app
    return found


# --- The verbs: `is_last` is False while another one follows, which tells the people -----------------------------


def _reopen(submission: Submission, side: Side, is_last: bool) -> None:
    """The decision does not stand any more: it waits again, with the time that was left."""
    app, was, now = submission.app, submission.state, timezone.now()
    if was == SubmissionState.APPROVED and side.ride:
        take_off(app, side.ride.version, GITHUB, ties.fallen(side.facts))
    # Whoever never heard that changes are asked for need not hear that they are not.
    is_news = not drop(emails.decision_key(submission)) or was == SubmissionState.APPROVED
    withdraw_for(app, GITHUB)
    due_at = due_again(submission.policy, submission.due_at, submission.decided_at or now)
    cleared = {"decided_at": None, "decided_by": None, "message": "", "replaced_version": None, "github_commit": ""}
    from_, to = MOVES["reopen"]
    move(submission, "state", from_=from_, to=to, due_at=due_at, **FRESH, **cleared)
    submission.findings.filter(struck_at__isnull=True).update(struck_at=now)
    if app.stage == Stage.BUILDING:
        move_stage(app, "reopen_review", GITHUB)
    record_about(GITHUB, "submission.reopened", submission, was=was, due=due_at.isoformat(), commit=_head(side))
    if is_last:
        github_emails.review_reopened(submission, side, was, to_partner=is_news)


def _request_changes(submission: Submission, side: Side, is_last: bool) -> None:
    """Changes were requested in GitHub: they are requested here, with what the reviews say as findings."""
    asked = list(side.requests[:MOST_FINDINGS])
    from_, to = MOVES["request_changes"]
    decided = {"decided_at": timezone.now(), "decided_by": None, "message": "", "github_commit": _head(side)}
    move(submission, "state", from_=from_, to=to, **decided)
    Finding.objects.bulk_create(_finding(submission, side, review) for review in asked)
    back_to_building(submission.app, GITHUB)
    record_about(GITHUB, "submission.changes_requested", submission, findings=len(asked), commit=_head(side))
    github_emails.changes_requested(submission, side)


def _withdraw(submission: Submission, side: Side, is_last: bool) -> None:
    """The pull request was closed without being merged: there is nothing to review any more."""
    submissions.withdraw(submission, GITHUB)
    Submission.objects.filter(pk=submission.pk).update(github_commit=_head(side))
    submission.github_commit = _head(side)
    github_emails.review_withdrawn(submission, side)


def _say_merged(submission: Submission, side: Side, is_last: bool) -> None:
    github_emails.merged_undecided(submission, side)


def _alert_merged(submission: Submission, side: Side, is_last: bool) -> None:
    log.warning("merged_against_decision", submission=str(submission.pk), app=submission.app_id, state=submission.state)
    github_emails.merged_against(submission, side)


_VERBS: dict[Act, Callable[[Submission, Side, bool], None]] = {
    Act.REOPEN: _reopen,
    Act.REQUEST_CHANGES: _request_changes,
    Act.WITHDRAW: _withdraw,
    Act.SAY_MERGED: _say_merged,
    Act.ALERT_MERGED: _alert_merged,
}


def _finding(submission: Submission, side: Side, review: ReviewSeen) -> Finding:
    """A review in the words of its reviewer, whose name is GitHub's to tell."""
    said = review.body.strip()
    quoted = f"A review in GitHub asks for changes: “{said[: TEXT_LIMIT - 100]}”"
    return Finding(
        submission=submission, step=STEP, where=side.url,
        observed=quoted if said else "A review in GitHub asks for changes. What it says stands beside the code there.",
        todo=_TODO_MERGED if side.facts.is_merged else _TODO,
        retest="The reviewer looks at the new commit in GitHub.",
    )  # fmt: skip


# --- What the train does --------------------------------------------------------------------------------------------


def on_departed(sender: object, passenger: Passenger, **_: Any) -> None:
    """Receiver of `trains.signals.departed`: that it will leave is no news once it has, so it is not told any more."""
    submission = _released_as(passenger)
    if submission:
        drop(emails.decision_key(submission))


def on_rolled_back(sender: object, passenger: Passenger, actor: User | System, reason: str, **_: Any) -> None:
    """Receiver of `trains.signals.rolled_back`; the App is locked.

    What was approved turned out to be wrong, so it is the partner's turn, with the reason as a finding. The train
    tells them. A newer submission, of another pull request, stays as it is, and the App in its stage with it.
    """
    submission = _released_as(passenger)
    if submission is None:
        return
    drop(emails.decision_key(submission))
    from_, to = MOVES["roll_back"]
    by = actor if isinstance(actor, User) else None
    decided = {"decided_at": timezone.now(), "decided_by": by, "message": "", "replaced_version": None}
    move(submission, "state", from_=from_, to=to, github_commit="", **decided)
    Finding.objects.create(
        submission=submission, step=STEP, by=by, observed=f"It was released and rolled back. {reason}"[:TEXT_LIMIT],
        todo="Mend it in a new pull request, link that one, and submit again.",
    )  # fmt: skip
    if not submission.app.submissions.filter(submitted_at__gt=submission.submitted_at).exists():
        back_to_building(submission.app, actor)
    record_about(actor, "submission.rolled_back", submission, passenger=passenger.pk)


def _released_as(passenger: Passenger) -> Submission | None:
    """The approved submission whose pull request it carries: the newest, when later ones changed words alone."""
    app = App.objects.select_related("company").get(pk=passenger.app_id)
    rows = app.submissions.filter(state=SubmissionState.APPROVED).select_related("version", "policy")
    for found in rows.defer("evidence").order_by("-submitted_at"):
        if names(address_in(found.version.manifest), passenger.pull):
            found.app = app
            return found
    return None


# --- Parts --------------------------------------------------------------------------------------------------------


def _head(side: Side) -> str:
    return side.pull.head_sha if side.pull else ""
