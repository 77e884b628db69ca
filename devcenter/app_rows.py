"""What the list of Apps shows of the packages above `apps_catalog`: here is where they meet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from apps_catalog.addresses import page_of
from apps_catalog.row_facts import AppRow
from testbench.models import SuiteRun

# Found by index for each App of the page. Joined to the runs themselves, the database would rather read all
# runs there are.
NEWEST_RUN = Subquery(
    SuiteRun.objects.suites()
    .filter(app=OuterRef("pk"), submission_id__isnull=True)
    .order_by("-created_at")
    .values("pk")[:1]
)


def last_runs(apps: Sequence[AppRow], user: Any) -> Mapping[int, Mapping[str, Any]]:
    """The newest suite of each App, in one query however many Apps there are (`row_facts.Provider`)."""
    slugs = {app.pk: app.slug for app in apps}
    ids = [app.more["newest_run"] for app in apps if app.more["newest_run"]]
    found = SuiteRun.objects.filter(pk__in=ids).order_by().values_list("app_id", "pk", "verdict", "state", "created_at")
    return {app_id: _cells(slugs[app_id], run, verdict or state, at) for app_id, run, verdict, state, at in found}


def _cells(slug: str, run: UUID, verdict: str, at: datetime) -> Mapping[str, Any]:
    return {"run_verdict": verdict, "run_url": f"{page_of('suite-home', slug)}runs/{run}/", "run_at": at}
