"""What pages list: each a constant number of queries, whatever the tables hold."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, UUIDField, prefetch_related_objects
from django.db.models.functions import Coalesce

from accounts.models import User
from apps_catalog.models import App
from leases.prepared import Prepared, Slot
from reviews.models import Release, StepVerdict, Submission


def _judged() -> Coalesce:
    """How many steps have a verdict; counted for the rows that are read, not for the whole queue."""
    counted = StepVerdict.objects.filter(submission=OuterRef("pk")).order_by().values("submission")
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0)


def submissions_of(app: App) -> QuerySet[Submission]:
    """Everything handed in for `app`, the newest first, without manifests and evidence."""
    rows = Submission.objects.filter(app=app).select_related("app", "version", "submitted_by")
    return rows.defer("evidence", "version__manifest").order_by("-submitted_at")


def current_submission(app: App) -> Submission | None:
    """The newest submission with verdicts and findings, in three queries; None before the first."""
    return submissions_of(app).prefetch_related("verdicts", "findings").first()


def review_queue() -> QuerySet[Any]:
    """Waiting submissions, the one that is due first on top; take the columns you show.

    Adds `judged` (steps with a verdict).
    """
    rows = Submission.objects.waiting().filter(app__deleted_at__isnull=True)
    return rows.annotate(judged=_judged()).order_by("due_at", "pk")


def release_queue() -> QuerySet[Release]:
    """Apps that ask to go public, by release date; take the columns you show."""
    rows = Release.objects.filter(released_at__isnull=True, app__deleted_at__isnull=True)
    return rows.order_by("due_at", "pk")


def recent_decisions() -> QuerySet[Submission]:
    """Submissions that are no longer waiting, the last decided first; take the columns you show."""
    return Submission.objects.filter(decided_at__isnull=False).order_by("-decided_at")


_for_review = Prepared(lambda: Submission.objects.order_by().filter(
    pk=Slot("pk", UUIDField()), app__deleted_at__isnull=True,
).select_related("app__company", "version", "submitted_by"))  # fmt: skip
_verdicts = Prepared(lambda: StepVerdict.objects.filter(submission_id=Slot("submission", UUIDField())))


def submission_for_review(pk: UUID) -> Submission | None:
    """One submission with what every page about it shows, its verdicts among it, in two queries."""
    found = _for_review.first(pk=pk)
    if found:
        _keep_verdicts(found, _verdicts.ask(submission=pk))
    return found


def _keep_verdicts(submission: Submission, found: list[StepVerdict]) -> None:
    """As `prefetch_related` keeps what it found."""
    for verdict in found:
        verdict.submission = submission
    rows = submission.verdicts.all()
    rows._result_cache, rows._prefetch_done = found, True  # type: ignore[attr-defined]
    submission._prefetched_objects_cache = {"verdicts": rows}  # type: ignore[attr-defined]


def name_people(submission: Submission, viewer: User) -> None:
    """Put names to who judged, decided and claimed: none to read where it was `viewer`, else at most three queries."""
    for row, name in [
        (submission, "decided_by"),
        (submission, "claimed_by"),
        *((v, "by") for v in submission.verdicts.all()),
    ]:
        if getattr(row, f"{name}_id") == viewer.pk:
            setattr(row, name, viewer)
    others = [verdict for verdict in submission.verdicts.all() if verdict.by_id not in (None, viewer.pk)]
    prefetch_related_objects(others, "by")


def overdue_submissions(now: datetime) -> QuerySet[Submission]:
    """Waiting submissions whose promised date has passed."""
    rows = Submission.objects.waiting().filter(due_at__lt=now, app__deleted_at__isnull=True)
    rows = rows.select_related("app__company", "version", "policy").defer("evidence", "version__manifest")
    return rows.order_by("due_at", "pk")


def overdue_releases(now: datetime) -> QuerySet[Release]:
    """Asked releases whose promised date has passed."""
    rows = Release.objects.filter(released_at__isnull=True, due_at__lt=now, app__deleted_at__isnull=True)
    return rows.select_related("app__company").order_by("due_at", "pk")
