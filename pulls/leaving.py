"""What goes in the course of time, and with a company: names and words of people at GitHub are theirs.

Ids of deliveries stay for ever (SECURITY, T8); there is nobody in them.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from partners.models import Company
from pulls.models import CheckSuite, PullRequest, PullReview, Repository
from pulls.standing import timeline
from pulls.wording import CHECKS, VERDICTS, state_of
from runtime.github.pulls import Checks, Verdict

# What GitHub told about pull requests of nobody, and about commits that are nobody's newest any more.
KEPT = timedelta(days=180)
MOST_AT_ONCE = 500
_NOTHING: dict[str, Any] = {
    "at": None, "is_polled": False, "title": "", "body": "", "author": "", "verdict": Verdict.NONE,
    "checks": Checks.NONE, "linked_by": None,
}  # fmt: skip


def company_data(company: Company) -> list[dict[str, Any]]:
    """One entry for each pull request that the company's Apps went or go out by, with what GitHub told of it."""
    pulls = PullRequest.objects.filter(app__company=company).select_related("app", "repository").order_by("pk")
    return [_pull_data(pull) for pull in pulls]


def _pull_data(pull: PullRequest) -> dict[str, Any]:
    told = [
        {"at": one.at.isoformat(), "who": one.who, "did": one.word, "text": one.text, "commit": one.sha}
        for one in timeline(pull)
        if one.at != pull.linked_at
    ]
    return {
        "app": pull.app.slug if pull.app else "",
        "address": pull.url,
        "title": pull.title,
        "description": pull.body,
        "state": state_of(pull).word,
        "reviews": VERDICTS[pull.verdict].word,
        "checks": CHECKS[pull.checks].word,
        "told": told,
    }


def erase(company: Company) -> int:
    """Runs inside the company's deletion, before its Apps go."""
    return _forget(PullRequest.objects.filter(app__company=company))


def purge(now: datetime) -> int:
    """Forget what was told about pull requests of nobody and of Apps that are gone, and old suites.

    Before the Apps go: of one that goes for good the names go with it, those of nobody have time.
    """
    old, deleted_before = now - KEPT, now - timedelta(days=settings.DELETION_GRACE_DAYS)
    known = Q(at__isnull=False) | Exists(PullReview.objects.filter(pull=OuterRef("pk")))
    nobodys = Q(app__isnull=True, changed_at__lt=old) | Q(app__deleted_at__lt=deleted_before)
    gone = _forget(PullRequest.objects.filter(known, nobodys))
    return gone + _old_suites(old)


def _forget(pulls: QuerySet[PullRequest]) -> int:
    """The rows stay, as numbers that nobody knows anything about: what comes up again is told again."""
    keys = list(pulls.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    PullReview.objects.filter(pull__in=keys).delete()
    return PullRequest.objects.filter(pk__in=keys).update(**_NOTHING)


def _old_suites(before: datetime) -> int:
    """Of commits that are no longer the newest of any pull request of an App, nor of what is released."""
    newest = PullRequest.objects.filter(
        repository=OuterRef("repository"), head_sha=OuterRef("head_sha"), app__isnull=False
    )
    released = Repository.objects.filter(pk=OuterRef("repository"), branch_sha=OuterRef("head_sha"))
    old = CheckSuite.objects.filter(~Exists(newest), ~Exists(released), at__lt=before)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    return CheckSuite.objects.filter(pk__in=keys).delete()[0]
