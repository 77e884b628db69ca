"""An appeal: once per change request or rejection, judged by a reviewer other than the one who decided.

Overturned means that the decision is gone: the submission waits again, with the time that was left. The
verdict takes effect at once, and its mail waits for the undo interval like that of any decision.
"""

import structlog
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App
from apps_catalog.states import Stage
from audit.recording import System, record
from leases.transitions import StaleState, move
from notifications.outbox import drop, let_go
from partners.clock import due_after
from partners.promises import FRESH
from reviews import emails, ties, verdict_emails
from reviews.github_side import side_of
from reviews.models import Appeal, Submission
from reviews.queue_place import due_again
from reviews.refusals import NotReady, Refused
from reviews.rules import can_appeal, can_judge_appeal
from reviews.states import APPEAL_MOVES, APPEALABLE, MOVES, AppealState

log = structlog.get_logger(__name__)
TEXT_LIMIT = 5_000
JUDGED = frozenset(APPEAL_MOVES["undo"][0])


def appeal_of(submission: Submission) -> Appeal | None:
    """The newest appeal of a submission, waiting or judged."""
    return Appeal.objects.filter(submission=submission).select_related("by").order_by("-at", "-pk").first()


def against(submission: Submission) -> QuerySet[Appeal]:
    """Appeals against the decision that a submission has now: none or one."""
    if submission.decided_at is None:
        return Appeal.objects.none()
    return Appeal.objects.filter(submission=submission, decided_at=submission.decided_at)


def why_not(submission: Submission) -> str:
    """Why there is nothing to appeal against, for the partner; "" when there is."""
    if submission.state not in APPEALABLE:
        return "You can appeal against a change request or a rejection."
    if against(submission).exists():
        return "You have appealed against this decision already."
    newer = Submission.objects.filter(app=submission.app_id, submitted_at__gt=submission.submitted_at)
    return "You have submitted again, so this decision is in the past." if newer.exists() else ""


# --- The partner --------------------------------------------------------------------------------------


@transaction.atomic
def appeal(submission: Submission, actor: User, text: str) -> Appeal:
    """Appeal against the decision on `submission`; twice is once. Its mail goes out now: it is undone no more.

    Raises NotReady without a text, Refused where there is nothing to appeal against.
    """
    if not can_appeal(actor, submission.app):
        raise PermissionDenied("Owners and developers of the company appeal.")
    app = App.objects.select_for_update().get(pk=submission.app_id)
    current = Submission.objects.select_related("policy", "version").get(pk=submission.pk)
    current.app = app
    if known := against(current).first():
        return known
    if not text.strip():
        raise NotReady("Say what the reviewer got wrong.")
    if reason := why_not(current):
        raise Refused(reason)
    made = _create(current, actor, text.strip()[:TEXT_LIMIT])
    let_go(emails.decision_key(current))
    _record(actor, "appeal.made", made)
    verdict_emails.appeal_to_review(made)
    return made


def _create(submission: Submission, actor: User, text: str) -> Appeal:
    assert submission.decided_at is not None, "only what is decided can be appealed against"
    try:
        with transaction.atomic():
            return Appeal.objects.create(
                submission=submission, text=text, by=actor, due_at=due_after(submission.policy.review_days),
                decision=submission.state, decision_message=submission.message,
                decided_at=submission.decided_at, decided_by=submission.decided_by,
            )  # fmt: skip
    except IntegrityError:  # the same click twice, where rows cannot be locked
        return against(submission).get()


def withdraw_for(app: App, actor: User | System) -> None:
    """Submitting again takes a waiting appeal back; inside the transaction of `submit`, the App locked."""
    from_, to = APPEAL_MOVES["withdraw"]
    for waiting in Appeal.objects.filter(submission__app=app, state__in=from_).select_related("submission__version"):
        move(waiting, "state", from_=from_, to=to, judged_at=timezone.now())
        waiting.submission.app = app
        _record(actor, "appeal.withdrawn", waiting)


# --- Another reviewer -----------------------------------------------------------------------------------


@transaction.atomic
def uphold(appeal: Appeal, actor: User, reason: str) -> None:
    """The decision stands; the partner reads why."""
    _settle(appeal, "uphold", actor, reason)
    _record(actor, "appeal.upheld", appeal)
    verdict_emails.appeal_upheld(appeal)


