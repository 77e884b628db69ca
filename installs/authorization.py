"""A request to /oauth2/auth as the toolkit reads it, and the addresses that it is answered with (D41).

Trouble
├─ Unsafe    the client or its redirect URI is not right: a page for the person, never a redirect (SECURITY T16)
└─ Refused   something else is wrong: the client is told at its redirect URI
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749 import errors

from installs import trial_redirect
from installs.models import Client, Install
from installs.oauth.credentials import client_of
from installs.oauth.server import InstallServer
from installs.oauth.validator import InstallValidator

HINTS = {
    "access_denied": "The person chose Deny, or could not choose a workspace. Offer the button again.",
    "invalid_request": "Compare the request with the sample code on the page “Enable with Segment” of your App.",
    "invalid_scope": "Ask for exactly the scope that is set on the page “Enable with Segment” of your App: {scope}",
    "unsupported_response_type": "Send response_type=code.",
    "unauthorized_client": "Send response_type=code.",
    "server_error": "Nothing was done. Try again in a moment.",
}
_LAPTOP = ("http://localhost:*", "http://127.0.0.1:*")
# Where the library says nothing beyond the name of the error.
_TEXTS = {
    "invalid_scope": "The scope is not the one that is set on the App.",
    "unauthorized_client": "The client may not ask for this response_type.",
}
# What of a client the pages behind a request show.
_SHOWN = ("app__company", "app__listing", "app__entry", "app__live_version")


class Trouble(Exception):
    """The request cannot be answered with a code."""


class Unsafe(Trouble):
    """`error` is the name of the protocol for it, `address` what was asked for as redirect URI."""

    def __init__(self, error: str, text: str, address: str = "") -> None:
        super().__init__(text)
        self.error, self.address = error, address


class Refused(Trouble):
    """`location`: the redirect URI with the error (D41). `is_reviewed`: Segment has looked at the App."""

    def __init__(self, location: str, *, is_reviewed: bool = True) -> None:
        super().__init__("refused")
        self.location, self.is_reviewed = location, is_reviewed


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is in order. `credentials` is what the toolkit wants back to make a code."""

    client: Client
    redirect_uri: str
    state: str
    scopes: list[str]
    credentials: dict[str, Any]

    @property
    def host(self) -> str:
        """Where the person goes on to, for people."""
        return urlsplit(self.redirect_uri).netloc

    @property
    def form_targets(self) -> list[str]:
        """Where the answer to the form may lead, as source expressions of `form-action`.

        Browsers hold every hop of it against the policy: the redirect URI, and wherever the client sends the person
        on to from there, which is https or, on the laptop of a developer, another port. An IPv6 address cannot be
        written in a policy, so its scheme stands for it.
        """
        parts = urlsplit(self.redirect_uri)
        own = f"{parts.scheme}:" if "[" in parts.netloc else f"{parts.scheme}://{parts.netloc}"
        return [own, "https:"] if parts.scheme == "https" else [own, "https:", *_LAPTOP]


def _core() -> OAuthLibCore:
    return OAuthLibCore(InstallServer(InstallValidator(), **oauth2_settings.server_kwargs))


def read(request: HttpRequest) -> Asked:
    """The request in the query, whatever a form sent besides. Raises Unsafe, Refused."""
    core = _core()
    try:
        uri, _, _, headers = core._extract_params(request)
        scopes, credentials = core.server.validate_authorization_request(uri, http_method="GET", headers=headers)
    except errors.FatalClientError as error:
        raise Unsafe(error.error, error.description or "", request.GET.get("redirect_uri", "")) from error
    except errors.OAuth2Error as error:
        raise _refused(request, error) from error
    except ValueError as error:  # a query that is no query
        raise Unsafe("invalid_request", "Unable to parse query string") from error
    credentials.pop("request", None)
    client = Client.objects.select_related(*_SHOWN).get(client_id=credentials["client_id"])
    return Asked(client, credentials["redirect_uri"], credentials.get("state") or "", scopes, credentials)


def _refused(request: HttpRequest, error: errors.OAuth2Error) -> Trouble:
    """Where the client hears of it; a page instead when there is no address that was looked at."""
    client, address = client_of(error.client_id or ""), error.redirect_uri or ""
    name = error.error or "invalid_request"
    text = error.description or _TEXTS.get(name, name)
    if client is None or not _is_known(client, address):
        return Unsafe(name, text)
    hint = HINTS.get(name, "").format(scope=client.scope)
    location = _answer(request, address, error.state or "", name, text, hint)
    return Refused(location, is_reviewed=client.app.live_version_id is not None)


def _is_known(client: Client, address: str) -> bool:
    """Asked once more before anybody is sent there: the last line against an open redirect (T16, T28)."""
    return client.redirect_uri_allowed(address) or trial_redirect.accepts(client, address)


def denied(request: HttpRequest, asked: Asked, hint: str = "") -> str:
    """The address that tells the client of a Deny."""
    text = "The resource owner or authorization server denied the request"
    return _answer(request, asked.redirect_uri, asked.state, "access_denied", text, hint or HINTS["access_denied"])


def _answer(request: HttpRequest, redirect_uri: str, state: str, error: str, text: str, hint: str) -> str:
    """`redirect_uri` with the members of D41 and, so that clients notice mix-ups, `iss` (RFC 9207)."""
    members = {
        "error": error,
        "error_description": text,
        "error_hint": hint,
        "state": state,
        "iss": oauth2_settings.oauth2_authorization_server_issuer(request),
    }
    return str(add_params_to_uri(redirect_uri, [(name, value) for name, value in members.items() if value]))


def code_for(request: HttpRequest, asked: Asked, install: Install) -> str:
    """The redirect URI with a new code for `install`. Raises Refused; then nothing of it may stay."""
    credentials = asked.credentials | {"install": install}
    try:
        location, *_ = _core().create_authorization_response(request, asked.scopes, credentials, allow=True)
    except OAuthToolkitError as error:
        raise _refused(request, error.oauthlib_error) from error
    # The library answers some errors with an address of its own.
    if "code" not in parse_qs(urlsplit(location).query):
        raise Refused(location)
    return str(location)
