"""The partner's page of life after launch: nightly checks, the risk, launch content."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps_catalog.console import acting, app_page, see_other
from apps_catalog.models import App
from partners.clock import office_zone
from reviews.refusals import Refused
from reviews.thresholds import policy_for
from upkeep import launch_content, nights
from upkeep.forms import LaunchItemForm
from upkeep.health import PROMISES, health_of
from upkeep.rules import can_maintain
from upkeep.states import LaunchKind


@require_safe
@app_page()
def app_upkeep(request: HttpRequest, app: App) -> HttpResponse:
    return _page(request, app)


@require_POST
@app_page(can_maintain)
def app_upkeep_plan(request: HttpRequest, app: App, kind: str) -> HttpResponse:
    """Plan a piece of launch content, or change its plan; a form that is wrong comes back as it was typed."""
    kind = _kind(kind)
    form = LaunchItemForm.of(kind, None, request.POST)
    if not form.is_valid():
        return _page(request, app, {kind: form}, status=422)
    try:
        launch_content.plan(acting(request), app, kind, **form.cleaned_data)
    except ValidationError as refused:
        form.add_error(None, refused)
        return _page(request, app, {kind: form}, status=422)
    return _back(request, app, "The plan is saved.")


@require_POST
@app_page(can_maintain)
def app_upkeep_done(request: HttpRequest, app: App, kind: str) -> HttpResponse:
    is_done = request.POST.get("done") != "no"
    launch_content.set_done(acting(request), app, _kind(kind), is_done=is_done)
    return _back(request, app, "Done. Well written!" if is_done else "It is open again.")


@require_POST
@app_page(can_maintain)
def app_upkeep_drop(request: HttpRequest, app: App, kind: str) -> HttpResponse:
    launch_content.forget(acting(request), app, _kind(kind))
    return _back(request, app, "Dropped. You can plan it again at any time.")


@require_POST
@app_page(can_maintain)
def app_upkeep_again(request: HttpRequest, app: App) -> HttpResponse:
    """Look again now, for an App at risk."""
    try:
        nights.look_again(acting(request), app)
    except Refused as refusal:
        messages.info(request, str(refusal))
        return see_other(request, reverse("app-upkeep", args=[app.slug]))
    text = "We look at it within a minute. When everything answers, the App is no longer at risk."
    return see_other(request, reverse("app-upkeep", args=[app.slug]), text)


def _kind(name: str) -> LaunchKind:
    if name not in LaunchKind.values:
        raise Http404
    return LaunchKind(name)


def _back(request: HttpRequest, app: App, text: str) -> HttpResponse:
    return see_other(request, reverse("app-upkeep", args=[app.slug]) + "#launch", text)


def _page(
    request: HttpRequest, app: App, typed: dict[str, LaunchItemForm] | None = None, *, status: int = 200
) -> HttpResponse:
    typed = typed or {}
    planned = launch_content.kinds_of(app)
    forms = [(kind, item, typed.get(kind) or LaunchItemForm.of(kind, item)) for kind, item in planned.items()]
    context = {
        "health": health_of(app),
        "policy": policy_for(app),
        "launch": forms,
        "form": next(iter(typed.values()), None),
        "promises": PROMISES,
        "can_plan": can_maintain(acting(request), app),
        "office_zone": office_zone().key.replace("_", " "),
    }
    return render(request, "upkeep/app_upkeep.html", context, status=status)
