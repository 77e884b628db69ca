"""One event, chosen from the samples or written by hand, sent as a real request (D14)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps_catalog.console import app_page
from apps_catalog.models import App
from delivery.event_text import pretty
from testbench.forms import SampleForm, SingleForm
from testbench.lifecycle import is_masked
from testbench.rules import can_run_suite
from testbench.views.finding import ready_component
from testbench.views.starting import start


@app_page(can_run_suite)
@require_http_methods(["GET", "HEAD", "POST"])
def suite_single(request: HttpRequest, app: App) -> HttpResponse:
    """The editor for one event; `?again=<run>.<position>` fills it with the event of an earlier run."""
    component = ready_component(app, request.POST.get("component") or request.GET.get("component", ""))
    samples = SampleForm(request.GET if "sample" in request.GET else None)
    context: dict[str, Any] = {"app": app, "component": component, "samples": samples}
    context["can_run"] = can_run_suite(request.user, app)
    if component is None:
        return render(request, "testbench/single.html", context)
    if request.method == "POST":
        form = SingleForm(component, request.POST)
        response = start(request, form) if form.is_valid() else None
        return response or render(request, "testbench/single.html", context | {"form": form}, status=422)
    event = _earlier_event(request, app)
    context["is_masked"] = event is not None and is_masked(event)
    context["form"] = SingleForm(component, initial={"event": pretty(event) if event else samples.event_text()})
    return render(request, "testbench/single.html", context)


def _earlier_event(request: HttpRequest, app: App) -> dict[str, Any] | None:
    run_id, _, position = request.GET.get("again", "").partition(".")
    try:
        run = app.runs.filter(pk=UUID(run_id)).first()
    except ValueError:
        return None
    return next((case.event for case in run.cases if str(case.position) == position), None) if run else None
