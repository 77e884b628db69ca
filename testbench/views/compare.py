"""A run beside an earlier one of the same component."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps_catalog.console import app_page
from apps_catalog.models import App
from testbench.comparison import compare, earlier_runs
from testbench.forms import CompareForm
from testbench.states import RunKind
from testbench.views.finding import find_run


@app_page()
@require_safe
def suite_compare(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    """What changed since the run chosen with `?with=<id>`, by default the one before."""
    run = find_run(app, run_id)
    if run.kind != RunKind.SUITE:
        raise Http404
    form = CompareForm(earlier_runs(run), request.GET if "with" in request.GET else None)
    comparison = compare(run, form.chosen) if form.chosen else None
    return render(request, "testbench/compare.html", {"app": app, "run": run, "form": form, "comparison": comparison})
