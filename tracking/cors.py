"""What browsers of other sites need to be told (FEASIBILITY: every call of analytics.js asks first)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

# Anybody may call, as from no browser at all. No cookie comes along: credentials are never allowed.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    # Otherwise a library in a browser cannot see how long it is to wait.
    "Access-Control-Expose-Headers": "Retry-After, X-RateLimit-Reset",
    # A page that isolates itself may load the library too.
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_ASKED_ONCE_A_DAY = "86400"
_HEADERS = "Authorization, Content-Type, Content-Encoding, X-Retry-Count, *"


def preflight(request: HttpRequest, methods: str) -> HttpResponse:
    """The answer to the question before a call."""
    headers = {
        **OPEN,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": _HEADERS,
        "Access-Control-Max-Age": _ASKED_ONCE_A_DAY,
        "Allow": methods,
    }
    if request.headers.get("Access-Control-Request-Private-Network") == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return HttpResponse(status=204, headers=headers)


def refuse(status: int, message: str, headers: Mapping[str, Any] | None = None) -> JsonResponse:
    """An answer that says to a developer what to do."""
    return JsonResponse({"success": False, "message": message}, status=status, headers={**OPEN, **(headers or {})})
