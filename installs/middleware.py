"""What lies below /v1beta/ is for programs: no session, no forms, and JSON whatever happens (D46)."""

from collections.abc import Callable

import structlog
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404
from django.urls.resolvers import RegexPattern, URLResolver

from installs import urls
from installs.config_api import errors
from installs.config_api.errors import ApiError

log = structlog.get_logger(__name__)

PREFIX = "/v1beta/"
_resolver = URLResolver(RegexPattern(r"^/"), urls.urlpatterns)


class ConfigApiMiddleware:
    """Stands behind what gives a request its id in the log, and before everything that is for people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not f"{request.path_info}/".startswith(PREFIX):
            return self.get_response(request)
        try:
            return _call(request)
        except Exception as error:
            return _error_of(error, request).answer


def _call(request: HttpRequest) -> HttpResponseBase:
    # PostgreSQL cannot even compare with U+0000, so there is nothing of such a name.
    if "\x00" in request.path_info:
        raise errors.not_found("path")
    try:
        match = _resolver.resolve(request.path_info)
    except Resolver404:
        raise errors.not_found("path") from None
    request.resolver_match = match
    return match.func(request, *match.args, **match.kwargs)


def _error_of(error: Exception, request: HttpRequest) -> ApiError:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ValidationError):  # of a verb: what is wrong, and what to do
        return errors.invalid(" ".join(error.messages))
    if isinstance(error, PermissionDenied):
        return errors.insufficient_scope()
    if isinstance(error, errors.UNAVAILABLE):
        log.warning("config_api_unavailable", error=type(error).__name__)
        return errors.unavailable()
    # Whoever listens writes it into the log, with the request's id.
    got_request_exception.send(sender=None, request=request)
    return errors.internal()
