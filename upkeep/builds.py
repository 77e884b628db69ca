"""How the code of a destination by pull request stands: the checks of the branch that is released (S37).

Code of many Apps is on one branch, and a failed check there does not say whose it is. So it counts against an App only
where no other App has code in the repository, or where a reviewer says so (`upkeep.risks.count_as_failed`).
"""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from apps_catalog.models import App
from pulls.models import CheckSuite, PullRequest, Repository
from pulls.standing import parse
from runtime.github.pulls import GOOD

# What a suite says about the code. Anything else (cancelled, timed out, stale, …) says nothing about it.
BAD = frozenset({"failure", "startup_failure"})
SHARED = "Other Apps have code there too, so this does not count unless our team finds that it is yours."


@dataclass(frozen=True, slots=True)
class Build:
    """`state` is ok, down or warn, as the looks from outside say it; `message` is a sentence for the makers."""

    state: str
    message: str


def build_of(app: App, address: str) -> Build:
    """The newest commit of the branch into which the pull request at `address` went; at most three queries."""
    key = parse(address)
    repository = Repository.objects.filter(name=key[0], is_watched=True).first() if key else None
    if repository is None or not repository.branch_sha:
        return Build("warn", "GitHub has told us nothing about its repository.")
    suites = CheckSuite.objects.filter(repository=repository, head_sha=repository.branch_sha)
    build = _judge(repository, list(suites.values_list("status", "conclusion")))
    if build.state == "down" and _merged(repository).exclude(app=app).exists():
        return Build("warn", f"{build.message} {SHARED}")
    return build


def _merged(repository: Repository) -> QuerySet[PullRequest]:
    return PullRequest.objects.filter(repository=repository, app__isnull=False, merged_at__isnull=False)


def _judge(repository: Repository, suites: list[tuple[str, str]]) -> Build:
    where = f"on the newest commit of {repository.branch} in {repository.name}"
    ended = [conclusion for status, conclusion in suites if status == "completed"]
    if any(conclusion in BAD for conclusion in ended):
        return Build("down", f"Checks failed {where}.")
    if not suites or len(ended) < len(suites):
        return Build("warn", f"The checks have not finished {where}.")
    if all(conclusion in GOOD for conclusion in ended):
        return Build("ok", f"The checks passed {where}.")
    return Build("warn", f"The checks ended without a result {where}.")


def failed_for_many() -> list[tuple[Repository, int]]:
    """Repositories whose branch fails and in which several Apps have code, each with the number of these Apps."""
    suites = CheckSuite.objects.filter(
        repository=OuterRef("pk"), head_sha=OuterRef("branch_sha"), status="completed", conclusion__in=BAD
    )
    rows = Repository.objects.filter(Exists(suites), is_watched=True).exclude(branch_sha="")
    apps = Count("pulls__app", filter=Q(pulls__merged_at__isnull=False), distinct=True)
    return [(row, row.apps) for row in rows.annotate(apps=apps).filter(apps__gt=1).order_by("pk")]
