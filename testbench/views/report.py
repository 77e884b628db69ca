"""A run to be printed, kept or handed on: complete, without navigation; and as JSON."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps_catalog.console import app_page
from apps_catalog.models import App
from testbench.proof import changed_since
from testbench.report import as_json, read_run
from testbench.story import story_of
from testbench.views.finding import find_run


@app_page()
@require_safe
def suite_report(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    """Every row of a run opened, for paper (A4)."""
    run = find_run(app, run_id)
    context = {"app": app, "run": run, "report": read_run(run), "story": story_of(run.cases)}
    return render(request, "testbench/report.html", context | {"changed": changed_since(run, run.component)})


@app_page()
@require_safe
def suite_report_json(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    """The run as `run_suite --json` prints it."""
    run = find_run(app, run_id)
    name = f"{app.slug}-{run.created_at:%Y%m%d-%H%M}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return JsonResponse(as_json(run), headers=headers, json_dumps_params={"ensure_ascii": False, "indent": 2})
