"""Clients, installs and tokens of "Enable with Segment" (D41 to D44)."""

from installs.models.clients import MOST_REDIRECT_URIS, MOST_SECRETS, Client, ClientSecret, ScopeRequest
from installs.models.installs import Install
from installs.models.tokens import AccessToken, Grant, RefreshToken
from installs.models.trials import FlowTrial

__all__ = [
    "MOST_REDIRECT_URIS",
    "MOST_SECRETS",
    "AccessToken",
    "Client",
    "ClientSecret",
    "FlowTrial",
    "Grant",
    "Install",
    "RefreshToken",
    "ScopeRequest",
]
