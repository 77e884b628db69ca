"""Starting what a form asks for; the page it came from shows what was wrong."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from testbench import lifecycle
from testbench.forms import RunForm, SingleForm, SuiteForm
from testbench.models import SuiteRun
from testbench.values import remember
from testbench.views.finding import person, see_run


def start(request: HttpRequest, form: RunForm) -> HttpResponse | None:
    """Start the run and lead to it; None when it was refused, and the form then says why."""
    under_way = lifecycle.active_run(form.component, form.kind)
    try:
        run = _start(request, form)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    remember(form.component, form.values() if form.cleaned_data["remember"] else {})
    if under_way and under_way.pk == run.pk:
        messages.info(request, "A run was under way already: here it is. A second one can start when it is over.")
    return see_run(request, run)


def _start(request: HttpRequest, form: RunForm) -> SuiteRun:
    if isinstance(form, SingleForm):
        return lifecycle.start_single(person(request), form.component, form.values(), form.event_read)
    groups = form.groups() if isinstance(form, SuiteForm) else None
    return lifecycle.start_suite(person(request), form.component, form.values(), groups)
