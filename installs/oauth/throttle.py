"""Who keeps failing to prove that it is a client has to wait, as at log-in (D42).

Counted by client and address together, so that nobody can lock out a partner's server from elsewhere, and by
address alone, far higher, against one that tries many clients. A secret has 256 random bits: this is against noise.
"""

import ipaddress
import math
import time

import structlog
from allauth.account.adapter import get_adapter
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from installs.digests import digest

log = structlog.get_logger(__name__)

# The alias in settings.CACHES: it gives up soon.
CACHE = "rates"
WINDOW_SECONDS = 300
PER_CLIENT = 10
PER_ADDRESS = 100


def wait_of(request: HttpRequest, client_id: str) -> int:
    """The seconds that whoever asks has to wait; 0 when it may try. Without a working cache everybody may."""
    limits = _limits(request, client_id)
    try:
        failed = caches[CACHE].get_many(limits)
    except Exception as error:  # whatever ails the cache, partners go on working
        log.warning("oauth_throttle_unknown", error=type(error).__name__)
        return 0
    if all(failed.get(key, 0) < most for key, most in limits.items()):
        return 0
    return math.ceil(WINDOW_SECONDS - time.time() % WINDOW_SECONDS)


def note_failure(request: HttpRequest, client_id: str) -> None:
    """One more failure of this client from this address."""
    cache = caches[CACHE]
    try:
        for key in _limits(request, client_id):
            cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
            cache.incr(key)
    except Exception as error:  # as above
        log.warning("oauth_throttle_unknown", error=type(error).__name__)


def _limits(request: HttpRequest, client_id: str) -> dict[str, int]:
    """The counters of the current five minutes, each with its limit. Digests: a client id may be any text.

    None for a caller without an address: all of them would share one, and lock each other out.
    """
    window, address = int(time.time() // WINDOW_SECONDS), _address(request)
    if not address:
        return {}
    name = f"oauth-failed:{window}"
    return {f"{name}:{digest(address)}": PER_ADDRESS, f"{name}:{digest(f'{client_id} {address}')}": PER_CLIENT}


def _address(request: HttpRequest) -> str:
    """Of the caller, as the log-in limits see it; for IPv6 its network, of which one machine has all addresses.

    "" when it is not known.
    """
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
