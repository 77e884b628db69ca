"""How a client proves who it is: its id and a secret, in the header or in the form (D42, RFC 6749 section 2.3.1)."""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus

import structlog
from django.http import HttpRequest

from installs import secrets
from installs.models import Client
from installs.oauth import throttle

log = structlog.get_logger(__name__)


class Unproven(Exception):
    """No client, or not its secret. Nobody is told which."""


class TooManyFailures(Exception):
    """`seconds` until another try is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} seconds")
        self.seconds = seconds


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """What a request says of its client."""

    client_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A client, and whether it came with the secret of a trial: that one opens installs of trials, and no others."""

    client: Client
    is_trial: bool


def prove(request: HttpRequest) -> Proven:
    """The client that this request comes from. Raises Unproven, TooManyFailures."""
    sent = sent_in(request)
    if sent is None:
        raise Unproven
    if seconds := throttle.wait_of(request, sent.client_id):
        raise TooManyFailures(seconds)
    client = client_of(sent.client_id)
    secret = secrets.matching(client, sent.secret) if client else None
    if client is None or secret is None:
        throttle.note_failure(request, sent.client_id)
        log.info("oauth_client_unproven", client=client.pk if client else None)
        raise Unproven
    return Proven(client, secret.is_trial)


def sent_in(request: HttpRequest) -> Sent | None:
    """From the header; without one from the form. A form that names another client than the header is no proof."""
    scheme, _, encoded = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    named = request.POST.get("client_id", "")
    if scheme.lower() != "basic":
        return Sent(named, request.POST.get("client_secret", "")) if named else None
    sent = _decode(encoded.strip())
    return sent if sent is not None and named in ("", sent.client_id) else None


def _decode(encoded: str) -> Sent | None:
    """Both parts may be form-encoded, as the standard has it, or not, as most clients do it: ours look the same."""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    client_id, colon, secret = text.partition(":")
    return Sent(unquote_plus(client_id), unquote_plus(secret)) if colon else None


def client_of(client_id: str) -> Client | None:
    """The client with this id whose App is there, with its company loaded."""
    if "\x00" in client_id:  # PostgreSQL cannot even compare with it
        return None
    client = Client.objects.select_related("app__company").filter(client_id=client_id).first()
    return client if client is not None and client.is_usable(None) else None
