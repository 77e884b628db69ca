"""What the token endpoints answer: JSON that nobody keeps, and an error that says what to do next (D41, D42)."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse

NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
CHALLENGE = 'Basic realm="Enable with Segment", charset="UTF-8"'

HINTS = {
    "invalid_client": (
        "Send the client id and one of the secrets from the page “Enable with Segment” of your App, by HTTP Basic or "
        "as client_id and client_secret in the form. A retired secret does not work any more."
    ),
    "invalid_grant": (
        "Exchange each code once, within a minute, with the redirect_uri and the code_verifier that belong to it. "
        "Without a code, ask for a token by the name of the install, or let the person enable your App again."
    ),
    "invalid_request": "Send each parameter once, in a form (application/x-www-form-urlencoded), none in the address.",
    "invalid_scope": "Leave the scope out: a new token has the scope that the customer agreed to.",
    "unsupported_grant_type": "Send grant_type=authorization_code, or grant_type=refresh_token.",
    "server_error": "Try again in a moment.",
    "temporarily_unavailable": "Wait as long as Retry-After says, check the client id and the secret, then try again.",
}


def refuse(error: str, text: str, status: int = 400, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An error in the shape of RFC 6749, section 5.2, with the `error_hint` of D41 beside it."""
    members = {"error": error, "error_description": text, "error_hint": HINTS.get(error, "")}
    found = {name: value for name, value in members.items() if value}
    return JsonResponse(found, status=status, headers={**NEVER_KEPT, **(headers or {})})


def pass_on(body: str | None, status: int) -> HttpResponse:
    """The toolkit's answer, in our words where it is an error. An empty one stays empty (RFC 7009)."""
    if not body:
        return HttpResponse(status=status, headers=NEVER_KEPT)
    found: dict[str, Any] = json.loads(body)
    if "error" in found:
        return refuse(found["error"], found.get("error_description", ""), status)
    return JsonResponse(found, status=status, headers=NEVER_KEPT)
