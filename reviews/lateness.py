"""Late reviews and late releases, beside late access requests: what `run_sla_clock` and the beat go through."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Model

from partners import lateness
from partners.clock import due_after
from partners.lateness import Step, WaitKind
from reviews import emails
from reviews.models import Release, Submission
from reviews.queries import overdue_releases, overdue_submissions
from reviews.release_dates import next_release
from reviews.states import SubmissionState
from reviews.thresholds import policy_for


def _new_review_date(submission: Submission, now: datetime) -> datetime:
    return due_after(submission.policy.late_days, now)


def _new_release_date(release: Release, now: datetime) -> datetime:
    return next_release(policy_for(release.app), now)


def _about_review(submission: Submission) -> tuple[Model, str, dict[str, str]]:
    return submission.app, submission.app.chain, {"submission": str(submission.pk)}


def _about_release(release: Release) -> tuple[Model, str, dict[str, str]]:
    return release.app, release.app.chain, {}


REVIEW = WaitKind(
    "submission", late=overdue_submissions, still={"state": SubmissionState.WAITING}, new_date=_new_review_date,
    apologise=emails.review_late, escalate=emails.review_overdue, about=_about_review,
)  # fmt: skip
RELEASE = WaitKind(
    "release", late=overdue_releases, still={"released_at": None}, new_date=_new_release_date,
    apologise=emails.release_late, escalate=emails.release_overdue, about=_about_release,
)  # fmt: skip
KINDS = (lateness.ACCESS, REVIEW, RELEASE)


def run_clock(now: datetime, *, dry_run: bool = False) -> Iterator[Step]:
    """Take every step that is due at `now`, of every kind of wait; a dry run only names them."""
    for kind in KINDS:
        yield from lateness.run(kind, now, dry_run=dry_run)
