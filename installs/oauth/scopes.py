"""Which scopes a client may ask for: the one that is set on it, no other (D44)."""

from typing import Any

from oauth2_provider.scopes import BaseScopes

from installs.states import ScopeKind


class ClientScopes(BaseScopes):
    def get_all_scopes(self) -> dict[str, str]:
        return dict(ScopeKind.choices)

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return [application.scope] if application else []

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        """None: the scope has to be in the request too, and the same."""
        return []
