"""What analytics.js is loaded from: the library itself, its settings for a source, and its parts (FEASIBILITY 3)."""

import gzip
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from tracking.cors import OPEN, preflight, refuse
from tracking.device_mode import plugins_of
from tracking.keys import MAX_KEY
from tracking.storing import UNAVAILABLE, steadily
from workspaces.models import Source, WriteKey

METHODS = "GET, HEAD, OPTIONS"
# A change of a source's destinations reaches its website within this time.
SHORTLY = "public, max-age=10"
FOR_EVER = "public, max-age=31536000, immutable"
SCRIPT = "text/javascript; charset=utf-8"

_VENDOR = settings.BASE_DIR / "static" / "vendor" / "analytics-next"
_CHUNK = re.compile(r"[A-Za-z0-9-]+\.bundle\.[0-9a-f]+\.js")
# The library finds where it came from only on https; without this it would ask Segment's own host for its settings.
_ORIGIN = (
    '(function(){var s=document.currentScript,a=window.analytics=window.analytics||[];'
    'if(s&&s.src&&!a._cdn)a._cdn=s.src.split("/analytics.js/")[0]})();\n'
)  # fmt: skip
_NO_SOURCE = "No source takes events with this write key."


@dataclass(frozen=True, slots=True)
class _File:
    plain: bytes
    zipped: bytes
    tag: str


def settings_document(request: HttpRequest, write_key: str) -> HttpResponse:
    """The settings of a source: where its events go, and the plugins of its destinations."""
    return answered(request, lambda: _settings_of(write_key))


def script(request: HttpRequest, write_key: str) -> HttpResponse:
    """analytics.js, the same for every source that takes events."""

    def find() -> HttpResponse:
        if live_source(write_key) is None:
            return refuse(404, _NO_SOURCE)
        return _sent(request, _file("standalone.js", _ORIGIN), SHORTLY)

    return answered(request, find)


def chunk(request: HttpRequest, chunk: str) -> HttpResponse:
    """A part of analytics.js that it loads when it needs it. Its name changes with its content."""

    def find() -> HttpResponse:
        if not _CHUNK.fullmatch(chunk) or not (_VENDOR / chunk).is_file():
            return refuse(404, "analytics.js has no such part.")
        return _sent(request, _file(chunk), FOR_EVER)

    return answered(request, find)


def answered(request: HttpRequest, find: Any) -> HttpResponse:
    """The answer of `find` to GET and HEAD; for other methods what they are told."""
    if request.method == "OPTIONS":
        return preflight(request, METHODS)
    if request.method not in ("GET", "HEAD"):
        return refuse(405, "This is to be read with GET.", {"Allow": METHODS})
    try:
        return steadily(find)
    except UNAVAILABLE:
        return refuse(503, "This cannot be read right now. Please try again.", {"Retry-After": "5"})


def live_source(write_key: str) -> Source | None:
    """The source that takes events with this key in this region (D39), with its workspace."""
    if not write_key.isalnum() or len(write_key) > MAX_KEY:
        return None
    usable = WriteKey.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()),
        key=write_key, disabled_at__isnull=True, source__is_enabled=True, source__removed_at__isnull=True,
    )  # fmt: skip
    found = usable.select_related("source__workspace").first()
    if found is None or settings.TRACKING_REGION not in ("", found.source.workspace.region):
        return None
    return found.source


def tracking_address() -> str:
    """Where the Tracking API is, without a slash at the end."""
    return str(settings.TRACKING_URL or settings.SITE_URL).rstrip("/")


def _settings_of(write_key: str) -> HttpResponse:
    source = live_source(write_key)
    if source is None:
        return refuse(404, _NO_SOURCE)
    return JsonResponse(_document(write_key, source), headers={**OPEN, "Cache-Control": SHORTLY})


def _document(write_key: str, source: Source) -> dict[str, Any]:
    address = urlsplit(tracking_address())
    plugins = plugins_of(source)
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": write_key,
                "apiHost": f"{address.netloc}{address.path}/v1",
                "protocol": address.scheme,
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            },
            # Without component types the library does not look for a plugin of its older generation.
            **{plugin.name: {"versionSettings": {"componentTypes": []}} for plugin in plugins},
        },
        "plan": {"track": {"__default": {"enabled": True}}},
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "remotePlugins": [
            {
                "name": plugin.name,
                "creationName": plugin.name,
                "url": f"{tracking_address()}/analytics.js/v1/{write_key}/plugins/{plugin.slug}.js?v={plugin.version}",
                "libraryName": plugin.library_name,
                "settings": plugin.settings,
            }
            for plugin in plugins
        ],
    }


@cache
def _file(name: str, before: str = "") -> _File:
    """A file of the library; read and compressed once in a process."""
    plain = before.encode() + Path(_VENDOR / name).read_bytes()
    return _File(plain, gzip.compress(plain, mtime=0), f'"{sha256(plain).hexdigest()[:16]}"')


def _sent(request: HttpRequest, file: _File, keep: str) -> HttpResponse:
    headers = {**OPEN, "Cache-Control": keep, "ETag": file.tag, "Vary": "Accept-Encoding"}
    if request.META.get("HTTP_IF_NONE_MATCH") == file.tag:
        return HttpResponse(status=304, headers=headers)
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        return HttpResponse(file.zipped, content_type=SCRIPT, headers={**headers, "Content-Encoding": "gzip"})
    return HttpResponse(file.plain, content_type=SCRIPT, headers=headers)
