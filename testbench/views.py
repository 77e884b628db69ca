"""The pages of the Test Suite (EXPERIENCE b.3), and what the echo endpoint was sent."""

import hashlib
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from apps_catalog.addresses import echo_url
from apps_catalog.console import app_page, see_other
from apps_catalog.models import App, Component, EchoInbox
from apps_catalog.states import AVAILABLE_KINDS, ComponentKind
from leases.transitions import StaleState
from testbench import lifecycle
from testbench.event_text import pretty
from testbench.forms import RunForm, SampleForm, SingleForm
from testbench.models import SuiteRun
from testbench.proof import changed_since, proofs
from testbench.report import read_run
from testbench.rules import can_cancel_run, can_run_suite
from testbench.states import PASSING, RunKind, Verdict
from testbench.values import remember

PAGE_SIZE = 25
# What apps_catalog.echo answers.
ANSWER = {
    "status": 200,
    "reason": "OK",
    "headers": [["Content-Type", "application/json"]],
    "body": '{"received": true}',
}
STOP_POLLING = 286  # htmx's own status: “this is the last answer”


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A kept run; `changed` says what it tested is different now."""

    run: SuiteRun
    changed: tuple[str, ...]


@app_page(can_run_suite)
@require_http_methods(["GET", "HEAD", "POST"])
def suite_home(request: HttpRequest, app: App) -> HttpResponse:
    """Each component with its newest proof and the form that starts a run; below, the kept runs."""
    bound = None
    if request.method == "POST":
        component = _component(app, request.POST.get("component", ""))
        bound = RunForm(component, request.POST)
        if bound.is_valid():
            response = _start(request, bound)
            if response:
                return response
    return _show_home(request, app, bound)


def _start(request: HttpRequest, form: RunForm) -> HttpResponse | None:
    """Start what the form asks for; None when it was refused, and the form then says why."""
    try:
        if isinstance(form, SingleForm):
            run = lifecycle.start_single(_person(request), form.component, form.values(), form.event_read)
        else:
            run = lifecycle.start_suite(_person(request), form.component, form.values())
    except ValidationError as error:
        form.add_error(None, error)
        return None
    remember(form.component, form.values() if form.cleaned_data["remember"] else {})
    return _see(request, run)


def _show_home(request: HttpRequest, app: App, bound: RunForm | None) -> HttpResponse:
    can_run = can_run_suite(request.user, app)
    echo = EchoInbox.objects.filter(app=app).first()
    cards = []
    for proof in proofs(app):
        component = proof.component
        form = bound if bound and bound.component.pk == component.pk else None
        if form is None and can_run and component.kind in AVAILABLE_KINDS and component.endpoint:
            form = RunForm(component)
        is_echo = echo is not None and component.endpoint == echo_url(echo.token)
        cards.append({"proof": proof, "component": component, "form": form, "is_echo": is_echo})
    context = {"app": app, "cards": cards, "can_run": can_run, "page_obj": _history(request, app, cards)}
    return render(request, "testbench/home.html", context, status=422 if bound else 200)


def _history(request: HttpRequest, app: App, cards: list[dict[str, Any]]) -> Page:
    runs = (
        app.runs.select_related("component", "requested_by")
        .defer("plan", "settings_sealed")
        .annotate(
            passed=Count("results", filter=Q(results__verdict__in=PASSING)),
            failed=Count("results", filter=Q(results__verdict=Verdict.RED)),
        )
        .order_by("-created_at")
    )
    page = Paginator(runs, PAGE_SIZE).get_page(request.GET.get("page"))
    now = {card["component"].pk: card["component"] for card in cards}
    rows: list[Any] = [HistoryRow(run, changed_since(run, now[run.component_id])) for run in page.object_list]
    page.object_list = rows
    return page


@app_page(can_run_suite)
@require_http_methods(["GET", "HEAD", "POST"])
def suite_single(request: HttpRequest, app: App) -> HttpResponse:
    """Send one event, chosen from the samples or written by hand, as a real request (D14)."""
    component = _ready_component(app, request.POST.get("component") or request.GET.get("component", ""))
    samples = SampleForm(request.GET if "sample" in request.GET else None)
    can_run = can_run_suite(request.user, app)
    context = {"app": app, "component": component, "samples": samples, "can_run": can_run}
    if component is None:
        return render(request, "testbench/single.html", context)
    if request.method == "POST":
        form = SingleForm(component, request.POST)
        response = _start(request, form) if form.is_valid() else None
        if response:
            return response
        return render(request, "testbench/single.html", context | {"form": form}, status=422)
    form = SingleForm(component, initial={"event": _event_text(request, app, samples)})
    return render(request, "testbench/single.html", context | {"form": form})


def _event_text(request: HttpRequest, app: App, samples: SampleForm) -> str:
    """The event of an earlier run (`?again=<run>.<position>`), or a sample."""
    run_id, _, position = request.GET.get("again", "").partition(".")
    try:
        run = app.runs.filter(pk=UUID(run_id)).first()
    except ValueError:
        run = None
    cases = {str(case.position): case for case in run.cases} if run else {}
    return pretty(cases[position].event) if position in cases else samples.event_text()


@app_page()
@require_safe
def suite_run(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    """One run: a row for each event, which opens to the exact request and response."""
    return render(request, "testbench/run.html", _run_context(request, _run(app, run_id)))


@app_page()
@require_safe
def suite_live(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    """The part of the run's page that changes, asked for once a second while the run lasts.

    `?have=3`: the first three rows are on the page already and are not sent again. Ends with 286.
    """
    run = _run(app, run_id)
    context = _run_context(request, run)
    report = context["report"]
    if run.is_over:
        response = render(request, "testbench/_live.html", context, status=STOP_POLLING)
        patch_cache_control(response, no_store=True)
        return response
    etag = _etag(run.state, report.done, request.GET.get("have", ""), context["can_cancel"])
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or render(request, "testbench/_live.html", context | {"have": _have(request)})
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@app_page(can_run_suite)
@require_POST
def suite_cancel(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    run = _run(app, run_id)
    try:
        lifecycle.cancel(run, _person(request))
    except StaleState:
        messages.info(request, "The run was over before it could be cancelled.")
    else:
        messages.success(request, "The run is cancelled.")
    return _see(request, run)


@app_page(can_run_suite)
@require_POST
def suite_rerun(request: HttpRequest, app: App, run_id: UUID) -> HttpResponse:
    try:
        return _see(request, lifecycle.rerun(_run(app, run_id), _person(request)))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return see_other(request, reverse("suite-home", args=[app.slug]))


@app_page()
@require_safe
def app_inbox(request: HttpRequest, app: App) -> HttpResponse:
    """What the App's built-in endpoint received: the newest requests, 25 a page."""
    inbox = EchoInbox.objects.filter(app=app).first()
    if inbox is None:
        raise Http404
    page = Paginator(inbox.requests.all(), PAGE_SIZE).get_page(request.GET.get("page"))
    url = echo_url(inbox.token)
    entries = [
        {
            "row": row,
            "exchange": {
                "request": {"method": row.method, "url": url, "headers": row.headers, "body": row.body},
                "response": ANSWER,
            },
        }
        for row in page.object_list
    ]
    context = {"app": app, "url": url, "entries": entries, "page_obj": page}
    return render(request, "testbench/inbox.html", context)


