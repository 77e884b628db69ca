"""Beside the code editor: the draft is saved and run with one event, or with all types (D14, D19)."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import reswap, retarget

from apps_catalog import code_lifecycle
from apps_catalog.code_editor import code_editor_page
from apps_catalog.code_forms import CodeForm, form_for
from apps_catalog.console import acting, app_page, see_other
from apps_catalog.console_views.code import code_page, editor_url, find_code
from apps_catalog.models import App, Component
from runtime.functions.logs import as_text
from testbench.rules import can_run_suite
from testbench.try_form import TryForm
from testbench.views.finding import find_result, find_run
from testbench.views.run import run_context
from testbench.views.starting import Begun, begin, lead_to

EVENT, FIELDS, OUTPUT = (f"apps_catalog/console/_code_{part}.html" for part in ("event", "trying", "output"))
# What a person can press besides Run, where there are no scripts.
LOAD = "load"
NOT_RUN = "Nothing ran yet: something beside “Try it” is missing or wrong."
# The number of the draft that a run has saved, for the editor that goes on with it (static/js/code-try.js).
REVISION = "Draft-Revision"


def form_of(request: HttpRequest, component: Component) -> TryForm:
    """The form for the page of the editor (`code_trying.Provider`); `?sample=` chooses its event."""
    return TryForm(component, sample=request.GET.get("sample", ""))


@code_editor_page
@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_run_suite, read_rule=can_run_suite)
def suite_try(request: HttpRequest, app: App, part: str) -> HttpResponse:
    """GET: the event of `?sample=`. POST: the editor's form; its draft is saved, then run.

    To htmx it answers the run as it is shown beside the editor, or with 422 the fields and what is wrong with them, or
    409 and nothing; to others the run's page, or the editor's page with everything that was typed.
    """
    component = find_code(app, part)
    if request.method != "POST":
        return render(request, EVENT, {"trying": form_of(request, component)})
    attempt = Attempt(request, component)
    form = form_for(component.kind)(request.POST, request.FILES, component=component)
    form.is_version = False
    page = code_page(request, component, part, attempt.save, trying=attempt.form)
    response = page.answer(request, form)
    if not request.htmx:  # type: ignore[attr-defined]
        return attempt.elsewhere() if response.status_code == 303 else response
    if response.status_code == 303:
        return attempt.output()
    return HttpResponse(status=409) if response.status_code == 409 else _fields(request, app, part, form, attempt)


@require_safe
@app_page()
def suite_case_log(request: HttpRequest, app: App, run_id: UUID, position: int) -> HttpResponse:
    """All that a function logged for one event, as a text; its page shows the first part."""
    result = find_result(find_run(app, run_id), position)
    lines = (result.details or {}).get("logs")
    if not lines:
        raise Http404
    name = f"{app.slug}-{result.case_id}-log.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(as_text(lines), content_type="text/plain; charset=utf-8", headers=headers)


class Attempt:
    """One press of Run: what it was pressed with, and what came of it."""

    def __init__(self, request: HttpRequest, component: Component) -> None:
        self.request, self.component = request, component
        self.is_loading = request.POST.get("do") == LOAD
        self.form = TryForm(component, request.POST)
        self.begun: Begun | None = None

    def save(self, code: CodeForm) -> str:
        """Save the draft and start the run, both or neither; for `DraftPage`."""
        with transaction.atomic():
            app = self.component.app
            code_lifecycle.save_draft(
                acting(self.request), self.component, code.values(), code.cleaned_data["revision"]
            )
            self.component.app = app
            if self.is_loading:
                return ""
            self.begun = begin(self.request, self.form) if self.form.is_valid() else None
            if self.begun is None:
                raise ValidationError(NOT_RUN)
        return ""

    def elsewhere(self) -> HttpResponse:
        """Without scripts: to the run, or back to the editor with the sample that was asked for."""
        if self.begun is None:
            sample = self.form["sample"].value() or ""
            return see_other(self.request, f"{editor_url(self.component)}?{urlencode({'sample': sample})}#code-try")
        return lead_to(self.request, self.begun)

    def output(self) -> HttpResponse:
        if self.begun is None:
            return HttpResponse(status=204)
        context = {**run_context(self.request, self.begun.run), "was_under_way": self.begun.was_under_way}
        response = render(self.request, OUTPUT, context)
        response[REVISION] = str(self.component.revision)
        return response


def _fields(request: HttpRequest, app: App, part: str, code: CodeForm, attempt: Attempt) -> HttpResponse:
    """In place of the fields that were sent: the same with what is wrong, also with the code."""
    shown = None if NOT_RUN in code.non_field_errors() else code
    context: dict[str, Any] = {"app": app, "part": part, "trying": attempt.form, "code_form": shown}
    response = render(request, FIELDS, context, status=422)
    return retarget(reswap(response, "outerHTML"), "#code-try")
