"""What the leaving of a person means here (accounts.leaving.Part)."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from audit.recording import SYSTEM, record
from workspaces import lifecycle
from workspaces.models import Workspace, WorkspaceInvitation
from workspaces.states import WorkspaceRole


def obstacles_of(user: User) -> list[str]:
    """Workspaces that would be left without an owner while others work in them."""
    return [
        f"You are the only owner of the workspace {workspace.name}, and others work in it. "
        "Make one of them an owner, or remove them first."
        for workspace in _only_owned_by(user).filter(people__gt=1)
    ]


def data_of(user: User) -> dict[str, Any]:
    """What this package holds about one person. Events and settings belong to the workspace."""
    memberships = user.workspace_memberships.select_related("workspace").prefetch_related("workspace__sources")
    invitations = WorkspaceInvitation.objects.filter(email__iexact=user.email).select_related("workspace")
    return {
        "memberships": [
            {
                "workspace": member.workspace.name,
                "slug": member.workspace.slug,
                "region": member.workspace.region,
                "role": member.role,
                "joined_at": member.joined_at.isoformat(),
                "is_personal": member.workspace.personal_of_id == user.pk,
                "sources": [source.name for source in member.workspace.sources.all()],
            }
            for member in memberships
        ],
        "invitations": [
            {"workspace": one.workspace.name, "role": one.role, "created_at": one.created_at.isoformat()}
            for one in invitations
        ],
    }


def forget(user: User) -> None:
    """Invitations to the person's address, and the workspaces in which nobody else is."""
    WorkspaceInvitation.objects.filter(email__iexact=user.email).delete()
    for workspace in _only_owned_by(user).filter(people=1):
        _close(workspace)


def _only_owned_by(user: User) -> QuerySet[Any]:
    """With `people`, the number of members."""
    owners = Count("memberships", filter=Q(memberships__role=WorkspaceRole.OWNER))
    own = Workspace.objects.filter(memberships__user=user, memberships__role=WorkspaceRole.OWNER).values("pk")
    return Workspace.objects.filter(pk__in=own).annotate(owners=owners, people=Count("memberships")).filter(owners=1)


def _close(workspace: Workspace) -> None:
    """Nothing comes in or goes out any more, and its name is forgotten; the purge takes the rest."""
    for source in workspace.sources.all():
        lifecycle.remove_source(SYSTEM, source)
    workspace.invitations.all().delete()
    Workspace.objects.filter(pk=workspace.pk).update(
        name="Removed workspace", slug=f"removed~{workspace.pk}", personal_of=None
    )
    record(SYSTEM, "workspace.closed", workspace, chain=workspace.chain)
