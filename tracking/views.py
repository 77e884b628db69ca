"""The calls of the Tracking API (D36 to D39): read, judge, hand over, answer."""

import ipaddress
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from delivery import ingest
from runtime.intake import MAX_BATCH_BYTES, BadBody, Intake, read_body, read_calls
from tracking.bodies import read_raw
from tracking.cors import OPEN, preflight, refuse
from tracking.keys import KeyFacts, facts_of, header_key
from tracking.paths import CALLS
from tracking.rates import wait_of
from tracking.storing import UNAVAILABLE, steadily

log = structlog.get_logger(__name__)

_METHODS = "POST, OPTIONS"
_DONE = b'{"success":true}'


@csrf_exempt
def take(request: HttpRequest, call: str) -> HttpResponse:
    """One call or a batch of them. 200 for nearly everything; 400 for what is no JSON or too large (D38).

    429 above the workspace's rate; 503 when nothing can be stored, so that the library tries again.
    """
    if request.method != "POST":
        return _no_post(request)
    try:
        return _take(request, CALLS[call])
    except BadBody as bad:
        return refuse(bad.status, bad.text)
    except UNAVAILABLE as error:
        log.warning("tracking_unavailable", error=type(error).__name__)
        return refuse(503, "Events cannot be stored right now. Please send this again.", {"Retry-After": "5"})


def _no_post(request: HttpRequest) -> HttpResponse:
    if request.method == "OPTIONS":
        return preflight(request, _METHODS)
    return refuse(405, "Send events with POST.", {"Allow": _METHODS})


def _take(request: HttpRequest, kind: str) -> HttpResponse:
    """A key in the header is looked at before the body is: whoever is too fast costs nothing more."""
    key = header_key(request)
    facts = _facts(key)
    wait = wait_of(facts.workspace_id) if facts else None
    if wait is None:
        intake = _read(request, kind)
        if not key:
            key, facts = intake.write_key, _facts(intake.write_key)
            wait = wait_of(facts.workspace_id) if facts else None
        if wait is None:
            return _store(key, facts, intake)
    return _too_fast(*wait)


def _facts(key: str) -> KeyFacts | None:
    return steadily(lambda: facts_of(key)) if key else None


def _too_fast(seconds: int, reset: int) -> HttpResponse:
    headers = {"Retry-After": str(seconds), "X-RateLimit-Reset": str(reset)}
    return refuse(429, "This workspace sends too many requests. Wait, and send fewer and larger batches.", headers)


def _read(request: HttpRequest, kind: str) -> Intake:
    raw = read_raw(request, kind)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "")
    body = read_body(raw, encoding=encoding, kind=kind)
    size = len(raw) if not encoding else MAX_BATCH_BYTES
    return read_calls(kind, body, received_at=datetime.now(UTC), ip=client_ip(request), size=size)


def _store(key: str, facts: KeyFacts | None, intake: Intake) -> HttpResponse:
    """The answer tells nothing about the key: it is public, and anybody may try one (D38)."""
    if facts and not facts.is_of_this_region:
        log.info("tracking_wrong_region", workspace=facts.workspace_id, region=facts.region)
    elif facts and intake.calls:
        steadily(lambda: ingest.take(key, intake.calls))
    return HttpResponse(_DONE, content_type="application/json", headers=OPEN)


def client_ip(request: HttpRequest) -> str:
    """The caller's address, behind as many proxies as settings.ALLAUTH_TRUSTED_PROXY_COUNT says; "" when unknown."""
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    chain = [request.META.get("REMOTE_ADDR", "")]
    if trusted:
        chain = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-trusted:]
    try:
        return str(ipaddress.ip_address(chain[0].strip()))
    except ValueError:
        return ""
