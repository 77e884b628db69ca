"""What a partner's server asks: a token for a code or a refresh token, a token by install, an end, our metadata.

No cookie counts here, so there is nothing that a forged form could use (T29).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.settings import oauth2_settings

from installs import tokens
from installs.addresses import oauth_url
from installs.config_api import errors, rates
from installs.models import Install
from installs.oauth import answers
from installs.oauth.credentials import Proven, TooManyFailures, Unproven, prove
from installs.oauth.server import GRANT_TYPES, METHOD, InstallServer
from installs.oauth.validator import InstallValidator

log = structlog.get_logger(__name__)

FORM = "application/x-www-form-urlencoded"
# Many times what the longest request needs.
MOST_BYTES = 32 * 1024
_WAYS_TO_PROVE = ["client_secret_basic", "client_secret_post"]
View = Callable[..., HttpResponse]


class ProvenCore(OAuthLibCore):
    """The toolkit for a request whose client has proved who it is. No header goes on: none is needed any more."""

    def __init__(self, proven: Proven) -> None:
        super().__init__(InstallServer(InstallValidator(proven), **oauth2_settings.server_kwargs))

    def extract_headers(self, request: HttpRequest) -> dict[str, str]:
        return {}

    def extract_body(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Every value of every parameter, so that one sent twice is noticed (RFC 6749, section 3.2)."""
        return [(name, value) for name, values in request.POST.lists() for value in values]


def for_clients(view: Callable[[HttpRequest, ProvenCore], HttpResponse]) -> View:
    """A POST of a form by a client that proves who it is; anything else is answered here, in JSON."""

    @csrf_exempt
    @sensitive_post_parameters()
    @sensitive_variables()
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        try:
            return _unreadable(request) or view(request, ProvenCore(prove(request)))
        except Exception as error:
            return _refusal_of(error, request)

    return guarded


def _refusal_of(error: Exception, request: HttpRequest) -> HttpResponse:
    """What went wrong, for a program to read."""
    if isinstance(error, Unproven):
        challenge = {"WWW-Authenticate": answers.CHALLENGE}
        return answers.refuse("invalid_client", "No such client, or not its secret.", 401, challenge)
    if isinstance(error, TooManyFailures):
        wait = {"Retry-After": str(error.seconds)}
        return answers.refuse("temporarily_unavailable", "Too many failed tries from this client.", 429, wait)
    if isinstance(error, errors.UNAVAILABLE):
        log.warning("oauth_unavailable", error=type(error).__name__)
        wait = {"Retry-After": str(errors.RETRY_SECONDS)}
        return answers.refuse("temporarily_unavailable", "This cannot be stored right now.", 503, wait)
    log.error("oauth_failed", path=request.path_info, exc_info=error)
    got_request_exception.send(sender=None, request=request)
    return answers.refuse("server_error", "Something went wrong here. Nothing was done.", 500)


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    """The refusal of what is no form of a reasonable size in a POST; None when it is one."""
    if request.method != "POST":
        return answers.refuse("invalid_request", "Send a POST.", 405, {"Allow": "POST"})
    if request.META.get("QUERY_STRING"):
        return answers.refuse("invalid_request", "Nothing may stand in the address: addresses are written into logs.")
    if request.content_type != FORM:
        return answers.refuse("invalid_request", f"The body has to be a form: {FORM}.")
    try:
        if _length(request) > MOST_BYTES:
            return answers.refuse("invalid_request", f"Send at most {MOST_BYTES // 1024} kB.", 413)
        request.POST  # noqa: B018  reads it
    except (BadRequest, MultiPartParserError, OSError, RequestDataTooBig, SuspiciousOperation, ValueError):
        return answers.refuse("invalid_request", "The form cannot be read.")
    return None


def _length(request: HttpRequest) -> int:
    """Bytes of the body. One sent in chunks is read here: Django takes a body without Content-Length for empty."""
    announced = request.META.get("CONTENT_LENGTH")
    if announced or not request.META.get("wsgi.input_terminated"):
        return int(announced or 0)
    request._body = request.META["wsgi.input"].read(MOST_BYTES + 1)
    return len(request._body)


@for_clients
def token(request: HttpRequest, core: ProvenCore) -> HttpResponse:
    """POST /oauth2/token (D42). One transaction: what a used code or token ends, stays ended with the refusal."""
    with transaction.atomic():
        _, _, body, status = core.create_token_response(request)
    return answers.pass_on(body, status)


@for_clients
def revoke(request: HttpRequest, core: ProvenCore) -> HttpResponse:
    """POST /oauth2/revoke (RFC 7009). With its refresh token an install ends; 200 for what is unknown too."""
    with transaction.atomic():
        _, _, body, status = core.create_revocation_response(request)
    return answers.pass_on(body, status)


@csrf_exempt
@sensitive_variables()
def install_token(request: HttpRequest, number: int) -> HttpResponse:
    """GET /v1beta/installs/<n>/token with the client's credentials (D43): a new token, the one before is dead.

    It counts as a request to the Config API. Raises ApiError, which `installs.middleware` answers as it does for the
    rest of that (D46).
    """
    if request.method != "GET":
        raise errors.method_not_allowed("GET")
    try:
        proven = prove(request)
    except Unproven:
        raise errors.malformed_token("Basic") from None
    except TooManyFailures as many:
        raise errors.too_many_requests(many.seconds) from None
    try:
        install = Install.objects.get(pk=number, client=proven.client, is_trial=proven.is_trial)
        if wait := rates.wait_of(install.pk):
            raise errors.too_many_requests(wait)
        return JsonResponse(tokens.issue(install), headers=answers.NEVER_KEPT)
    except Install.DoesNotExist:
        raise errors.not_found("install") from None


def metadata(request: HttpRequest) -> HttpResponse:
    """GET /.well-known/oauth-authorization-server (RFC 8414): where everything is, for libraries that look it up."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    found: dict[str, Any] = {
        "issuer": oauth2_settings.OIDC_ISS_ENDPOINT,
        "authorization_endpoint": oauth_url(reverse("oauth-authorize")),
        "token_endpoint": oauth_url(reverse("oauth-token")),
        "token_endpoint_auth_methods_supported": _WAYS_TO_PROVE,
        "revocation_endpoint": oauth_url(reverse("oauth-revoke")),
        "revocation_endpoint_auth_methods_supported": _WAYS_TO_PROVE,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": [METHOD],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": settings.SITE_URL.rstrip("/") + reverse("docs-page", args=["enable-with-segment"]),
    }
    return JsonResponse(found, headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600"})
