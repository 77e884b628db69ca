"""One case of a run, taken elsewhere: as a curl command, as a pytest file, or sent once more."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps_catalog.console import app_page, see_other
from apps_catalog.models import App
from testbench import lifecycle
from testbench.copying import as_curl, as_pytest, name_of_test
from testbench.rules import can_run_suite
from testbench.views.finding import find_result, find_run, person, see_run


@app_page()
@require_safe
def suite_case_curl(request: HttpRequest, app: App, run_id: UUID, position: int) -> HttpResponse:
    """The request as a command for a terminal; secrets are names of environment variables."""
    run = find_run(app, run_id)
    result = find_result(run, position)
    try:
        return _text(as_curl(run, result), f"{result.case_id}.sh")
    except ValueError:
        raise Http404 from None


@app_page()
@require_safe
def suite_case_pytest(request: HttpRequest, app: App, run_id: UUID, position: int) -> HttpResponse:
    """The request as a test file; secrets are names of environment variables."""
    run = find_run(app, run_id)
    result = find_result(run, position)
    planned = next((case for case in run.cases if case.position == position), None)
    try:
        text = as_pytest(run, result, planned.expects if planned else "accepted")
    except ValueError:
        raise Http404 from None
    return _text(text, f"{name_of_test(result)}.py")


@app_page(can_run_suite)
@require_POST
def suite_case_resend(request: HttpRequest, app: App, run_id: UUID, position: int) -> HttpResponse:
    """Send the same event once more with the remembered key; without one, the form asks for it."""
    run = find_run(app, run_id)
    find_result(run, position)
    try:
        return see_run(request, lifecycle.resend(run, position, person(request)))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    editor = reverse("suite-single", args=[app.slug])
    return see_other(request, f"{editor}?component={run.component.kind}&again={run.pk}.{position}")


def _text(text: str, name: str) -> HttpResponse:
    """Shown as it is, never run as something else, and kept nowhere on the way."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)
