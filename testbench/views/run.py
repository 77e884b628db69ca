"""One run: its page, the part of it that changes, and the verbs of the page."""

import hashlib
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_POST, require_safe

from apps_catalog.console import app_page, see_other
from apps_catalog.models import App
from leases.transitions import StaleState
from testbench import lifecycle
from testbench.claims import others_ahead
from testbench.comparison import Comparison, compare, earlier_runs
from testbench.models import Screenshot, SuiteRun
from testbench.proof import changed_since
from testbench.report import read_run
from testbench.rules import can_cancel_run, can_run_suite
from testbench.states import RunKind, RunState
from testbench.story import story_of
from testbench.views.finding import find_run, person, see_run

STOP_POLLING = 286  # htmx's own status: “this is the last answer”


@app_page()
@require_safe
def suite_run(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    """One run: a row for each event, which opens to the exact request and response."""
    run = find_run(app, run_id)
    context = run_context(request, run)
    context |= {"story": story_of(run.cases), "comparison": _with_the_one_before(run)}
    return render(request, "testbench/run.html", context)


@app_page()
@require_safe
def suite_live(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    """The part of the run's page that changes, asked for once a second while the run lasts.

    `?have=3`: the first three rows are on the page already and are not sent again. Ends with 286.
    """
    run = find_run(app, run_id)
    context = run_context(request, run)
    report = context["report"]
    if run.is_over:
        context["comparison"] = _with_the_one_before(run)
        response = render(request, "testbench/_live.html", context, status=STOP_POLLING)
        patch_cache_control(response, no_store=True)
        return response
    etag = _etag(run.state, report.done, report.banner, request.GET.get("have", ""), context["can_cancel"])
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or render(request, "testbench/_live.html", context | {"have": _have(request)})
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@app_page()
@require_safe
def suite_screenshot(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    """The sample site at the end of a run of a web plugin."""
    picture = get_object_or_404(Screenshot, run=find_run(app, run_id))
    response = HttpResponse(bytes(picture.png), content_type="image/png")
    patch_cache_control(response, private=True, max_age=3600, immutable=True)
    return response


@app_page(can_run_suite)
@require_POST
def suite_cancel(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    run = find_run(app, run_id)
    try:
        lifecycle.cancel(run, person(request))
    except StaleState:
        messages.info(request, "The run was over before it could be cancelled.")
    else:
        messages.success(request, "The run is cancelled.")
    return see_run(request, run)


@app_page(can_run_suite)
@require_POST
def suite_rerun(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    try:
        return see_run(request, lifecycle.rerun(find_run(app, run_id), person(request)))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return see_other(request, reverse("suite-home", args=[app.slug]))


def run_context(request: HttpRequest, run: SuiteRun) -> dict[str, Any]:
    """What both the page and its changing part show of a run."""
    return {
        "app": run.app,
        "run": run,
        "report": read_run(run, others_ahead(run) if run.state == RunState.QUEUED else 0),
        "changed": changed_since(run, run.component),
        "have": 0,
        "open_rows": {1} if run.kind == RunKind.SINGLE else set(),
        "can_run": can_run_suite(request.user, run.app),
        "can_cancel": not run.is_over and can_cancel_run(request.user, run),
        "in_console": True,
    }


def _with_the_one_before(run: SuiteRun) -> Comparison | None:
    if run.kind != RunKind.SUITE or run.state != RunState.FINISHED:
        return None
    earlier = earlier_runs(run).first()
    return compare(run, earlier) if earlier else None


def _have(request: HttpRequest) -> int:
    text = request.GET.get("have", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _etag(*parts: object) -> str:
    return quote_etag(hashlib.sha256(repr(parts).encode()).hexdigest()[:20])
