"""`POST /mail/in/`: the door by which a mail provider hands over what came in for our reply addresses.

The body is one mail as it was sent (RFC 5322). It is kept as a row before the provider gets its answer, and read by
a worker afterwards: nothing of it is looked at here.
"""

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from leases.doorbell import ring
from notifications.arrivals import READ, keep
from notifications.inbound import MAX_BYTES
from notifications.models import ArrivedMail

# The largest that is heard out. A mail that is larger than we read comes this far, so that its sender hears of it.
MOST_BYTES = 50 * 1024 * 1024
# So many mails may wait to be read; then providers are asked to come again.
MOST_WAITING = 500
RECIPIENT = "X-Envelope-To"
RECIPIENT_LIMIT = ArrivedMail._meta.get_field("recipient").max_length or 0
RETRY_SECONDS = "60"


@csrf_exempt
@never_cache
@require_POST
def take(request: HttpRequest) -> JsonResponse:
    """202 once the mail is ours. 404 while the door is shut (no secret is set), 401 for another secret.

    411 without a length, 413 for one beyond MOST_BYTES, 400 for an empty or a broken body, 503 when too many wait.
    """
    if not settings.MAIL_DOOR_SECRETS:
        raise Http404
    if not _is_provider(request):
        return _answer(401, "The secret is missing or wrong.", {"WWW-Authenticate": "Bearer"})
    recipient = request.headers.get(RECIPIENT, "").strip()
    size = _length(request)
    if size is None:
        return _answer(411, "Send the mail with its Content-Length.")
    if size > MOST_BYTES or len(recipient) > RECIPIENT_LIMIT:
        return _answer(413, "The mail or its recipient is too long.")
    raw = _read(request, size)
    if not raw:
        return _answer(400, "The body has to be one mail, whole.")
    if ArrivedMail.objects.count() >= MOST_WAITING:
        return _answer(503, "Too many mails wait. Try again later.", {"Retry-After": RETRY_SECONDS})
    with transaction.atomic():
        keep(raw, recipient, size)
        ring(READ)
    return _answer(202, "Taken in.")


def _is_provider(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # All are compared, so that the time says nothing about which of them is close.
    matches = [constant_time_compare(given.strip(), secret) for secret in settings.MAIL_DOOR_SECRETS]
    return any(matches) and scheme.lower() == "bearer"


def _length(request: HttpRequest) -> int | None:
    text = str(request.META.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _read(request: HttpRequest, size: int) -> bytes:
    """One byte more than is read later, to tell a mail that is too large; the rest is heard out and forgotten.

    b"" when the line broke before the end: the provider sends it again.
    """
    kept, heard = bytearray(), 0
    while heard < size:
        try:
            piece = request.read(64 * 1024)
        except OSError:
            return b""
        if not piece:
            return b""
        heard += len(piece)
        kept += piece[: MAX_BYTES + 1 - len(kept)]
    return bytes(kept)


def _answer(status: int, text: str, headers: dict[str, str] | None = None) -> JsonResponse:
    return JsonResponse({"message": text}, status=status, headers=headers)
