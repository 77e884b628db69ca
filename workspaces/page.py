"""What every page of a workspace has in common: whose it is, which source, which destination, and who may act."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache

from workspaces.models import Destination, Source, Workspace
from workspaces.rules import role_in
from workspaces.states import WRITERS, WorkspaceRole

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
Rule = Callable[[Any, Workspace], bool]
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is. Templates find it as `request.place`; workspace_base.html makes tabs and title of it."""

    workspace: Workspace
    role: WorkspaceRole
    source: Source | None = None
    destination: Destination | None = None

    @property
    def may_write(self) -> bool:
        return self.role in WRITERS

    @property
    def may_own(self) -> bool:
        return self.role == WorkspaceRole.OWNER


def place_of(request: HttpRequest) -> Place:
    """The place of a page behind one of the decorators below."""
    return cast(Place, request.place)  # type: ignore[attr-defined]


def workspace_page(rule: Rule | None = None, *, read_rule: Rule | None = None) -> Callable[[View], View]:
    """For views `(request, workspace, …)` below /w/<ws>/.

    Signed in, or to the log-in; a workspace that does not exist for this person is a 404. `rule` is asked for
    methods that change something (none given: nobody may), `read_rule` for the others (none given: every member);
    a no is a 403.
    """

    def find(request: HttpRequest, kwargs: dict[str, Any]) -> tuple[Workspace, dict[str, Any]]:
        return _workspace(request, kwargs), {}

    return _page(find, rule, read_rule)


def source_page(rule: Rule | None = None, *, read_rule: Rule | None = None) -> Callable[[View], View]:
    """The same for views `(request, source, …)` below /w/<ws>/sources/<source>/. `source.workspace` is loaded."""

    def find(request: HttpRequest, kwargs: dict[str, Any]) -> tuple[Source, dict[str, Any]]:
        source = _source(request, kwargs)
        return source, {"source": source}

    return _page(find, rule, read_rule)


def destination_page(rule: Rule | None = None, *, read_rule: Rule | None = None) -> Callable[[View], View]:
    """The same for views `(request, destination, …)` below …/destinations/<app_slug>/.

    `destination.source.workspace`, `destination.app` and its company, listing and live version are loaded.
    """

    def find(request: HttpRequest, kwargs: dict[str, Any]) -> tuple[Destination, dict[str, Any]]:
        source = _source(request, kwargs)
        rows = source.destinations.select_related("app__company", "app__live_version", "app__listing")
        destination = get_object_or_404(rows, app__slug=kwargs.pop("app_slug"))
        destination.source = source
        return destination, {"source": source, "destination": destination}

    return _page(find, rule, read_rule)


def _page(find: Callable[..., tuple[Any, dict[str, Any]]], rule: Rule | None, read_rule: Rule | None) -> Any:
    def decorate(view: View) -> View:
        @never_cache
        @login_required
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            row, found = find(request, kwargs)
            workspace = row if isinstance(row, Workspace) else found["source"].workspace
            if not _may(request, workspace, rule, read_rule):
                raise PermissionDenied
            role = role_in(request.user, workspace)
            request.place = Place(workspace, cast(WorkspaceRole, role), **found)  # type: ignore[attr-defined]
            return view(request, row, *args, **kwargs)

        return page

    return decorate


def _workspace(request: HttpRequest, kwargs: dict[str, Any]) -> Workspace:
    return get_object_or_404(Workspace.objects.visible_to(request.user), slug=kwargs.pop("ws"))


def _source(request: HttpRequest, kwargs: dict[str, Any]) -> Source:
    workspace = _workspace(request, kwargs)
    source = get_object_or_404(Source.objects.filter(workspace=workspace), slug=kwargs.pop("source"))
    source.workspace = workspace
    return source


def _may(request: HttpRequest, workspace: Workspace, rule: Rule | None, read_rule: Rule | None) -> bool:
    if request.method in SAFE_METHODS:
        return read_rule is None or read_rule(request.user, workspace)
    return rule is not None and rule(request.user, workspace)
