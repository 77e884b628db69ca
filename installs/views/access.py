"""/w/<ws>/access/: the Apps that were let in with "Enable with Segment", and ending that."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from accounts.visitor import person
from installs import access, lifecycle
from installs.models import Install
from installs.states import EndReason
from workspaces.models import Workspace
from workspaces.page import workspace_page
from workspaces.rules import can_own
from workspaces.views.answers import see_workspace

PAGE_SIZE = 25


@require_safe
@workspace_page()
def page(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Every member sees who has access; owners end it."""
    page_obj = Paginator(access.of(workspace), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page_obj, "rows": access.rows_of(list(page_obj))}
    return render(request, "installs/access.html", context)


@require_POST
@workspace_page(can_own)
def end(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    install = get_object_or_404(access.of(workspace), pk=pk)
    install.workspace = workspace
    text = _end(request, install)
    return see_workspace(request, workspace, text, "workspace-access")


def _end(request: HttpRequest, install: Install) -> str:
    name = install.client.app.name
    if lifecycle.end(install, person(request), EndReason.CUSTOMER):
        return f"{name} has no access any more."
    return f"The access of {name} had ended before."
