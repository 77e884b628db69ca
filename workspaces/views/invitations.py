"""Answering an invitation to a workspace, by its link or from the list of one's own."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import offers
from accounts.visitor import person
from workspaces import membership
from workspaces.models import WorkspaceInvitation
from workspaces.rules import can_see
from workspaces.views.answers import refused, see_workspace


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link. Visitors log in or sign up first and come back; only the invited may join."""
    rows = WorkspaceInvitation.objects.select_related("workspace", "invited_by")
    invitation = get_object_or_404(rows, token_hash=offers.token_hash(token))
    if request.method != "POST":
        return _show(request, invitation)
    if not request.user.is_authenticated:
        return HttpResponseRedirect(_entrance(request, "account_login"), status=303)
    return _join(request, invitation)


@login_required
@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """The same without the link, for an invitation to one's own address."""
    return _join(request, get_object_or_404(membership.invitations_for(person(request)), pk=pk))


def _join(request: HttpRequest, invitation: WorkspaceInvitation) -> HttpResponse:
    try:
        membership.accept_invitation(invitation, person(request))
    except PermissionDenied:
        return _show(request, invitation, status=403)
    except ValidationError as error:
        return refused(request, reverse("workspace-list"), error)
    return see_workspace(request, invitation.workspace, f"Welcome to {invitation.workspace.name}.")


def _show(request: HttpRequest, invitation: WorkspaceInvitation, *, status: int = 200) -> HttpResponse:
    """Also says why an old link does not work (410) and why another address cannot use it."""
    user = request.user
    context = {
        "invitation": invitation,
        "workspace": invitation.workspace,
        "is_invited": user.is_authenticated and membership.is_for(invitation, user),
        "is_member": can_see(user, invitation.workspace),
        "next": request.path,
        "login_url": _entrance(request, "account_login"),
        "signup_url": _entrance(request, "account_signup"),
    }
    if not invitation.is_open and status == 200:
        status = 410
    return render(request, "workspaces/invitation.html", context, status=status)


def _entrance(request: HttpRequest, name: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': request.path})}"
