"""What the authorization server can do at all: authorization codes and refresh tokens, each request read strictly.

The other grants of the toolkit (implicit, password, client credentials, device) are not refused here: they are not
there. What RFC 9700 asks for beyond the toolkit's gates is checked before anything else of a request is believed.
"""

import re
from typing import Any

from oauthlib.common import Request
from oauthlib.oauth2 import WebApplicationServer
from oauthlib.oauth2.rfc6749 import errors

# The SHA-256 of a verifier, as RFC 7636 writes it.
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
METHOD = "S256"
GRANT_TYPES = ("authorization_code", "refresh_token")


class InstallServer(WebApplicationServer):
    def __init__(self, request_validator: Any, **kwargs: Any) -> None:
        super().__init__(request_validator, **kwargs)
        self.auth_grant.custom_validators.pre_auth.extend([once_each, for_a_code, with_a_state, with_s256])
        for grant in (self.auth_grant, self.refresh_grant):
            grant.custom_validators.pre_token.extend([once_each, by_name])


def once_each(request: Request) -> dict[str, Any]:
    """No parameter twice (RFC 6749, section 3): two readers could take a different one each."""
    if request.duplicate_params:
        raise errors.InvalidRequestError(description="A parameter was sent twice.", request=request)
    return {}


def by_name(request: Request) -> None:
    """The library lets other names through than the ones that it has grants for."""
    if request.grant_type not in GRANT_TYPES:
        raise errors.UnsupportedGrantTypeError(request=request)


def for_a_code(request: Request) -> dict[str, Any]:
    """A code and nothing else (D41), in the query of the redirect URI and nowhere else."""
    if request.response_type not in (None, "code"):
        raise errors.UnsupportedResponseTypeError(description="Only response_type=code is offered.", request=request)
    if request.response_mode not in (None, "query"):
        raise errors.InvalidRequestError(description="Only response_mode=query is offered.", request=request)
    return {}


def with_a_state(request: Request) -> dict[str, Any]:
    """A client needs one of the two against requests that others forge: PKCE, or `state` (RFC 9700, section 2.1)."""
    if request.code_challenge is None and request.client.is_classic and not request.state:
        raise errors.InvalidRequestError(description="Send a state, or a code_challenge.", request=request)
    return {}


def with_s256(request: Request) -> dict[str, Any]:
    """PKCE is whole or not there: a challenge comes with its method, and “plain” would be no secret (T17)."""
    challenge, method = request.code_challenge, request.code_challenge_method
    if challenge is None and method is None:
        return {}
    if method != METHOD:
        raise errors.InvalidRequestError(description="Send code_challenge_method=S256.", request=request)
    if challenge is None or not _CHALLENGE.fullmatch(challenge):
        text = "The code_challenge has to be the SHA-256 of the verifier, base64url-encoded: 43 characters."
        raise errors.InvalidRequestError(description=text, request=request)
    return {}
