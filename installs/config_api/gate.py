"""The way in: whose token it is, how often it was used in this minute, then the one function for the method."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from installs import proof, tokens
from installs.config_api import errors, rates
from installs.models import Install

NEVER_CACHED = {"Cache-Control": "no-store"}
# Longer than any token we give.
_MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Call:
    """A request with a token that works. What it may touch is for `scopes` to say."""

    request: HttpRequest
    install: Install


Handler = Callable[..., dict[str, Any]]


def endpoint(**handlers: Handler) -> Callable[..., JsonResponse]:
    """A view that answers each method with what its handler `(call, **names)` returns, as JSON.

    No cookie counts here, so there is nothing that a forged form could use (T29).
    """
    allowed = ", ".join(handlers)

    @csrf_exempt
    def view(request: HttpRequest, **names: str) -> JsonResponse:
        handler = handlers.get("GET" if request.method == "HEAD" else request.method or "")
        if handler is None:
            raise errors.method_not_allowed(allowed)
        install = _install_of(request)
        if wait := rates.wait_of(install.pk):
            raise errors.too_many_requests(wait)
        found = handler(Call(request, install), **names)
        proof.note_use(install, timezone.now())
        return JsonResponse(found, headers=NEVER_CACHED)

    return view


def _install_of(request: HttpRequest) -> Install:
    """The install whose token is in the header. One in the address is none: addresses are written into logs."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _MOST_CHARACTERS or not token.isascii():
        raise errors.malformed_token()
    found = tokens.install_of(token)
    if found is None:
        raise errors.malformed_token()
    return found[0]
