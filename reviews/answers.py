"""The partner's answers to what a reviewer found: kept as a draft until the next submission, then for good."""

from collections.abc import Mapping

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from audit.recording import record
from reviews.models import Finding, Submission
from reviews.refusals import Outdated, Refused
from reviews.rules import can_answer_findings
from reviews.states import SubmissionState

log = structlog.get_logger(__name__)
ANSWER_LIMIT = 5_000


def is_open(submission: Submission) -> bool:
    """Whether its findings can be answered: changes were requested, and nothing was submitted since."""
    if submission.state != SubmissionState.CHANGES_REQUESTED:
        return False
    return not Submission.objects.filter(app=submission.app_id, submitted_at__gt=submission.submitted_at).exists()


@transaction.atomic
def save_answers(submission: Submission, actor: User, answers: Mapping[int, str], revision: int) -> bool:
    """Keep the answers by the findings' ids; whether anything changed.

    Raises Outdated (with the submission as it is now) when somebody saved since `revision`, Refused once the
    next version is submitted.
    """
    if not can_answer_findings(actor, submission.app):
        raise PermissionDenied("Owners and developers of the company answer findings.")
    App.objects.select_for_update().get(pk=submission.app_id)
    current = Submission.objects.select_related("app", "version").get(pk=submission.pk)
    if not is_open(current):
        raise Refused("These findings can no longer be answered: the review went on.")
    changed = _changed(current, answers)
    if not changed:
        return False
    seen = Submission.objects.filter(pk=current.pk, answers_revision=revision)
    if not seen.update(answers_revision=F("answers_revision") + 1):
        raise Outdated("Somebody else saved answers meanwhile.", current)
    now = timezone.now()
    for finding in changed:
        finding.answered_at, finding.answered_by = now, actor
    Finding.objects.bulk_update(changed, ["answer", "answered_at", "answered_by"])
    app = current.app
    record(
        actor, "findings.answered", app, chain=app.chain,
        submission=str(current.pk), version=current.version.number, findings=[one.pk for one in changed],
    )  # fmt: skip
    log.info("findings_answered", submission=str(current.pk), app=app.pk, actor=actor.pk, findings=len(changed))
    return True


def _changed(submission: Submission, answers: Mapping[int, str]) -> list[Finding]:
    found = []
    for finding in submission.findings.filter(pk__in=list(answers), struck_at__isnull=True):
        text = answers[finding.pk].replace("\r\n", "\n").strip()[:ANSWER_LIMIT]
        if finding.answer != text:
            finding.answer = text
            found.append(finding)
    return found
