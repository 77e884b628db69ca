"""The Tracking API answers before sessions, log-ins and page headers are looked at: it needs none of them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404
from django.urls.resolvers import RegexPattern, URLResolver

from tracking import urls
from tracking.paths import PREFIXES

_resolver = URLResolver(RegexPattern(r"^/"), urls.urlpatterns)


class TrackingMiddleware:
    """Stands right behind SecurityMiddleware. A call costs what its view costs, and nothing else (CONTRACT)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIXES):
            return self.get_response(request)
        try:
            match = _resolver.resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        request.resolver_match = match
        return match.func(request, *match.args, **match.kwargs)
