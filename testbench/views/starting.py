"""Starting what a form asks for; the page it came from shows what was wrong."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from testbench import lifecycle
from testbench.forms import RunForm, SingleForm, SuiteForm
from testbench.models import SuiteRun
from testbench.states import RunKind
from testbench.values import remember
from testbench.views.finding import person, see_run

UNDER_WAY = "A run was under way already: here it is. A second one can start when it is over."


@dataclass(frozen=True, slots=True)
class Begun:
    """The run that answers a form. `was_under_way`: an earlier press had started it."""

    run: SuiteRun
    was_under_way: bool


def begin(request: HttpRequest, form: RunForm) -> Begun | None:
    """Start the run; None when it was refused, and the form then says why."""
    under_way = lifecycle.active_run(form.component, form.kind)
    try:
        run = _start(request, form)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    remember(form.component, form.values() if form.cleaned_data["remember"] else {})
    return Begun(run, bool(under_way and under_way.pk == run.pk))


def start(request: HttpRequest, form: RunForm) -> HttpResponse | None:
    """Start the run and lead to it; None when it was refused, and the form then says why."""
    begun = begin(request, form)
    return lead_to(request, begun) if begun else None


def lead_to(request: HttpRequest, begun: Begun) -> HttpResponse:
    if begun.was_under_way:
        messages.info(request, UNDER_WAY)
    return see_run(request, begun.run)


def _start(request: HttpRequest, form: RunForm) -> SuiteRun:
    if isinstance(form, SingleForm) and form.kind == RunKind.SINGLE:
        return lifecycle.start_single(person(request), form.component, form.values(), form.event_read)
    groups = form.groups() if isinstance(form, SuiteForm) else None
    return lifecycle.start_suite(person(request), form.component, form.values(), groups)
