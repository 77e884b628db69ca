"""From the address of a page to its component, run and person."""

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import User
from apps_catalog.console import see_other
from apps_catalog.models import App, Component
from apps_catalog.states import TESTABLE_KINDS, ComponentKind
from testbench.models import CaseResult, SuiteRun


def find_run(app: App, run_id: UUID) -> SuiteRun:
    runs: QuerySet[SuiteRun] = app.runs.select_related("component", "requested_by")
    run = get_object_or_404(runs.defer("settings_sealed"), pk=run_id)
    run.app = run.component.app = app
    return run


def find_result(run: SuiteRun, position: int) -> CaseResult:
    """404 also for a case that was never sent: there is nothing to copy or to repeat."""
    result = run.results.filter(position=position).first() if position < 2**15 else None
    if result is None or not (result.request or result.details):
        raise Http404
    return result


def find_component(app: App, kind: str) -> Component:
    """404 for what is no kind at all, too: PostgreSQL does not look up everything that can be posted."""
    component = get_object_or_404(app.components, kind=kind if kind in ComponentKind.values else None)
    component.app = app
    return component


def ready_component(app: App, kind: str) -> Component | None:
    """The component to send to: the one asked for, or the only one that can be tested."""
    if kind:
        return find_component(app, kind)
    testable = app.components.filter(kind__in=TESTABLE_KINDS)
    component = next((each for each in testable if not each.lacks), None)
    if component:
        component.app = app
    return component


def person(request: HttpRequest) -> User:
    return cast(User, request.user)


def see_run(request: HttpRequest, run: SuiteRun) -> HttpResponse:
    return see_other(request, reverse("suite-run", args=[run.app.slug, run.pk]))
