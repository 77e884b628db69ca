"""Addresses that no page can have, refused before anything is looked up."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

NUL = "\x00"
# How it is written in a quoted cookie.
QUOTED_NUL = "\\000"


class NulMiddleware:
    """U+0000 in an address: PostgreSQL cannot even compare with it, so looking such a text up would be a fault.

    In the path there is no such page (404), in the query string or in a cookie (the session's is looked up)
    the request makes no sense (400). Forms refuse it by themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info:
            raise Http404("No address has a NUL character.")
        if "%00" in request.META.get("QUERY_STRING", "") or QUOTED_NUL in request.META.get("HTTP_COOKIE", ""):
            raise BadRequest("A NUL character in the query string or in a cookie.")
        return self.get_response(request)
