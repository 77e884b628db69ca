"""The verbs that make and name workspaces."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.recording import System, record
from workspaces import rules
from workspaces.models import Workspace, WorkspaceMember
from workspaces.naming import free_slug, read_name
from workspaces.states import Region, WorkspaceRole

Actor = User | System
Row = TypeVar("Row")
# A budget for one person (T34).
OWNED_WORKSPACES = 20
# Within this time the same wish is taken for a second click.
SECOND_CLICK = timedelta(minutes=1)
_TRIES = 5


@transaction.atomic
def create(actor: User, name: str, region: str = Region.US, *, once: bool = False) -> Workspace:
    """A new workspace that `actor` owns. The region never changes (D39). Raises ValidationError.

    `once`: the same asked again within a minute is a second click, and gives back what the first one made.
    """
    clean = read_name(name)
    if region not in Region.values:
        raise ValidationError("Choose a region.", code="region")
    User.objects.select_for_update().get(pk=actor.pk)
    if once and (made := _made_just_now(actor, clean, region)):
        return made
    owned = WorkspaceMember.objects.filter(user=actor, role=WorkspaceRole.OWNER)
    if owned.count() >= OWNED_WORKSPACES:
        raise ValidationError(
            f"You own {OWNED_WORKSPACES} workspaces, which is the most there can be. Use one that you have.",
            code="budget",
        )
    return with_free_slug(lambda: _make(actor, clean, region))


def _made_just_now(actor: User, name: str, region: str) -> Workspace | None:
    mine = Workspace.objects.filter(memberships__user=actor, memberships__role=WorkspaceRole.OWNER)
    return mine.filter(name=name, region=region, created_at__gt=timezone.now() - SECOND_CLICK).first()


def personal(user: User) -> Workspace:
    """The sandbox of `user`, made when it is first needed (S17). Twice is once, also at the same moment."""

    def find_or_make() -> Workspace:
        found = Workspace.objects.filter(personal_of=user).first()
        return found or _make(user, _name_for(user), Region.US, personal_of=user)

    return with_free_slug(find_or_make)


@transaction.atomic
def rename(actor: Actor, workspace: Workspace, name: str) -> bool:
    """Another name for the same address; False when it is the name already."""
    if not rules.can_own(actor, workspace):
        raise PermissionDenied
    clean = read_name(name)
    changed = Workspace.objects.filter(pk=workspace.pk).exclude(name=clean).update(name=clean)
    if changed:
        workspace.name = clean
        record(actor, "workspace.renamed", workspace, chain=workspace.chain)
    return bool(changed)


def with_free_slug(make: Callable[[], Row]) -> Row:
    """Run `make` again when somebody took its slug at the same moment."""
    for _ in range(_TRIES - 1):
        try:
            with transaction.atomic():
                return make()
        except IntegrityError:
            continue
    with transaction.atomic():
        return make()


def _make(actor: User, name: str, region: str, personal_of: User | None = None) -> Workspace:
    slug = free_slug(name, Workspace.objects.all(), "workspace")
    workspace = Workspace.objects.create(name=name, slug=slug, region=region, personal_of=personal_of)
    WorkspaceMember.objects.create(workspace=workspace, user=actor, role=WorkspaceRole.OWNER)
    record(actor, "workspace.created", workspace, chain=workspace.chain, region=region)
    return workspace


def _name_for(user: User) -> str:
    try:
        return read_name(f"{user.display_name[:40]}’s workspace")
    except ValidationError:
        return "My workspace"
