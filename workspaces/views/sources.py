"""/w/<ws>/sources/: a new source, and the page of one with its keys, sample code and destinations."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.visitor import person
from apps_catalog.console import see_other
from workspaces import lifecycle, samples
from workspaces.forms import RotateForm, SourceForm
from workspaces.models import Source, Workspace
from workspaces.page import source_page, workspace_page
from workspaces.rules import can_own, can_write
from workspaces.views.answers import see_source

PAGE_SIZE = 25
# Old keys beyond these have long stopped working.
KEYS_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_page(can_write, read_rule=can_write)
def new(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    form = SourceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = lifecycle.add_source(person(request), workspace, **form.cleaned_data, once=True)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return see_source(request, made, f"The source {made.name} is ready. Its write key is below.")
    return render(request, "workspaces/source_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@source_page()
def detail(request: HttpRequest, source: Source) -> HttpResponse:
    return _show(request, source)


@require_POST
@source_page(can_write)
def edit(request: HttpRequest, source: Source) -> HttpResponse:
    form = SourceForm(request.POST)
    if not form.is_valid():
        return _show(request, source, form, 422)
    lifecycle.rename_source(person(request), source, **form.cleaned_data)
    return see_source(request, source, "Saved.")


@require_POST
@source_page(can_write)
def switch(request: HttpRequest, source: Source) -> HttpResponse:
    """`on` is “yes” or “no”."""
    on = request.POST.get("on") == "yes"
    lifecycle.set_source_enabled(person(request), source, on)
    text = "The source takes events again." if on else "The source is off: it takes no events."
    return see_source(request, source, text)


@require_POST
@source_page(can_own)
def remove(request: HttpRequest, source: Source) -> HttpResponse:
    lifecycle.remove_source(person(request), source)
    return see_other(request, reverse("workspace-home", args=[source.workspace.slug]), f"{source.name} is removed.")


def _show(request: HttpRequest, source: Source, form: SourceForm | None = None, status: int = 200) -> HttpResponse:
    keys = list(source.write_keys.all()[:KEYS_SHOWN])
    newest = keys[0] if keys else None
    usable = next((key for key in keys if key.is_usable and key.expires_at is None), None)
    usable = usable or next((key for key in keys if key.is_usable), None)
    destinations = source.destinations.select_related("app__listing").order_by("app__name")
    context = {
        "keys": keys,
        "has_usable_key": usable is not None,
        "samples": samples.samples_for(
            source, usable.key if usable else "", settings.TRACKING_URL or settings.SITE_URL
        ),
        "rotate_form": RotateForm(initial={"key": newest.pk if newest else None}),
        "edit_form": form or SourceForm(initial={"name": source.name, "library": source.library}),
        "form": form,
        "page_obj": Paginator(destinations, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "workspaces/source.html", context, status=status)
