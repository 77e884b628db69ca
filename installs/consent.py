"""Where a person can let an App in, and the consent itself (D41, D43)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import User
from audit.recording import SYSTEM
from installs.lifecycle import end, hold_scope, propose
from installs.models import Client, Install
from installs.states import EndReason, InstallState, ScopeKind
from workspaces.models import Destination, Source, Workspace
from workspaces.states import WorkspaceRole

# As long as a code lives. Within this time the same consent given again is a second click, or the back button.
SECOND_CLICK = timedelta(seconds=60)
OTHERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Something to choose: a source or, for the wide scopes, a whole workspace.

    `has_app`: the App is set up on this source already, without this access.
    """

    workspace: Workspace
    source: Source | None
    is_free: bool
    has_app: bool = False

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.workspace.slug}/{self.source.slug}" if self.source else self.workspace.slug

    @property
    def name(self) -> str:
        return self.source.name if self.source else self.workspace.name


@dataclass(frozen=True, slots=True)
class Group:
    """A workspace with its places. `is_taken`: the App is active in it, and that is possible once (D43)."""

    workspace: Workspace
    places: list[Place]
    is_taken: bool

    @property
    def title_id(self) -> str:
        return f"workspace-{self.workspace.pk}"


@dataclass(frozen=True, slots=True)
class Places:
    """Every workspace that a person owns, with what can be chosen in it."""

    groups: list[Group]

    @property
    def free(self) -> list[Place]:
        return [place for group in self.groups for place in group.places if place.is_free]

    @property
    def are_all_taken(self) -> bool:
        return bool(self.groups) and all(group.is_taken for group in self.groups)

    def find(self, value: str) -> Place | None:
        """The place with this name that can be chosen."""
        return next((place for place in self.free if place.value == value), None)

    def taken(self, value: str) -> Workspace | None:
        """The workspace of the place with this name, when the App is active in it already."""
        taken = [group for group in self.groups if group.is_taken]
        return next((group.workspace for group in taken for place in group.places if place.value == value), None)


def wants_source(client: Client) -> bool:
    """Whether a source is chosen, or a whole workspace."""
    return client.scope_kind == ScopeKind.DESTINATION


def places_for(user: User, client: Client, *, is_trial: bool = False) -> Places:
    """What `user` can choose for `client`, in four queries. A trial stands beside an install."""
    owned = Workspace.objects.filter(memberships__user=user, memberships__role=WorkspaceRole.OWNER)
    workspaces = list(owned.prefetch_related(Prefetch("sources", queryset=Source.objects.order_by("name", "pk"))))
    active = Install.objects.active().real().filter(client=client, workspace__in=workspaces)
    standing = active.filter(source__removed_at__isnull=True).select_related("client", "source")
    taken = set() if is_trial else {each.workspace_id for each in standing if not each.is_over}
    there = Destination.objects.filter(app=client.app_id, source__workspace__in=workspaces)
    with_app = set(there.values_list("source_id", flat=True))
    return Places([_group(each, client, each.pk in taken, with_app) for each in workspaces])


def _group(workspace: Workspace, client: Client, is_taken: bool, with_app: Iterable[int]) -> Group:
    if not wants_source(client):
        return Group(workspace, [Place(workspace, None, not is_taken)], is_taken)
    sources = workspace.sources.all()
    return Group(workspace, [Place(workspace, each, not is_taken, each.pk in with_app) for each in sources], is_taken)


def workspaces_of_others(user: User) -> list[Workspace]:
    """Workspaces that `user` works in and does not own, so that they can ask an owner. A few of them."""
    others = [WorkspaceRole.MEMBER, WorkspaceRole.VIEWER]
    return list(Workspace.objects.filter(memberships__user=user, memberships__role__in=others)[:OTHERS_SHOWN])


@transaction.atomic
def give(
    actor: User, client: Client, workspace: Workspace, source: Source | None, *, is_trial: bool = False
) -> Install:
    """The consent of `actor`, whatever raises in `installs.lifecycle.propose`.

    Given again within a minute and not exchanged yet, it is the same install: of two clicks on Allow, whichever
    answer the browser follows, its code works.
    """
    era = hold_scope(client)
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    given = Install.objects.filter(
        client=client, workspace=workspace, source=source if wants_source(client) else None,
        scope_kind=client.scope_kind, scope_era=era, consented_by=actor, is_trial=is_trial,
        state=InstallState.PENDING, consented_at__gt=timezone.now() - SECOND_CLICK,
    ).first()  # fmt: skip
    return given or _propose(actor, client, workspace, source, is_trial)


def _propose(actor: User, client: Client, workspace: Workspace, source: Source | None, is_trial: bool) -> Install:
    """What is left of an install whose source was removed, or whose scope was taken back, stands in nobody's way."""
    active = Install.objects.active().filter(client=client, workspace=workspace)
    here = active.select_related("client__app", "workspace")
    for install in here.filter(source__removed_at__isnull=False).order_by("pk"):
        end(install, SYSTEM, EndReason.SOURCE)
    for install in here.lost().order_by("pk"):
        end(install, SYSTEM, EndReason.SCOPE)
    return propose(actor, client, workspace, source, is_trial=is_trial)
