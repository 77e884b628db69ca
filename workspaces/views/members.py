"""/w/<ws>/members/: who belongs to a workspace, and who is invited."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import offers
from accounts.undo import say_with_undo
from accounts.visitor import person
from apps_catalog.console import see_other
from workspaces import membership
from workspaces.forms import InviteForm, RoleForm
from workspaces.models import Workspace, WorkspaceInvitation, WorkspaceMember
from workspaces.page import place_of, workspace_page
from workspaces.rules import can_own, can_see
from workspaces.states import WorkspaceRole
from workspaces.views.answers import refused, see_workspace

PAGE_SIZE = 25
INVITATIONS_SHOWN = offers.OPEN_INVITATIONS + offers.DAILY_INVITATIONS


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_page(can_own)
def page(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """The people; sent, an invitation."""
    if request.method != "POST":
        return _show(request, workspace, InviteForm(), 200)
    form = InviteForm(request.POST)
    if form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            membership.invite(workspace, person(request), email, role)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _see(request, workspace, f"The invitation to {email} is on its way.")
    return _show(request, workspace, form, 422)


def _show(request: HttpRequest, workspace: Workspace, form: InviteForm, status: int) -> HttpResponse:
    members = workspace.memberships.select_related("user")
    context: dict[str, Any] = {
        "page_obj": Paginator(members, PAGE_SIZE).get_page(request.GET.get("page")),
        "roles": WorkspaceRole.choices,
        "is_last_owner": workspace.memberships.filter(role=WorkspaceRole.OWNER).count() == 1,
        "form": form,
        "invitation_days": offers.INVITATION_DAYS,
    }
    if place_of(request).may_own:
        context["invitations"] = list(membership.waiting(workspace)[:INVITATIONS_SHOWN])
        context["revoked"] = membership.revoked_lately(workspace)
    return render(request, "workspaces/members.html", context, status=status)


@require_POST
@workspace_page(can_own)
def change_role(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    member = _member(workspace, pk)
    form = RoleForm(request.POST)
    role = form.cleaned_data["role"] if form.is_valid() else ""
    try:
        membership.change_role(member, person(request), role)
    except ValidationError as error:
        return refused(request, _path(workspace), error)
    return _see(request, workspace, f"{member.user.display_name} is {WorkspaceRole(role).label} now.")


@require_POST
@workspace_page(can_own)
def remove(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    member = _member(workspace, pk)
    try:
        membership.remove_member(member, person(request))
    except ValidationError as error:
        return refused(request, _path(workspace), error)
    text = f"{member.user.display_name} is no longer a member."
    if member.user_id == person(request).pk:
        return see_other(request, reverse("workspace-list"), text)
    return _see(request, workspace, text)


@require_POST
@workspace_page(can_see)
def leave(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    try:
        membership.leave(workspace, person(request))
    except ValidationError as error:
        return refused(request, _path(workspace), error)
    return see_other(request, reverse("workspace-list"), f"You have left {workspace.name}.")


@require_POST
@workspace_page(can_own)
def resend(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    invitation = _invitation(workspace, pk)
    try:
        membership.resend_invitation(invitation, person(request))
    except ValidationError as error:
        return refused(request, _path(workspace), error)
    return _see(request, workspace, f"A new link is on its way to {invitation.email}; the old one no longer works.")


@require_POST
@workspace_page(can_own)
def revoke(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    invitation = _invitation(workspace, pk)
    if not membership.revoke_invitation(invitation, person(request)):
        return _see(request, workspace, "The invitation was no longer open.")
    undo = reverse("workspace-invitation-restore", args=[workspace.slug, pk])
    say_with_undo(request, f"The invitation to {invitation.email} is revoked.", undo)
    return _see(request, workspace)


@require_POST
@workspace_page(can_own)
def restore(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Undo `revoke`, within a day."""
    invitation = _invitation(workspace, pk)
    try:
        membership.restore_invitation(invitation, person(request))
    except ValidationError as error:
        return refused(request, _path(workspace), error)
    return _see(request, workspace, f"{invitation.email} is invited again, with a new link.")


def _path(workspace: Workspace) -> str:
    return reverse("workspace-members", args=[workspace.slug])


def _see(request: HttpRequest, workspace: Workspace, text: str = "") -> HttpResponse:
    return see_workspace(request, workspace, text, page="workspace-members")


def _member(workspace: Workspace, pk: int) -> WorkspaceMember:
    return get_object_or_404(workspace.memberships.select_related("user", "workspace"), pk=pk)


def _invitation(workspace: Workspace, pk: int) -> WorkspaceInvitation:
    return get_object_or_404(workspace.invitations.select_related("workspace"), pk=pk)
