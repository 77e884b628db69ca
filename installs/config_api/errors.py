"""The errors of the Config API, with the numbers and the words of the original (D46).

{"error": "insufficient scope", "code": 7} comes with the status 403. Whatever happens below /v1beta/ is answered in
this shape: `installs.middleware` makes the answer of an ApiError that a view raises.
"""

from django.db import InterfaceError, InternalError, OperationalError
from django.http import JsonResponse

# Status → code. 405 and 413 are not in D46: they take the code of what they are a case of.
CODES = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 409: 6, 413: 3, 429: 8, 500: 13, 501: 12, 503: 14}
# The database is away, restarting, full or read-only: the same request will do later.
UNAVAILABLE = (OperationalError, InterfaceError, InternalError)
# How long to wait then.
RETRY_SECONDS = 5


class ApiError(Exception):
    """The request cannot be answered. `status` is one of CODES, `text` says to a developer what is wrong."""

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, headers or {}

    @property
    def answer(self) -> JsonResponse:
        """Never cached: what is refused now may be fine in a minute."""
        body = {"error": self.text, "code": CODES[self.status]}
        return JsonResponse(body, status=self.status, headers={"Cache-Control": "no-store", **self.headers})


def invalid(text: str) -> ApiError:
    return ApiError(400, text)


def invalid_json(text: str) -> ApiError:
    """The body cannot be read at all."""
    return ApiError(400, f"invalid JSON: {text}")


def malformed_token(scheme: str = "Bearer") -> ApiError:
    """No token, or one that does not work any more: nobody is told which (D43)."""
    challenge = 'Bearer error="invalid_token"' if scheme == "Bearer" else f'{scheme} realm="Config API"'
    return ApiError(401, "malformed token", {"WWW-Authenticate": challenge})


def insufficient_scope() -> ApiError:
    """Beyond what the customer consented to, whether it exists or not."""
    return ApiError(403, "insufficient scope", {"WWW-Authenticate": 'Bearer error="insufficient_scope"'})


def not_found(what: str) -> ApiError:
    """`what` is a word such as “destination”."""
    return ApiError(404, f"{what} not found")


def method_not_allowed(allowed: str) -> ApiError:
    """`allowed` as in the Allow header: “GET, POST”."""
    return ApiError(405, f"method not allowed, use {allowed}", {"Allow": allowed})


def already_exists(what: str) -> ApiError:
    """Clients look for “<what> already exists” in the text, and then patch (D45)."""
    return ApiError(409, f"{what} already exists")


def too_large(most_bytes: int) -> ApiError:
    return ApiError(413, f"the body is too large, send at most {most_bytes // 1024} KB")


def too_many_requests(seconds: int) -> ApiError:
    """`seconds` until the next request is fine."""
    return ApiError(429, "too many requests", {"Retry-After": str(seconds)})


def internal() -> ApiError:
    """Our fault. The text gives nothing away."""
    return ApiError(500, "internal error")


def unimplemented(text: str) -> ApiError:
    """The original has it, this product does not."""
    return ApiError(501, text)


def unavailable() -> ApiError:
    return ApiError(503, "temporarily unavailable, try again", {"Retry-After": str(RETRY_SECONDS)})
