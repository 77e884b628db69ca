"""Who may do what in a workspace. Whether it exists for somebody at all is `Workspace.objects.visible_to`.

Staff have no business in a workspace that they are no member of. `SYSTEM` (commands, sweeps) may do what an
owner may do.
"""

from typing import Any

from audit.recording import System
from workspaces.models import Workspace, WorkspaceMember
from workspaces.states import WRITERS, WorkspaceRole


def role_in(user: Any, workspace: Workspace) -> WorkspaceRole | None:
    """The role of `user` in `workspace`; None for everybody else."""
    if not user.is_authenticated:
        return None
    role = WorkspaceMember.objects.filter(workspace=workspace, user_id=user.pk).values_list("role", flat=True).first()
    return WorkspaceRole(role) if role else None


def can_write(user: Any, workspace: Workspace) -> bool:
    """Owners and members: sources, destinations, events to send (D33)."""
    return isinstance(user, System) or role_in(user, workspace) in WRITERS


def can_own(user: Any, workspace: Workspace) -> bool:
    """Owners: people, invitations, the name, removing sources."""
    return isinstance(user, System) or role_in(user, workspace) == WorkspaceRole.OWNER


def can_see(user: Any, workspace: Workspace) -> bool:
    """Every member."""
    return role_in(user, workspace) is not None