@transaction.atomic
def overturn(appeal: Appeal, actor: User, reason: str) -> None:
    """The decision is gone: the submission waits again, and its findings ask for nothing any more."""
    app = _settle(appeal, "overturn", actor, reason)
    submission = appeal.submission
    side = side_of(submission)
    if side and (blocked := ties.blocked("overturn", side.facts)):
        raise Refused(blocked)
    former = submission.due_at
    due_at = due_again(submission.policy, former, appeal.decided_at)
    from_, to = MOVES["overturn"]
    cleared = {"decided_at": None, "decided_by": None, "message": ""}
    move(submission, "state", from_=from_, to=to, due_at=due_at, **FRESH, **cleared)
    submission.findings.filter(struck_at__isnull=True).update(struck_at=appeal.judged_at)
    Appeal.objects.filter(pk=appeal.pk).update(former_due_at=former)
    if app.stage == Stage.BUILDING:
        move_stage(app, "reopen_review", actor)
    _record(actor, "appeal.overturned", appeal, due=due_at.isoformat())
    verdict_emails.appeal_overturned(appeal)


@transaction.atomic
def undo(appeal: Appeal, actor: User) -> None:
    """Take the verdict on an appeal back before its mail went out; the appeal waits again.

    Raises Refused when the interval is over or the review went on, StaleState after another undo.
    """
    app = _locked(appeal, actor)
    appeal.refresh_from_db()
    if appeal.state not in JUDGED:
        raise StaleState(appeal, "state")
    if not can_be_undone(appeal):
        raise Refused("The partner has been told: this cannot be undone any more.")
    if appeal.state == AppealState.OVERTURNED:
        _restore_decision(appeal, app, actor)
    elif Submission.objects.filter(app=app, submitted_at__gt=appeal.submission.submitted_at).exists():
        raise Refused("The partner has submitted again: this cannot be undone any more.")
    from_, to = APPEAL_MOVES["undo"]
    undone = appeal.state
    move(appeal, "state", from_=from_, to=to, judged_by=None, judged_at=None, reason="", former_due_at=None)
    drop(verdict_emails.appeal_key(appeal))
    _record(actor, "appeal.undone", appeal, undone=undone)


def can_be_undone(appeal: Appeal) -> bool:
    """Until the undo interval is over."""
    return bool(
        appeal.state in JUDGED and appeal.judged_at and timezone.now() < appeal.judged_at + emails.undo_interval()
    )


def _restore_decision(appeal: Appeal, app: App, actor: User) -> None:
    """The decision as it was. Raises Refused when the submission was decided or withdrawn since."""
    submission = appeal.submission
    from_, to = frozenset({MOVES["overturn"][1]}), appeal.decision
    decision = {"decided_at": appeal.decided_at, "decided_by": appeal.decided_by, "message": appeal.decision_message}
    try:
        move(submission, "state", from_=from_, to=to, due_at=appeal.former_due_at or submission.due_at, **decision)
    except StaleState:
        raise Refused("The review went on meanwhile: this cannot be undone any more.") from None
    submission.findings.filter(struck_at=appeal.judged_at).update(struck_at=None)
    if app.stage == Stage.IN_REVIEW:
        move_stage(app, "return_to_building", actor)


# --- Parts ------------------------------------------------------------------------------------------------


def _locked(appeal: Appeal, actor: User) -> App:
    if not can_judge_appeal(actor, appeal):
        raise PermissionDenied(
            "Another reviewer than the one who decided judges an appeal, and never of their company."
        )
    app = App.objects.select_for_update().get(pk=appeal.submission.app_id)
    appeal.submission = Submission.objects.select_related("policy", "version").get(pk=appeal.submission_id)
    appeal.submission.app = app
    return app


def _settle(appeal: Appeal, verb: str, actor: User, reason: str) -> App:
    app = _locked(appeal, actor)
    if not reason.strip():
        raise NotReady("Give the reason; the partner reads it.")
    if app.stage == Stage.DEPRECATED or app.deleted_at is not None:
        raise Refused("The App has ended meanwhile: there is nothing to decide.")
    from_, to = APPEAL_MOVES[verb]
    words = {"reason": reason.strip()[:TEXT_LIMIT]}
    move(appeal, "state", from_=from_, to=to, judged_by=actor, judged_at=timezone.now(), **words)
    return app


def _record(actor: User | System, action: str, appeal: Appeal, **data: object) -> None:
    submission = appeal.submission
    app = submission.app
    data |= {"submission": str(submission.pk), "version": submission.version.number}
    data |= {"evidence": submission.evidence_digest, "decision": appeal.decision}
    record(actor, action, app, chain=app.chain, **data)
    log.info(action.replace(".", "_"), appeal=appeal.pk, submission=str(submission.pk), app=app.pk)
