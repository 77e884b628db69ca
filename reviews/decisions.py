"""What a reviewer decides about a submission, and the one place where it happens.

Of an App by pull request, an approval lets nothing out: the version boards the release train. What GitHub's reviews
say and the decision here cannot contradict each other (`reviews.ties`).

Every verb asks the rule, locks the App (so that two verbs on one App wait for each other), moves the state
by compare-and-set, writes the audit record and queues the mail, all in one transaction. The second of two
deciders gets `StaleState`; `who_was_first` says who and when.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App, AppVersion
from apps_catalog.publishing import publish, unpublish
from apps_catalog.states import Stage
from leases.transitions import StaleState, move
from notifications.outbox import drop
from partners import claims
from reviews import emails, ties
from reviews.aftermath import back_to_building, record_about
from reviews.appeals import against
from reviews.choices import RELEASED, approve_blocked, can_be_undone, has_left
from reviews.github_side import Side, is_released, side_of
from reviews.live_changes import approved_version, restored_version
from reviews.models import Finding, Release, StepVerdict, Submission
from reviews.refusals import NotReady, Refused
from reviews.rules import can_review
from reviews.states import DECIDED, MOVES, ReviewStep, StepOutcome, SubmissionState
from trains.boarding import board, take_off

TEXT_LIMIT = 5_000
PUSHED = (
    "The partner pushed while you looked: the pull request has another commit now. Look at it, then decide. What you "
    "typed is still here."
)


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """One thing to change: a ReviewStep, what was seen, and what to do (S30).

    `rule_id` names the rule of the rubric, `where` the place, `retest` how it will be looked at again; all
    three may be empty.
    """

    step: str
    observed: str
    todo: str
    rule_id: str = ""
    where: str = ""
    retest: str = ""


def who_was_first(error: StaleState) -> str:
    """Words for the one who came second: what happened, by whom, when (F25)."""
    row = error.row
    if isinstance(row, Submission):
        what, by, at = f"already {row.get_state_display()}", row.decided_by, row.decided_at
    elif isinstance(row, Release):
        what, by, at = "already released" if row.released_at else "not released", row.released_by, row.released_at
    else:
        what, by, at = "no longer where it was", None, None
    details = [by.display_name] if by else ["GitHub"] if getattr(row, "github_commit", "") else []
    if at:
        details.append(f"{timezone.localtime(at):%-d %b %Y, %H:%M %Z}")
    told = f" ({', '.join(details)})" if details else ""
    return f"It is {what}{told}. You changed nothing."


# --- Judging the steps --------------------------------------------------------------------------


@transaction.atomic
def record_step(submission: Submission, actor: User, step: str, outcome: str, evidence: str = "") -> StepVerdict:
    """Keep what `actor` found on one step of S29; judging it again replaces the verdict, saying the same does nothing.

    Raises StaleState once the submission is decided, PermissionDenied for those who may not judge it.
    """
    _require_reviewer(actor, submission)
    current = Submission.objects.select_for_update().get(pk=submission.pk)
    if not current.is_waiting:
        raise StaleState(current, "state")
    found = {"outcome": StepOutcome(outcome), "evidence": evidence.strip()[:TEXT_LIMIT], "by": actor}
    if same := StepVerdict.objects.filter(submission=current, step=step, **found).first():
        return same
    verdict, _ = StepVerdict.objects.update_or_create(submission=current, step=ReviewStep(step), defaults=found)
    record_about(actor, "submission.step_judged", submission, step=verdict.step, outcome=verdict.outcome)
    return verdict


# --- Deciding -----------------------------------------------------------------------------------


@transaction.atomic
def approve(submission: Submission, actor: User, message: str = "", *, seen: str | None = None) -> None:
    """Approve: a first version opens the private beta (S32), an update replaces the live version.

    Publishing deploys the code that was judged (`apps_catalog.code_lifecycle.deploy_approved`), whatever the
    partner saved since. Of an App by pull request the version boards the release train instead (S31), unless its
    newest commit has been released already.

    `seen` is the newest commit as the decider saw it, for a decision that was made on a page: another one is there
    to be looked at first (T24). The same for the other decisions.
    Raises NotReady unless every step passed, StaleState when somebody decided or withdrew first.
    """
    app = _locked_app(submission, actor)
    outcomes = dict(submission.verdicts.values_list("step", "outcome"))  # as they are now, not as a page read them
    side = side_of(submission)
    if submission.is_waiting and (blocked := approve_blocked(submission, outcomes)):
        raise NotReady(blocked)
    _ask_github(submission, "approve", side, seen)
    replaced = app.live_version_id
    _settle(submission, "approve", actor, message, replaced_version_id=replaced)
    was_live = app.is_live
    if side and side.pull and not is_released(app, side.pull):
        board(app, approved_version(app, submission, actor), side.pull, actor)
        record_about(actor, "submission.approved", submission, update=was_live, commit=side.pull.head_sha)
        emails.approved_for_train(submission, side.pull)
        return
    if not was_live:
        move_stage(app, "open_private_beta", actor)
    publish(app, approved_version(app, submission, actor), listed=app.is_listed, actor=actor)
    record_about(actor, "submission.approved", submission, update=was_live)
    if was_live:
        emails.update_approved(submission)
    else:
        emails.private_beta_approved(submission)


@transaction.atomic
def request_changes(
    submission: Submission, actor: User, findings: Iterable[FindingDraft], message: str = "", *, seen: str | None = None
) -> None:  # fmt: skip
    """Ask for changes: at least one finding, each with the step, what was seen, and what to do (S30)."""
    app = _locked_app(submission, actor)
    drafts = [draft for draft in findings if draft.observed.strip() and draft.todo.strip()]
    if not drafts:
        raise NotReady("Name at least one finding: the step, what you saw, and what to do.")
    _ask_github(submission, "request_changes", side_of(submission), seen)
    _settle(submission, "request_changes", actor, message)
    Finding.objects.bulk_create(_finding(submission, actor, draft) for draft in drafts)
    back_to_building(app, actor)
    record_about(actor, "submission.changes_requested", submission, findings=len(drafts))
    emails.changes_requested(submission)


@transaction.atomic
def reject(submission: Submission, actor: User, reason: str, *, seen: str | None = None) -> None:
    """Reject with a reason that the partner reads. The App goes back to building, if it was in review."""
    app = _locked_app(submission, actor)
    if not reason.strip():
        raise NotReady("Give the reason; the partner reads it.")
    _ask_github(submission, "reject", side_of(submission), seen)
    _settle(submission, "reject", actor, reason)
    back_to_building(app, actor)
    record_about(actor, "submission.rejected", submission)
    emails.rejected(submission)


@transaction.atomic
def undo(submission: Submission, actor: User) -> None:
    """Take a decision back before its mail went out: the submission waits again, as it did before.

    Raises Refused when the interval is over or the partner went on meanwhile, StaleState after another undo.
    """
    app = _locked_app(submission, actor)
    submission.refresh_from_db()
    if submission.state not in DECIDED:
        raise StaleState(submission, "state")
    if not can_be_undone(submission):
        raise Refused("The partner has been told: this decision cannot be undone any more.")
    if app.stage == Stage.DEPRECATED:
        raise Refused("The App was deprecated meanwhile: this decision cannot be undone any more.")
    if app.submissions.filter(submitted_at__gt=submission.submitted_at).exists():
        raise Refused("The partner has submitted again: this decision cannot be undone any more.")
    if against(submission).exists():
        raise Refused("The partner has appealed: this decision cannot be undone any more.")
    if submission.findings.filter(answered_at__isnull=False, struck_at__isnull=True).exists():
        raise Refused("The partner has answered a finding: this decision cannot be undone any more.")
    side = side_of(submission)
    if has_left(submission, side):
        raise Refused(RELEASED)
    if side and (reason := ties.blocked("undo", side.facts)):
        raise Refused(reason)
    undone = submission.state
    decided_at = {"decided_at": None, "decided_by": None, "message": "", "replaced_version": None}
    former = _former_version(submission, actor)
    from_, to = MOVES["undo"]
    move(submission, "state", from_=from_, to=to, **decided_at)
    submission.findings.filter(struck_at__isnull=True).delete()
    if side and side.ride and side.is_travelling and undone == SubmissionState.APPROVED:
        take_off(app, side.ride.version, actor, "The approval was undone.")
    else:
        _restore_app(app, undone, former, actor)
    drop(emails.decision_key(submission))
    record_about(actor, "submission.decision_undone", submission, undone=undone)


# --- Parts of the verbs -------------------------------------------------------------------------


def _require_reviewer(actor: User, submission: Submission) -> None:
    if not can_review(actor, submission.app):
        raise PermissionDenied("Reviewers judge submissions, and never those of their own company.")


def _locked_app(submission: Submission, actor: User) -> App:
    """The App of `submission`, locked until the transaction ends, after asking the rule."""
    _require_reviewer(actor, submission)
    submission.app = App.objects.select_for_update().get(pk=submission.app_id)
    return submission.app


def _ask_github(submission: Submission, verb: str, side: Side | None, seen: str | None) -> None:
    """Raises Refused when GitHub's side is against it; whoever comes second hears of that first, not of GitHub."""
    if side is None or not submission.is_waiting:
        return
    if reason := ties.blocked(verb, side.facts):
        raise Refused(reason)
    if seen is not None and side.pull and side.pull.head_sha != seen:
        raise Refused(PUSHED)


