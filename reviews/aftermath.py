"""What every verb on a submission does beside moving its state: the record, and the stage of its App."""

import structlog

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App
from apps_catalog.states import Stage
from audit.recording import System, actor_name, record
from reviews.models import Submission

log = structlog.get_logger(__name__)


def record_about(actor: User | System, action: str, submission: Submission, **data: object) -> None:
    """Record `action` in the chain of the App's company, with the version and the evidence that it rests on."""
    app = submission.app
    data |= {"submission": str(submission.pk), "version": submission.version.number}
    data |= {"evidence": submission.evidence_digest}
    record(actor, action, app, chain=app.chain, **data)
    log.info(action.replace(".", "_"), submission=str(submission.pk), app=app.pk, actor=actor_name(actor))


def back_to_building(app: App, actor: User | System) -> None:
    """Only a first review holds the stage; an update of a live App leaves it alone."""
    if app.stage == Stage.IN_REVIEW:
        move_stage(app, "return_to_building", actor)
