"""The scopes as the console offers them: in plain words, and whether this client may be set to each (D44)."""

from dataclasses import dataclass

from installs.models import Client
from installs.models.clients import scope_text
from installs.states import ScopeKind

_WORDS = {
    ScopeKind.DESTINATION: (
        "Its own destination",
        "Set up your App on the one source that the customer chooses. Enough for Enable with Segment.",
    ),
    ScopeKind.WORKSPACE_READ: (
        "Read a whole workspace",
        "See the workspace’s sources with their write keys, and which Apps are set up on them. Change nothing.",
    ),
    ScopeKind.WORKSPACE: (
        "Read and change a whole workspace",
        "Also add, change and remove sources, and set up any App on them.",
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """`scope` is what a request has to ask for; `is_allowed`: the client may be set to it without asking."""

    kind: str
    scope: str
    title: str
    text: str
    is_set: bool
    is_allowed: bool

    @property
    def id(self) -> str:
        return f"scope-{self.kind.replace(':', '-')}"


def choices_of(client: Client, allowed: set[str]) -> list[Choice]:
    """All three, the narrowest first."""
    return [
        Choice(kind, scope_text(kind, client.app), title, text, kind == client.scope_kind, kind in allowed)
        for kind, (title, text) in _WORDS.items()
    ]
