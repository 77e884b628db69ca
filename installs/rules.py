"""Who may do what with a client. Existence is that of its App: `App.objects.visible_to`."""

from typing import Any

from accounts.rules import is_reviewer
from apps_catalog.rules import can_edit_app
from audit.recording import System
from installs.models import Client
from installs.states import PART_OF, ScopeKind, ScopeRequestState
from partners.rules import role_of


def can_edit_client(actor: Any, client: Client) -> bool:
    """Owners and developers of the App's company."""
    return can_edit_app(actor, client.app)


def can_decide_scope(actor: Any, client: Client) -> bool:
    """Reviewers, but nobody for a company that they belong to."""
    if isinstance(actor, System):
        return True
    return is_reviewer(actor) and role_of(actor, client.app.company) is None


def allowed_scopes(client: Client) -> set[str]:
    """The kinds of scope that this client may be set to: its own destination, and what staff granted (D44)."""
    granted = client.scope_requests.filter(state=ScopeRequestState.GRANTED).values_list("scope_kind", flat=True)
    return {str(ScopeKind.DESTINATION)}.union(*(map(str, PART_OF[kind]) for kind in granted))
