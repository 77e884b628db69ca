"""The end of a live App, asked for on the page with its name and deletion."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.visitor import person
from apps_catalog.console import app_page, see_other
from apps_catalog.console_views import danger
from apps_catalog.forms import DeprecateForm, RenameForm
from apps_catalog.models import App
from apps_catalog.rules import can_deprecate
from apps_catalog.states import Stage
from leases.transitions import StaleState
from reviews import ending


@require_POST
@app_page(can_deprecate)
def app_deprecate(request: HttpRequest, app: App) -> HttpResponse:
    """Deprecate the App once its slug was typed. Sent twice, it is done once."""
    form = DeprecateForm(request.POST, app=app)
    if app.is_live and not form.is_valid():
        return _page(request, app, form)
    try:
        ending.deprecate(app, person(request))
    except StaleState as stale:
        messages.info(request, f"{app.name} is {Stage(stale.found).label}; nothing was changed.")
    else:
        messages.success(request, f"{app.name} is deprecated. Its customers are told by mail.")
    return see_other(request, reverse("app-danger", args=[app.slug]))


def _page(request: HttpRequest, app: App, form: DeprecateForm) -> HttpResponse:
    rename = RenameForm(initial={"name": app.name, "revision": app.revision})
    context = {**danger.page_context(request, app), "form": rename, "deprecate_form": form}
    return render(request, danger.TEMPLATE, context, status=422)
