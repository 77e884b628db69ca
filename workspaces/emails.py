"""The mails about a workspace's people. Called by verbs, inside their transaction."""

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from notifications import outbox
from workspaces.models import WorkspaceInvitation


def invitation(invitation: WorkspaceInvitation, token: str, invitee: User | None) -> None:
    """The only place where the token of an invitation appears in the clear."""
    workspace = invitation.workspace
    outbox.queue(
        "workspace_invitation",
        invitee or invitation.email,
        "workspace_invitation",
        {"invitation": invitation, "workspace": workspace, "inviter": invitation.invited_by,
         "accept_url": settings.SITE_URL.rstrip("/") + reverse("workspace-invitation", args=[token])},
        notice=f"You are invited to the workspace {workspace.name}.",
        # A notice is kept in the clear, so it leads to the list of one's invitations.
        url=reverse("workspace-list"),
        case=f"workspace:{workspace.pk}",
        dedupe_key=f"workspace-invitation:{invitation.pk}:sent",
        secret=True,
    )  # fmt: skip


def drop_invitation(invitation: WorkspaceInvitation) -> None:
    """Take its mail back if it still waits."""
    outbox.drop(f"workspace-invitation:{invitation.pk}:")
