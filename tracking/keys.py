"""The write key of a request, and what is known about it without asking the database again."""

import base64
import binascii
import time
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from workspaces.models import WriteKey

MAX_KEY = 64
# For so long a process remembers whose a key is. Neither that nor the region ever changes, and whether the key
# still works is asked with every event (delivery.ingest).
_REMEMBERED_SECONDS = 60.0
_MOST_REMEMBERED = 10_000
_remembered: dict[str, tuple[float, "KeyFacts"]] = {}


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """Whose a write key is; `region` as in workspaces.states.Region."""

    workspace_id: int
    region: str

    @property
    def is_of_this_region(self) -> bool:
        """D39. An installation without a region takes all."""
        return settings.TRACKING_REGION in ("", self.region)


def header_key(request: HttpRequest) -> str:
    """The user name of Basic authentication; "" without one. A password is not looked at (D36)."""
    scheme, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic" or len(given) > 4 * MAX_KEY:
        return ""
    try:
        return base64.b64decode(given.strip(), validate=True).decode("ascii").partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def facts_of(key: str) -> KeyFacts | None:
    """Whose key it is; None for one that does not exist. One query a minute and process for each key."""
    if not key.isalnum() or len(key) > MAX_KEY:
        return None
    now = time.monotonic()
    until, facts = _remembered.get(key, (0.0, None))
    return facts if facts and until > now else _look_up(key, now)


def _look_up(key: str, now: float) -> KeyFacts | None:
    found = WriteKey.objects.filter(key=key).values_list("source__workspace_id", "source__workspace__region").first()
    if found is None:
        return None
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[key] = (now + _REMEMBERED_SECONDS, KeyFacts(*found))
    return _remembered[key][1]
