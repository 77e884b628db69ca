"""/w/<ws>/install/<app>/: from the catalog card over “Configure” and “Confirm source” to the settings (S18).

Three steps at one address: the card, `?step=source`, and `?source=<slug>` with the settings.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.visitor import person
from apps_catalog.console import see_other
from apps_catalog.models import App
from workspaces import lifecycle
from workspaces.card import card_of
from workspaces.forms import SourceForm
from workspaces.installing import can_install, what_is_installed
from workspaces.models import Source, Workspace
from workspaces.page import workspace_page
from workspaces.rules import can_write
from workspaces.settings_form import SettingsForm
from workspaces.views.answers import destination_path, see_destination

SOURCES_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_page(can_write, read_rule=can_write)
def install(request: HttpRequest, workspace: Workspace, app_slug: str) -> HttpResponse:
    app = _app(request, workspace, app_slug)
    if request.POST.get("act") == "add-source":
        return _add_source(request, workspace, app)
    if "source" in request.GET:
        source = get_object_or_404(Source.objects.filter(workspace=workspace), slug=request.GET["source"])
        source.workspace = workspace
        return _settings(request, source, app)
    if request.method == "POST":
        return see_other(request, request.path)
    if request.GET.get("step") == "source":
        return _choose(request, workspace, app, SourceForm(initial={"name": "Website"}))
    return render(request, "workspaces/install.html", _about(workspace, app, 1))


def _app(request: HttpRequest, workspace: Workspace, slug: str) -> App:
    """What must not be known answers like what does not exist (T21)."""
    related = ("company", "listing", "live_version", "entry")
    app = App.objects.select_related(*related).filter(slug=slug, deleted_at__isnull=True).first()
    if app is None or not can_install(request.user, workspace, app):
        raise Http404
    return app


def _about(workspace: Workspace, app: App, step: int, **more: Any) -> dict[str, Any]:
    installed = what_is_installed(app, workspace)
    there = app.destinations.filter(source__workspace=workspace).select_related("source").order_by("source__name")
    context = {"app": app, "card": card_of(app, installed), "installed": installed, "step": step, "there": list(there)}
    return {**context, **more}


def _choose(request: HttpRequest, workspace: Workspace, app: App, form: SourceForm, status: int = 200) -> HttpResponse:
    """“Confirm source”: one that has not got this App yet, or a new one."""
    context = _about(workspace, app, 2, source_form=form, form=form if form.is_bound else None)
    taken = {destination.source_id for destination in context["there"]}
    context["free"] = [source for source in workspace.sources.all()[:SOURCES_SHOWN] if source.pk not in taken]
    return render(request, "workspaces/install_source.html", context, status=status)


def _add_source(request: HttpRequest, workspace: Workspace, app: App) -> HttpResponse:
    form = SourceForm(request.POST)
    if form.is_valid():
        try:
            source = lifecycle.add_source(person(request), workspace, **form.cleaned_data, once=True)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return see_other(request, f"{request.path}?source={source.slug}", f"The source {source.name} is ready.")
    return _choose(request, workspace, app, form, 422)


def _told(app: App, source: Source, on: bool, *, by_pull: bool) -> str:
    if not on:
        return f"{app.name} is configured, and off."
    return (
        f"{app.name} is switched on for {source.name}." if by_pull else f"{app.name} gets the events of {source.name}."
    )


def _settings(request: HttpRequest, source: Source, app: App) -> HttpResponse:
    """The settings form; sent, the destination, switched on unless somebody only wanted to save."""
    there = app.destinations.filter(source=source).select_related("source__workspace", "app").first()
    if there is not None:
        return see_other(request, destination_path(there))
    context = _about(source.workspace, app, 3, source=source)
    form = SettingsForm(request.POST if request.method == "POST" else None, installed=context["installed"])
    if form.is_bound and form.is_valid():
        on = request.POST.get("enable") == "yes"
        made = lifecycle.install(person(request), source, app, form.values(), enable=on)
        return see_destination(request, made, _told(app, source, on, by_pull=context["installed"].is_by_pull))
    context["form"] = form
    context["action"] = f"{reverse('workspace-install', args=[source.workspace.slug, app.slug])}?source={source.slug}"
    return render(request, "workspaces/install_settings.html", context, status=422 if form.is_bound else 200)
