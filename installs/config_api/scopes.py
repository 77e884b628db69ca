"""What an install may touch (D44): the only way from names in an address to rows.

Whatever lies beyond what the customer consented to is “insufficient scope”, whether it exists or not, and before
anything is looked up.
"""

from django.db.models import QuerySet

from installs.config_api import errors
from installs.models import Install
from installs.states import WIDE, ScopeKind
from workspaces.models import Source, Workspace


def require_wide(install: Install) -> None:
    """A scope over the whole workspace."""
    if install.scope_kind not in WIDE:
        raise errors.insufficient_scope()


def workspace_of(install: Install, name: str, *, changes: bool = False) -> Workspace:
    """The install's own workspace, if that is the one called `name` and the scope covers it."""
    require_wide(install)
    if name != install.workspace.slug or (changes and install.scope_kind != ScopeKind.WORKSPACE):
        raise errors.insufficient_scope()
    return install.workspace


def source_of(install: Install, workspace: str, name: str, *, changes: bool = False) -> Source:
    """A source of the install's workspace, under a scope that covers all of them."""
    place = workspace_of(install, workspace, changes=changes)
    source = place.sources.filter(slug=name).first()
    if source is None:
        raise errors.not_found("source")
    source.workspace = place
    return source


def check_parent(install: Install, workspace: str, source: str) -> None:
    """Whether a destination may be made on this source at all; which one is for `source_for` to say."""
    if install.scope_kind != ScopeKind.DESTINATION:
        source_of(install, workspace, source, changes=True)
    elif install.source is None or (workspace, source) != (install.workspace.slug, install.source.slug):
        raise errors.insufficient_scope()


def source_for(install: Install, workspace: str, source: str, destination: str, *, changes: bool = False) -> Source:
    """The source on which the install may touch the destination called `destination`.

    Under the destination scope that is its own App on the source that was consented to, and nothing else.
    """
    if install.scope_kind != ScopeKind.DESTINATION:
        return source_of(install, workspace, source, changes=changes)
    own = install.source
    asked = (workspace, source, destination)
    if own is None or asked != (install.workspace.slug, own.slug, install.client.app.slug):
        raise errors.insufficient_scope()
    own.workspace = install.workspace
    return own


def catalog_of(install: Install, destination: str) -> Install:
    """The install, when it may read the catalog's entry called `destination`: of others only under a wide scope."""
    if install.scope_kind == ScopeKind.DESTINATION and destination != install.client.app.slug:
        raise errors.insufficient_scope()
    return install


def workspaces_of(install: Install) -> QuerySet[Workspace]:
    """The workspaces that a wide scope can see: its own one."""
    require_wide(install)
    return Workspace.objects.filter(pk=install.workspace_id)