def _run_context(request: HttpRequest, run: SuiteRun) -> dict[str, Any]:
    open_rows = {1} if run.kind == RunKind.SINGLE else set()
    return {
        "app": run.app,
        "run": run,
        "report": read_run(run),
        "changed": changed_since(run, run.component),
        "have": 0,
        "open_rows": open_rows,
        "can_run": can_run_suite(request.user, run.app),
        "can_cancel": not run.is_over and can_cancel_run(request.user, run),
    }


def _run(app: App, run_id: UUID) -> SuiteRun:
    runs: QuerySet[SuiteRun] = app.runs.select_related("component", "requested_by")
    run = get_object_or_404(runs.defer("settings_sealed"), pk=run_id)
    run.app = run.component.app = app
    return run


def _component(app: App, kind: str) -> Component:
    """404 for what is no kind at all, too: PostgreSQL does not look up everything that can be posted."""
    component = get_object_or_404(app.components, kind=kind if kind in ComponentKind.values else None)
    component.app = app
    return component


def _ready_component(app: App, kind: str) -> Component | None:
    """The component to send to: the one asked for, or the only one that can be tested."""
    if kind:
        return _component(app, kind)
    component = app.components.filter(kind__in=AVAILABLE_KINDS).exclude(endpoint="").first()
    if component:
        component.app = app
    return component


def _have(request: HttpRequest) -> int:
    text = request.GET.get("have", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _etag(*parts: object) -> str:
    return quote_etag(hashlib.sha256(repr(parts).encode()).hexdigest()[:20])


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _see(request: HttpRequest, run: SuiteRun) -> HttpResponse:
    return see_other(request, reverse("suite-run", args=[run.app.slug, run.pk]))
