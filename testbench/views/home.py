"""The first page of the Test Suite: what is proven, the form that starts a run, and the kept runs."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps_catalog.addresses import echo_url
from apps_catalog.console import app_page
from apps_catalog.models import App, Component, EchoInbox
from apps_catalog.states import TESTABLE_KINDS
from testbench.forms import HistoryForm, SuiteForm
from testbench.models import SuiteRun
from testbench.proof import changed_since, proofs
from testbench.rules import can_run_suite
from testbench.states import PASSING, Verdict
from testbench.views.finding import find_component
from testbench.views.starting import start

PAGE_SIZE = 25


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
        component = find_component(app, request.POST.get("component", ""))
        bound = SuiteForm(component, request.POST)
        if bound.is_valid():
            response = start(request, bound)
            if response:
                return response
    return _show(request, app, bound)


def _show(request: HttpRequest, app: App, bound: SuiteForm | None) -> HttpResponse:
    can_run = can_run_suite(request.user, app)
    cards = _cards(app, bound, can_run=can_run)
    filters = HistoryForm(request.GET)
    context = {
        "app": app,
        "cards": cards,
        "can_run": can_run,
        # Without any component the empty list still says what comes.
        "can_be_run": not cards or any(card["component"].kind in TESTABLE_KINDS for card in cards),
        "filters": filters,
        "is_filtered": filters.is_filtering(),
        "kept_days": settings.SUITE_RUNS_KEPT_DAYS,
        "page_obj": _history(request, app, cards, filters),
    }
    return render(request, "testbench/home.html", context, status=422 if bound else 200)


def _cards(app: App, bound: SuiteForm | None, *, can_run: bool) -> list[dict[str, Any]]:
    echo = EchoInbox.objects.filter(app=app).first()
    cards = []
    for proof in proofs(app):
        component = proof.component
        form = bound if bound and bound.component.pk == component.pk else None
        if form is None and can_run and component.kind in TESTABLE_KINDS and not component.lacks:
            form = SuiteForm(component)
        is_echo = echo is not None and component.endpoint == echo_url(echo.token)
        cards.append({"proof": proof, "component": component, "form": form, "is_echo": is_echo})
    return cards


def _history(request: HttpRequest, app: App, cards: list[dict[str, Any]], filters: HistoryForm) -> Page:
    runs = (
        filters.narrow(app.runs.all())
        .select_related("component", "requested_by")
        .defer("plan", "settings_sealed")
        .annotate(
            passed=Count("results", filter=Q(results__verdict__in=PASSING)),
            failed=Count("results", filter=Q(results__verdict=Verdict.RED)),
        )
        .order_by("-created_at")
    )
    page = Paginator(runs, PAGE_SIZE).get_page(request.GET.get("page"))
    now = {card["component"].pk: card["component"] for card in cards}
    rows: list[Any] = [HistoryRow(run, _changed(run, now.get(run.component_id))) for run in page.object_list]
    page.object_list = rows
    return page


def _changed(run: SuiteRun, component: Component | None) -> tuple[str, ...]:
    """What is different since; a component that was taken away has nothing to compare."""
    return changed_since(run, component) if component else ("the component",)
