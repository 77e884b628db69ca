"""A source or a workspace made on the consent page: the request goes on with it chosen."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect

from installs.consent_forms import NewWorkspaceForm
from installs.views.consent_page import Page
from workspaces import lifecycle
from workspaces.models import Source, Workspace


def make_source(page: Page) -> HttpResponse:
    """303 back to the request with the new source chosen, or 422."""
    form = page.source_form(page.request.POST)
    if form is None:
        return page.show("None of your workspaces can take another source for this App.")
    if not form.is_valid():
        return page.show(form=form)
    try:
        made = lifecycle.add_source(page.user, form.chosen, form.cleaned_data["source"], once=True)
    except ValidationError as error:
        form.add_error("source", error)
        return page.show(form=form)
    except PermissionDenied:
        return page.again("You are no owner of this workspace any more.")
    return _go_on(page, form.chosen, made)


def make_workspace(page: Page) -> HttpResponse:
    """303 back to the request with the new workspace, or its first source, chosen; or 422."""
    form = page.workspace_form(page.request.POST)
    if not form.is_valid():
        return page.show(form=form)
    try:
        workspace, source = _make(page, form)
    except ValidationError as error:
        form.add_error("name", error)
        return page.show(form=form)
    return _go_on(page, workspace, source)


@transaction.atomic
def _make(page: Page, form: NewWorkspaceForm) -> tuple[Workspace, Source | None]:
    """Both or none. A second click finds what the first one made."""
    asked = form.cleaned_data
    workspace = lifecycle.create(page.user, asked["name"], asked["region"], once=True)
    source = lifecycle.add_source(page.user, workspace, asked["source"], once=True) if "source" in asked else None
    return workspace, source


def _go_on(page: Page, workspace: Workspace, source: Source | None) -> HttpResponse:
    place = f"{workspace.slug}/{source.slug}" if source else workspace.slug
    return HttpResponseRedirect(page.path_with(place), status=303)
