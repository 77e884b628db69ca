"""Handing in an App for review, and taking it back (S26 to S28).

What a reviewer judges is the frozen version; the partner goes on editing the draft (PRODUCT, Draft and version).
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App, Listing
from apps_catalog.rules import can_submit_app
from apps_catalog.states import LIVE, ComponentKind, Stage
from apps_catalog.versions import freeze
from audit.recording import System
from leases.transitions import move
from partners.clock import due_after
from partners.models import Policy
from partners.promises import told
from pulls.standing import pull_at
from reviews import emails, evidence, pull_evidence, rubric
from reviews.aftermath import back_to_building, record_about
from reviews.appeals import withdraw_for
from reviews.checklist import Checklist, checklist
from reviews.github_side import travelling
from reviews.items import Item
from reviews.models import Submission
from reviews.proportion import refused
from reviews.queue_place import answered_by, due_again
from reviews.refusals import NotReady, Refused
from reviews.rules import can_withdraw
from reviews.states import MOVES
from testbench.lifecycle import keep

NOTE_LIMIT = 5_000
MOST_TESTS = 30
# Stages in which a draft can be handed in: for the first time, or as an update of a live App.
SUBMITTABLE = LIVE | {Stage.BUILDING}


def waiting_submission(app: App) -> Submission | None:
    """The submission of `app` that waits for a reviewer; there is at most one."""
    return Submission.objects.waiting().filter(app=app).select_related("version", "policy").first()


@transaction.atomic
def submit(app: App, actor: User, note: str = "", *, tests_done: Sequence[str] = (), video: str = "") -> Submission:
    """Freeze the draft as a version and put it into the review queue; submitting twice is submitting once.

    The pull request is frozen with it, as GitHub has it at this moment. `note`: what changed, and why; `tests_done`:
    the tests that were ticked (S27); `video`: where the video of the test is (D49).
    Raises NotReady with the open items, Refused where the stage does not allow it, PermissionDenied.
    """
    if not can_submit_app(actor, app):
        raise PermissionDenied("Owners and developers of the company submit its Apps.")
    _lock_draft(app)
    if app.deleted_at is not None:  # while this request waited for the lock
        raise Refused("This App was deleted meanwhile. Bring it back first.")
    if not can_submit_app(actor, app):  # or the company was closed, or its member removed
        raise PermissionDenied("Owners and developers of the company submit its Apps.")
    if waiting := waiting_submission(app):
        return waiting
    _require_time(app)
    policy = Policy.current()
    listed = checklist(app, policy)  # an update, too, is judged by what is in force today
    if listed.blocking:
        raise NotReady("Some items are still open.", listed.blocking)
    if broken := rubric.broken(app, listed):
        raise NotReady("Some rules are not met.", broken)
    withdraw_for(app, actor)
    said = {"note": note.strip()[:NOTE_LIMIT], "tests_done": list(tests_done)[:MOST_TESTS], "pull": _pull(app, video)}
    submission = _create(app, actor, policy, listed, said)
    if app.stage == Stage.BUILDING:
        move_stage(app, "submit", actor)
    keep(submission.evidence["runs"])
    evidence.freeze(submission, listed)
    record_about(actor, "submission.submitted", submission, digest=submission.version.digest, **told(submission.due_at))
    emails.tell_held(submission)
    emails.submission_received(submission)
    emails.submission_to_review(submission)
    return submission


@transaction.atomic
def withdraw(submission: Submission, actor: User | System) -> None:
    """Take a waiting submission back; a first one puts the App back to building.

    Raises StaleState when a reviewer decided first.
    """
    if not can_withdraw(actor, submission):
        raise PermissionDenied("Owners and developers of the company withdraw its submissions.")
    app = submission.app = App.objects.select_for_update().get(pk=submission.app_id)
    from_, to = MOVES["withdraw"]
    move(submission, "state", from_=from_, to=to, decided_at=timezone.now(), github_commit="")
    back_to_building(app, actor)
    record_about(actor, "submission.withdrawn", submission)


def refusal(app: App) -> str:
    """Why no version of `app` can be handed in now, however complete it is; "" when one can. Up to five queries.

    Asked while none waits for a reviewer.
    """
    if on_its_way := travelling(app):
        mend = "Write in the thread" if on_its_way.pull.is_merged else "Push to its pull request"
        return (
            f"Version {on_its_way.version.number} is approved and waits for its release. {mend} if something is wrong "
            "with it; submit the next version once it is released."
        )
    if app.stage not in SUBMITTABLE:
        return f"An App that is {app.get_stage_display()} cannot be submitted."
    return " ".join(refused(app))  # D49, whichever way the draft was edited


def _lock_draft(app: App) -> None:
    """Hold the draft still until the version is cut, so that what was proven is what is frozen (T24).

    The lock on the App keeps parts from being added, the locks on its parts keep them from being changed.
    """
    locked = App.objects.select_for_update().get(pk=app.pk)
    app.stage, app.deleted_at = locked.stage, locked.deleted_at
    for part in (app.components, app.settings):
        list(part.select_for_update().values_list("pk", flat=True))
    Listing.objects.select_for_update().filter(app=app).first()
    app.refresh_from_db()


def _require_time(app: App) -> None:
    """Raises Refused where another version would come at the wrong time, or break what customers have."""
    if reason := refusal(app):
        raise Refused(reason)


def _create(app: App, actor: User, policy: Policy, listed: Checklist, said: dict[str, Any]) -> Submission:
    follows = answered_by(app.submissions.order_by("-submitted_at").first())
    due_at = due_after(policy.review_days)
    if follows and follows.decided_at:  # its place in the queue is kept
        due_at = due_again(policy, follows.due_at, follows.decided_at)
    return Submission.objects.create(
        app=app, version=freeze(app, actor), policy=policy, evidence=_evidence(listed), submitted_by=actor,
        due_at=due_at, follows=follows, **said,
    )  # fmt: skip


def _pull(app: App, video: str) -> dict[str, Any]:
    """The draft's pull request as GitHub has it, with the video of the test; {} without one."""
    part = app.components.filter(kind=ComponentKind.ACTIONS_DESTINATION).first()
    pull = pull_at(part.pull_request, app) if part else None
    return {**pull_evidence.frozen(pull), "video": video} if pull else {}


def _evidence(listed: Checklist) -> dict[str, Any]:
    """The checklist and the runs as they stand: ids and plain values."""
    return {
        "checklist": [_frozen(step.id, item) for step in listed.steps for item in step.items],
        "runs": list(listed.runs),
    }


def _frozen(step: str, item: Item) -> dict[str, str]:
    """One item in the words in which it was read, so that a later rewording changes nothing."""
    at = item.at.isoformat() if item.at else ""
    return {
        "step": step, "item": item.id, "text": item.text, "kind": item.kind.value, "state": item.state.value,
        "reason": item.reason, "at": at,
    }  # fmt: skip
