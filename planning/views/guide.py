"""/apps/<slug>/guide/: what to install, what to tick, and what to take along (S16)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from apps_catalog.console import acting, app_page, see_other
from apps_catalog.models import App
from planning import export, guide
from planning.guide_steps import REPOSITORY, Step, steps_for
from planning.models import GuideTick
from planning.reading import component_of
from planning.rules import can_edit_plan
from planning.scaffold import archive
from planning.states import GuideItem


@dataclass(frozen=True, slots=True)
class Shown:
    """A step as the page shows it."""

    number: int
    step: Step
    tick: GuideTick | None
    commands: str


@require_safe
@app_page()
def app_guide(request: HttpRequest, app: App) -> HttpResponse:
    """The guide; without a destination by pull request, where to choose one."""
    component = component_of(app)
    progress = guide.progress(app)
    context = {
        "component": component,
        "progress": progress,
        "shown": list(_shown(app, component.mode if component else "", progress)),
        "repository": REPOSITORY,
        "may_edit": can_edit_plan(request.user, app),
    }
    return render(request, "planning/guide.html", context)


def _shown(app: App, mode: str, progress: guide.Progress) -> Iterator[Shown]:
    steps = steps_for(app.slug, mode)
    for number, row in enumerate(progress.rows, start=1):
        step = steps[row.item]
        yield Shown(number, step, row.tick, step.commands.replace("SCAFFOLD", f"{app.slug}-scaffold"))


@require_POST
@app_page(can_edit_plan)
def app_guide_tick(request: HttpRequest, app: App, item: str) -> HttpResponse:
    """Tick an item, or take the tick back (`done=no`). Doing it twice is doing it once."""
    if item not in GuideItem.values:
        raise Http404
    if request.POST.get("done") == "no":
        guide.untick(acting(request), app, item)
        text = "The tick is taken back."
    else:
        guide.tick(acting(request), app, item)
        text = "Everything is ticked. Next: the pull request." if guide.done(app) else "Ticked."
    return see_other(request, f"{reverse('app-guide', args=[app.slug])}#{item}", text)


@require_safe
@app_page()
def app_scaffold(request: HttpRequest, app: App) -> HttpResponse:
    """The scaffold of the plan as a zip. 404 without a destination by pull request."""
    if component_of(app) is None:
        raise Http404
    answer = HttpResponse(archive(export.document(app)), content_type="application/zip")
    answer["Content-Disposition"] = content_disposition_header(True, f"{app.slug}-scaffold.zip")
    return answer
