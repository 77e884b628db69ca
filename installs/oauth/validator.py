"""How the toolkit asks this product: who is the client, what may it ask for, is this code or refresh token good.

Rows are locked in one order, here and in installs.lifecycle: grant, install, tokens, audit chain.
"""

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors

from installs import lifecycle, tokens, trial_redirect
from installs.digests import digest
from installs.models import Client, Grant, Install, RefreshToken
from installs.oauth.credentials import Proven, client_of
from installs.oauth.revoking import give_up
from installs.oauth.server import GRANT_TYPES
from installs.states import InstallState

# RFC 7636, section 4.1.
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_OF_AN_INSTALL = ("install__client__app", "install__workspace", "install__source")


class InstallValidator(OAuth2Validator):
    """Tokens belong to an install (D43). `client` has proved who it is before the toolkit is asked anything."""

    def __init__(self, proven: Proven | None = None) -> None:
        self._client = proven.client if proven else None
        # A trial's secret is good for trials alone, and the partner's own for all but them.
        self._is_trial = proven is not None and proven.is_trial

    # --- The client ------------------------------------------------------------------------------------

    def _load_application(self, client_id: str | None, request: Request) -> Client | None:
        request.client = client_of(client_id or "")
        return request.client

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Every client has a secret (D42)."""
        return True

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Done already, by installs.oauth.credentials."""
        request.client = self._client
        return self._client is not None

    def authenticate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        return False

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Every client may use all there are."""
        return grant_type in GRANT_TYPES

    # --- Asking ----------------------------------------------------------------------------------------

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> None:
        """There is none: it has to be in both requests (D42)."""

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        client = request.client
        return client.redirect_uri_allowed(redirect_uri) or trial_redirect.accepts(client, redirect_uri)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """The scope that is set on the client, and it has to be said (D44)."""
        return scopes == [client.scope]

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return not request.client.is_classic

    def _create_authorization_code(self, request: Request, code: dict[str, str], expires: Any = None) -> Grant:
        life = timedelta(seconds=oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS)
        return Grant.objects.create(
            application=request.client, user=request.user, install=request.install, code=code["code"],
            expires=expires or timezone.now() + life, redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes), code_challenge=request.code_challenge or "",
            code_challenge_method=request.code_challenge_method or "",
        )  # fmt: skip

    # --- Exchanging a code -----------------------------------------------------------------------------

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Raises InvalidGrantError. A code that comes a second time ends the tokens that it gave (RFC 9700, T17)."""
        grant = _held_grant(code, client, is_trial=self._is_trial)
        if grant is None:
            raise _no_good(request, "This code is unknown.")
        if grant.install.is_over:
            raise _no_good(request, "The install of this code has ended.")
        if grant.used_at is not None:
            tokens.kill_stolen(grant.install, "code")
            raise _no_good(request, "This code was used before. The tokens that it gave have ended.")
        if grant.is_expired():
            raise _no_good(request, "This code has expired.")
        _check_verifier(request, grant)
        request.grant, request.user, request.scopes = grant, grant.user, grant.scope.split()
        return True

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        return request.grant.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        return request.grant.code_challenge_method or None

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Raises InvalidGrantError, as RFC 6749, section 5.2, has it."""
        if redirect_uri != request.grant.redirect_uri:
            raise _no_good(request, "The redirect_uri is not the one that the code was asked for with.")
        return True

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """It was marked before its tokens were saved, and stays as a tombstone."""

    # --- Refreshing ------------------------------------------------------------------------------------

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Raises InvalidGrantError. One that comes a second time ends its whole family (T18)."""
        row = _held_refresh(refresh_token, client, is_trial=self._is_trial)
        if row is None:
            raise _no_good(request, "This refresh token is unknown.")
        if not row.install.is_usable:
            raise _no_good(request, "The install of this refresh token has ended.")
        if row.revoked is not None:
            tokens.kill_stolen(row.install, "refresh")
            raise _no_good(request, "This refresh token was used before, or has ended.")
        if row.created + tokens.REFRESH_KEPT <= timezone.now():
            raise _no_good(request, "This refresh token has expired.")
        request.refresh_row = row
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        return [request.refresh_row.install.scope]

    # --- Saving, looking up, giving back -----------------------------------------------------------------

    def _save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises InvalidGrantError when the install cannot begin (D43)."""
        if request.grant_type == "refresh_token":
            install, family = request.refresh_row.install, request.refresh_row.token_family
            RefreshToken.objects.filter(pk=request.refresh_row.pk).update(revoked=timezone.now())
        else:
            install, family = request.grant.install, None
            _begin(request, request.grant)
        tokens.put_refresh(tokens.put_access(install, token["access_token"]), token["refresh_token"], family)
        token.update(tokens.describe(install))

    def validate_bearer_token(self, token: str | None, scopes: Any, request: Request) -> bool:
        """No view of the toolkit takes a token: the Config API finds its install by itself (tokens.install_of)."""
        return False

    def revoke_token(self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any) -> None:
        give_up(request.client, token, is_trial=self._is_trial)


def _no_good(request: Request, text: str) -> errors.InvalidGrantError:
    return errors.InvalidGrantError(description=text, request=request)


def _held_grant(code: str, client: Client, *, is_trial: bool) -> Grant | None:
    """The code and its install as they are now, both locked: of many who come at once, one is first (T17)."""
    rows = Grant.objects.select_related(*_OF_AN_INSTALL, "user").select_for_update(of=("self", "install"))
    return rows.filter(code=code, application=client, install__is_trial=is_trial).first()


def _held_refresh(value: str, client: Client, *, is_trial: bool) -> RefreshToken | None:
    """The refresh token as it is once its install is locked, which `install` of it then is."""
    mine = RefreshToken.objects.filter(token_checksum=digest(value), application=client, install__is_trial=is_trial)
    known = mine.values_list("pk", "install").first()
    if known is None:
        return None
    install = tokens.hold(known[1])
    row = mine.get(pk=known[0])
    row.install = install
    return row


def _check_verifier(request: Request, grant: Grant) -> None:
    """Of the right form, and for a code that was asked for with a challenge (RFC 9700, section 4.8).

    That it fits the challenge is for the toolkit to see.
    """
    verifier = request.code_verifier
    if verifier is None:
        return
    if not grant.code_challenge:
        raise _no_good(request, "A code_verifier came without a code_challenge before it.")
    if not _VERIFIER.fullmatch(verifier):
        raise _no_good(request, "A code_verifier has 43 to 128 letters, digits and the signs - . _ ~")


def _begin(request: Request, grant: Grant) -> None:
    """The first exchange makes the install active. Another one of the same consent comes too late."""
    if not Grant.objects.filter(pk=grant.pk, used_at__isnull=True).update(used_at=timezone.now()):
        raise _no_good(request, "This code was used before.")
    install: Install = grant.install
    if install.state == InstallState.ACTIVE:
        raise _no_good(request, str(lifecycle.AlreadyInstalled()))
    try:
        lifecycle.activate(install)
    except lifecycle.Refusal as refusal:
        raise _no_good(request, str(refusal)) from None
