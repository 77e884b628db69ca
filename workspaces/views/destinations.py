"""…/destinations/<app>/: the settings of an App on a source, switching it, taking it away."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.visitor import person
from apps_catalog.drafting import StaleDraft
from workspaces import lifecycle
from workspaces.card import card_of
from workspaces.installing import what_is_installed
from workspaces.models import Destination
from workspaces.page import destination_page
from workspaces.rules import can_write
from workspaces.settings_form import SettingsForm
from workspaces.views.answers import destination_path, refused, see_destination, see_source


@require_http_methods(["GET", "HEAD", "POST"])
@destination_page(can_write)
def detail(request: HttpRequest, destination: Destination) -> HttpResponse:
    """The settings; sent, 303, 422 with what was typed, or 409 with both versions."""
    form = _form(request, destination)
    if not form.is_bound:
        return _show(request, destination, form, 200)
    if not form.is_valid():
        return _show(request, destination, form, 422)
    try:
        changed = lifecycle.save_values(person(request), destination, form.values(), revision=form.revision)
    except ValidationError as error:
        form.add_error(None, error)
        return _show(request, destination, form, 422)
    except StaleDraft as stale:
        form.decide_about(stale.row.revision)  # type: ignore[attr-defined]
        return _show(request, destination, form, 409, differences=form.differences(stale.row))  # type: ignore[arg-type]
    text = "Saved. Events get these settings now." if changed else "Nothing changed."
    return see_destination(request, destination, text)


def _form(request: HttpRequest, destination: Destination) -> SettingsForm:
    return SettingsForm(
        request.POST if request.method == "POST" else None,
        installed=what_is_installed(destination.app, destination.source.workspace),
        saved=destination.open_values(),
        revision=destination.revision,
    )


def _show(request: HttpRequest, destination: Destination, form: SettingsForm, status: int, **more: Any) -> HttpResponse:
    installed = what_is_installed(destination.app, destination.source.workspace)
    context = {
        "destination": destination,
        "card": card_of(destination.app, installed),
        "installed": installed,
        "missing": installed.missing(destination.open_values()),
        "form": form,
        "saved_url": destination_path(destination),
        **more,
    }
    return render(request, "workspaces/destination.html", context, status=status)


@require_POST
@destination_page(can_write)
def switch(request: HttpRequest, destination: Destination) -> HttpResponse:
    """`on` is “yes” or “no”."""
    on = request.POST.get("on") == "yes"
    try:
        lifecycle.set_enabled(person(request), destination, on)
    except ValidationError as error:
        return refused(request, destination_path(destination), error)
    name, source = destination.app.name, destination.source.name
    text = f"{name} gets the events of {source}." if on else f"{name} gets no more events."
    return see_destination(request, destination, text)


@require_POST
@destination_page(can_write)
def remove(request: HttpRequest, destination: Destination) -> HttpResponse:
    lifecycle.remove_destination(person(request), destination)
    return see_source(request, destination.source, f"{destination.app.name} is removed from this source.")
