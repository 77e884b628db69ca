"""The built-in endpoint of each App: answers 200 to any POST and remembers what it was sent.

A new webhook points here, so that the first green test needs no server. The address is a secret of its
App (an unguessable token), anyone who has it may post, and only the newest requests are kept.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError

from apps_catalog.models import App, EchoInbox, EchoRequest
from apps_catalog.states import SettingType
from runtime.redaction import hint, mask

KEPT = 100
MAX_BODY_BYTES = 64 * 1024
PER_MINUTE = 300
_MAX_HEADERS, _MAX_HEADER_LENGTH = 60, 8 * 1024
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


@csrf_exempt
def echo(request: HttpRequest, token: str) -> JsonResponse:
    """Take one request. 404 for an unknown token, 405 for what is no POST, 413 above 64 kB, 429 above the pace."""
    inbox = EchoInbox.objects.filter(token=token, app__deleted_at__isnull=True).select_related("app").first()
    if inbox is None:
        return _refuse(404, "There is no echo endpoint at this address.")
    if request.method != "POST":
        return _refuse(405, "Send events here with POST.", Allow="POST")
    if _is_too_fast(inbox):
        return _refuse(429, "Too many requests for a test endpoint. Wait a minute.", **{"Retry-After": "60"})
    body = request.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        return _refuse(413, "This test endpoint takes at most 64 kB.")
    keep(inbox, "POST", request.headers.items(), body)
    return JsonResponse({"received": True})


def keep(inbox: EchoInbox, method: str, headers: Iterable[tuple[str, str]], body: bytes) -> EchoRequest:
    """Store one request without its secrets, and drop all but the newest `KEPT`."""
    pairs = [[name, _storable(value[:_MAX_HEADER_LENGTH])] for name, value in headers][:_MAX_HEADERS]
    text = _storable(body.decode("utf-8", "replace"))
    secrets = list(_secrets(inbox.app, {name.lower(): value for name, value in pairs}))
    shown = [[name, _without_credentials(name, value)] for name, value in pairs]
    masked_headers, masked_text = mask([shown, text], secrets).value
    row = EchoRequest.objects.create(inbox=inbox, method=method, headers=masked_headers, body=str(masked_text))
    oldest_kept = inbox.requests.order_by("-pk").values_list("pk", flat=True)[KEPT - 1 : KEPT].first()
    if oldest_kept is not None:
        inbox.requests.filter(pk__lt=oldest_kept).delete()
    return row


def _secrets(app: App, headers: dict[str, str]) -> Iterator[str]:
    """The API key and the sensitive settings, as this request brought them (D10)."""
    credentials = _decoded(headers.get("authorization", "").partition(" ")[2])
    yield credentials.partition(":")[0]
    try:
        settings = json.loads(_decoded(headers.get("x-segment-settings", "")))
    except (ValueError, RecursionError):
        return
    plain = app.settings.filter(sensitive=False).exclude(type=SettingType.PASSWORD)
    harmless = set(plain.values_list("key", flat=True))
    for key, value in settings.items() if isinstance(settings, dict) else ():
        if key not in harmless:
            yield from _texts(value)


def _without_credentials(name: str, value: str) -> str:
    if name.lower() not in _SECRET_HEADERS:
        return value
    scheme, _, rest = value.partition(" ")
    key = _decoded(rest).partition(":")[0]
    return f"{scheme} {hint(key)}" if scheme.lower() == "basic" and key else "****"


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _storable(text: str) -> str:
    """PostgreSQL takes no U+0000."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _is_too_fast(inbox: EchoInbox) -> bool:
    """A soft brake: without a working cache there is none."""
    key = f"echo:{inbox.pk}"
    try:
        cache.add(key, 0, timeout=60)
        return cache.incr(key) > PER_MINUTE
    except (RedisError, ValueError):  # ValueError: the minute ended between the two calls
        return False


def _refuse(status: int, message: str, **headers: str) -> JsonResponse:
    return JsonResponse({"message": message}, status=status, headers=headers)
