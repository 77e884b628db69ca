"""Storing what the built-in endpoint received: judged while it is whole, then masked, then kept."""

import base64
import binascii
import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.undo import can_be_undone
from apps_catalog.echo_scripts import PLAIN, Answer
from apps_catalog.models import App, EchoInbox, EchoRequest
from apps_catalog.signing import opened_secrets
from apps_catalog.states import ComponentKind, SettingType, SignatureState
from runtime.redaction import hint, mask
from runtime.signing import ID, SIGNATURE, TIMESTAMP, TOLERANCE_SECONDS, is_signed_with, key_of

KEPT = 100
_MAX_HEADERS, _MAX_HEADER_LENGTH = 60, 8 * 1024
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


def keep(
    inbox: EchoInbox, method: str, headers: Iterable[tuple[str, str]], body: bytes, answer: Answer = PLAIN
) -> EchoRequest:
    """Store one request without its secrets, and drop all but the newest `KEPT`."""
    pairs = [[name, _storable(value[:_MAX_HEADER_LENGTH])] for name, value in headers][:_MAX_HEADERS]
    by_name = {name.lower(): value for name, value in pairs}
    text = _storable(body.decode("utf-8", "replace"))
    shown = [[name, _without_credentials(name, value)] for name, value in pairs]
    masked_headers, masked_text = mask([shown, text], list(_secrets(inbox.app, by_name))).value
    row = EchoRequest.objects.create(
        inbox=inbox,
        method=method,
        headers=masked_headers,
        body=str(masked_text),
        size=len(body),
        summary=_summary(str(masked_text)),
        signature=_signature(inbox.app, by_name, body),
        script=answer.script,
        status=answer.status,
        answer={"headers": [list(pair) for pair in answer.headers], "body": answer.body},
    )
    _drop_old(inbox)
    return row


def _drop_old(inbox: EchoInbox) -> None:
    oldest_kept = inbox.requests.order_by("-pk").values_list("pk", flat=True)[KEPT - 1 : KEPT].first()
    if oldest_kept is not None:
        inbox.requests.filter(pk__lt=oldest_kept).delete()
    if inbox.cleared_to and not can_be_undone(inbox.cleared_at):
        inbox.requests.filter(pk__lte=inbox.cleared_to).delete()


def _signature(app: App, headers: dict[str, str], body: bytes) -> SignatureState:
    """Whether Segment signed it for this App's webhook."""
    message_id, sent, signatures = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not signatures:
        return SignatureState.NONE
    webhook = app.components.filter(kind=ComponentKind.SUBSCRIPTION_WEBHOOK).first()
    secrets = opened_secrets(webhook) if webhook else []
    if not any(is_signed_with(key_of(secret), message_id, sent, signatures, body) for secret in secrets):
        return SignatureState.INVALID
    is_fresh = sent.isdigit() and abs(time.time() - int(sent)) <= TOLERANCE_SECONDS
    return SignatureState.VALID if is_fresh else SignatureState.OLD


def _summary(text: str) -> str:
    """What a list says of an event: its type, and its name if it has one. "" for what is no event."""
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(event, dict):
        return ""
    words = [event.get("type"), event.get("event") or event.get("name")]
    return " · ".join(word for word in words if isinstance(word, str) and word)[:120]


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
