"""The end of a live App, asked for on the page with its name and deletion."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.undo import say_with_undo
from accounts.visitor import person
from apps_catalog.console import app_page, see_other
from apps_catalog.console_views import danger
from apps_catalog.forms import DeprecateForm, RenameForm
from apps_catalog.models import App
from apps_catalog.rules import can_deprecate
from apps_catalog.states import Stage
from leases.transitions import StaleState
from reviews import ending
from reviews.models import Ending
from reviews.refusals import Refused


@require_POST
@app_page(can_deprecate)
def app_deprecate(request: HttpRequest, app: App) -> HttpResponse:
    """Deprecate the App once its slug was typed. Sent twice, it is done once."""
    form = DeprecateForm(request.POST, app=app)
    if app.is_live and not form.is_valid():
        return _page(request, app, form)
    try:
        ended = ending.deprecate(app, person(request))
    except StaleState as stale:
        messages.info(request, f"{app.name} is {Stage(stale.found).label}; nothing was changed.")
    else:
        _say_ended(request, app, ended)
    return _back(request, app)


def _say_ended(request: HttpRequest, app: App, ended: Ending) -> None:
    text = f"{app.name} is deprecated. Its customers are told by mail."
    if ended.can_be_undone:
        say_with_undo(request, text, reverse("app-deprecate-undo", args=[app.slug]))
    else:
        messages.success(request, text)


@require_POST
@app_page(can_deprecate)
def app_deprecate_undo(request: HttpRequest, app: App) -> HttpResponse:
    """Undo `app_deprecate`, before its mails went out. Sent twice, it is done once."""
    try:
        ending.undo(app, person(request))
    except StaleState as stale:
        messages.info(request, f"{app.name} is {Stage(stale.found).label}; nothing was changed.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{app.name} is {Stage(app.stage).label} again. Nobody was told of the end.")
    return _back(request, app)


def _back(request: HttpRequest, app: App) -> HttpResponse:
    return see_other(request, reverse("app-danger", args=[app.slug]))


def _page(request: HttpRequest, app: App, form: DeprecateForm) -> HttpResponse:
    rename = RenameForm(initial={"name": app.name, "revision": app.revision})
    context = {**danger.page_context(request, app), "form": rename, "deprecate_form": form}
    return render(request, danger.TEMPLATE, context, status=422)
