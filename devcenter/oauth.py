"""How django-oauth-toolkit is set up: our classes, short lives, and all of RFC 9700."""

from typing import Any

# Off by default in the toolkit.
_RFC9700 = (
    "IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT", "AUTHZ_RESPONSE_ISS",
    "TOKEN_STORAGE", "REFRESH_TOKEN", "REDIRECT_URI_SCHEME", "REDIRECT_URI_MATCHING", "PKCE_REQUIRED",
)  # fmt: skip


def oauth_provider(issuer: str) -> dict[str, Any]:
    """Django's OAUTH2_PROVIDER. `issuer` is the address of the authorization server. Times are seconds."""
    return {
        "OAUTH2_VALIDATOR_CLASS": "installs.oauth.validator.InstallValidator",
        "OAUTH2_SERVER_CLASS": "installs.oauth.server.InstallServer",
        "SCOPES_BACKEND_CLASS": "installs.oauth.scopes.ClientScopes",
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
        # D43, and "Install names" in PRODUCT.
        "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
        "ACCESS_TOKEN_GENERATOR": "installs.digests.new_value",
        "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "ROTATE_REFRESH_TOKEN": True,
        # A client that was marked as classic is let off by the validator.
        "PKCE_REQUIRED": True,
        # `http` towards loopback hosts is a matter of the single client: installs.models.Client.
        "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
        # `iss` in every answer (RFC 9207).
        "OIDC_ISS_ENDPOINT": issuer.rstrip("/"),
        "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
        "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
        **{f"COMPLIANT_BCP_RFC9700_{gate}": True for gate in _RFC9700},
    }
