"""How this package's views answer after a POST."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from apps_catalog.console import see_other as see_path
from workspaces.models import Destination, Source, Workspace


def see_workspace(
    request: HttpRequest, workspace: Workspace, text: str = "", page: str = "workspace-home"
) -> HttpResponse:
    return see_path(request, reverse(page, args=[workspace.slug]), text)


def source_path(source: Source) -> str:
    """`source.workspace` is loaded."""
    return reverse("source-detail", args=[source.workspace.slug, source.slug])


def see_source(request: HttpRequest, source: Source, text: str = "") -> HttpResponse:
    return see_path(request, source_path(source), text)


def destination_path(destination: Destination) -> str:
    """`destination.source.workspace` and `destination.app` are loaded."""
    source = destination.source
    return reverse("destination-detail", args=[source.workspace.slug, source.slug, destination.app.slug])


def see_destination(request: HttpRequest, destination: Destination, text: str = "") -> HttpResponse:
    return see_path(request, destination_path(destination), text)


def refused(request: HttpRequest, path: str, error: ValidationError) -> HttpResponse:
    """Back to the page, with what the verb had against it."""
    for sentence in error.messages:
        messages.error(request, sentence)
    return HttpResponseRedirect(path, status=303)
