"""What the list of Apps shows of the packages above `apps_catalog`: here is where they meet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from apps_catalog.addresses import page_of
from apps_catalog.models import App
from apps_catalog.row_facts import AppRow
from testbench.models import SuiteRun


def last_runs(apps: Sequence[AppRow], user: Any) -> Mapping[int, Mapping[str, Any]]:
    """The newest suite of each App, in two queries however many Apps there are (`row_facts.Provider`).

    In one query, the database would rather read all runs there are.
    """
    newest = SuiteRun.objects.suites().filter(app=OuterRef("pk"), submission_id__isnull=True).order_by("-created_at")
    shown = App.objects.filter(pk__in=[app.pk for app in apps]).order_by()
    ids = [run for (run,) in shown.values_list(Subquery(newest.values("pk")[:1])) if run]
    slugs = {app.pk: app.slug for app in apps}
    runs = SuiteRun.objects.filter(pk__in=ids).order_by()
    found = runs.values_list("app_id", "pk", "verdict", "state", "created_at")
    return {app_id: _cells(slugs[app_id], run, verdict or state, at) for app_id, run, verdict, state, at in found}


def _cells(slug: str, run: UUID, verdict: str, at: datetime) -> Mapping[str, Any]:
    return {"run_verdict": verdict, "run_url": f"{page_of('suite-home', slug)}runs/{run}/", "run_at": at}
