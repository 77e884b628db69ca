"""`POST /github/webhook`: the door by which GitHub tells about pull requests (SECURITY, T8).

Whoever has the secret is GitHub: the signature over the bytes as they came decides, before anything is read.
"""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pulls import ingest
from runtime.github.bodies import MAX_BYTES, TYPES, BadBody, payload_of
from runtime.github.signatures import HEADER, is_signed
from runtime.intake.stream import BrokenOff, TooLong, read_within

# So much of a body that nobody signed, or that is too large, is heard out, so that its sender gets an answer.
_DRAINED_BYTES = 1024 * 1024
_WELL_FORMED = re.compile(r"sha256=[0-9a-f]{64}")
_GUID = re.compile(r"[\x21-\x7e]{1,80}")
_EVENT = re.compile(r"[a-z_]{1,60}")
_NOT_SIGNED = "The signature is missing or wrong."


class _Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text


@csrf_exempt
@never_cache
@require_POST
def take(request: HttpRequest) -> JsonResponse:
    """202 with the outcome once a delivery is applied, or was before.

    404 while the door is shut (no secret is set), 413 beyond 25 MB, 415 for other content types, 401 without a good
    signature, 400 without the two headers or for a body that is no payload.
    """
    if not settings.GITHUB_WEBHOOK_SECRETS:
        raise Http404
    try:
        raw = _signed_body(request)
        event, guid = _header(request, "X-GitHub-Event", _EVENT), _header(request, "X-GitHub-Delivery", _GUID)
        payload = payload_of(raw, request.content_type or "")
    except _Refused as refused:
        return JsonResponse({"message": refused.text}, status=refused.status)
    except BadBody as bad:
        return JsonResponse({"message": str(bad)}, status=400)
    outcome = ingest.apply(event, guid, payload)
    return JsonResponse({"outcome": str(outcome), "message": outcome.label}, status=202)


def _signed_body(request: HttpRequest) -> bytes:
    """The bytes, once it is certain whose they are."""
    header = request.headers.get(HEADER, "").strip()
    may_read = request.content_type in TYPES and _WELL_FORMED.fullmatch(header)
    try:
        raw = read_within(request, MAX_BYTES if may_read else 0, _DRAINED_BYTES)
    except TooLong:
        if may_read:
            raise _Refused(413, "A delivery has at most 25 MB.") from None
        raw = b""
    except BrokenOff:
        raise _Refused(400, "The body does not have the length that was announced.") from None
    if request.content_type not in TYPES:
        raise _Refused(415, "Send application/json, or a form with the field “payload”.")
    if not may_read or not is_signed(raw, header, settings.GITHUB_WEBHOOK_SECRETS):
        raise _Refused(401, _NOT_SIGNED)
    return raw


def _header(request: HttpRequest, name: str, form: re.Pattern[str]) -> str:
    value = request.headers.get(name, "")
    if not form.fullmatch(value):
        raise _Refused(400, f"The header {name} is missing or odd.")
    return value