def _settle(submission: Submission, verb: str, actor: User, message: str, **also: object) -> None:
    from_, to = MOVES[verb]
    move(
        submission, "state", from_=from_, to=to, decided_at=timezone.now(), decided_by=actor,
        message=message.strip()[:TEXT_LIMIT], github_commit="", **also,
    )  # fmt: skip
    claims.take(submission, actor)


def _finding(submission: Submission, actor: User, draft: FindingDraft) -> Finding:
    observed, todo = draft.observed.strip()[:TEXT_LIMIT], draft.todo.strip()[:TEXT_LIMIT]
    return Finding(
        submission=submission, step=ReviewStep(draft.step), observed=observed, todo=todo, by=actor,
        rule_id=draft.rule_id.strip()[:60], where=draft.where.strip()[:TEXT_LIMIT],
        retest=draft.retest.strip()[:TEXT_LIMIT],
    )  # fmt: skip


def _former_version(submission: Submission, actor: User) -> AppVersion | None:
    """The version that was live before, with what the partner put live since the decision."""
    if submission.state != SubmissionState.APPROVED or submission.replaced_version is None:
        return submission.replaced_version
    return restored_version(submission.app, submission.replaced_version, submission, actor)


def _restore_app(app: App, undone: str, former: AppVersion | None, actor: User) -> None:
    if undone == SubmissionState.APPROVED and former is not None:
        publish(app, former, listed=app.is_listed, actor=actor)
    elif undone == SubmissionState.APPROVED:
        unpublish(app, actor=actor)
        move_stage(app, "reopen_review", actor, live_version=None)
        _take_back_request(app)
    elif app.stage == Stage.BUILDING:
        move_stage(app, "reopen_review", actor)


def _take_back_request(app: App) -> None:
    """An App in review cannot wait for its release: without the beta, the request to go public falls too."""
    asked = Release.objects.filter(app=app, listed_at__isnull=True).first()
    if asked:
        drop(emails.request_key(asked))
        drop(emails.release_key(asked))
        asked.delete()
