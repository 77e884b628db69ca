"""Whether the documentation links of a listing answer: looked up by a worker, through the door out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urldefrag

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps_catalog.models import LinkCheck, Listing
from apps_catalog.states import Stage
from apps_catalog.validators import egress_policy
from leases.doorbell import ring
from runtime.egress import Exchange, Limits, Request, send

log = structlog.get_logger(__name__)

TASK = "apps_catalog.tasks.check_links"
LEASE = timedelta(seconds=90)
# A listing has three links and a website, and each may take LIMITS.total_seconds.
MOST_PER_CALL = 2
# A result counts for so long; the next look is due before that, so that a busy worker loses no result.
COUNTS_FOR = timedelta(days=7)
NEXT_LOOK = timedelta(days=5)
LIMITS = Limits(total_seconds=15.0)
HEADERS = (("User-Agent", "Segment-Developer-Center link check"), ("Accept", "text/html, */*;q=0.5"))
Fetch = Callable[[str], Exchange]


def request_check(listing: Listing) -> LinkCheck:
    """Ask for a look at the links; asking twice is one look."""
    wish, _ = LinkCheck.objects.update_or_create(listing=listing, defaults={"due_at": timezone.now()})
    ring(TASK)
    return wish


def fetch(url: str) -> Exchange:
    """One GET, without the fragment, which no server ever sees; redirects are not followed."""
    return send(Request("GET", urldefrag(url).url, HEADERS), policy=egress_policy(), limits=LIMITS)


def check_due(fetch: Fetch = fetch) -> int:
    """Work on checks that are due, a few at most, so that no task outlives its time limit; how many there were."""
    for done in range(MOST_PER_CALL):
        wishes = LinkCheck.objects.claim(lease=LEASE)
        if not wishes:
            return done
        _check(wishes[0], fetch)
    if LinkCheck.objects.claimable().exists():
        ring(TASK)
    return MOST_PER_CALL


def _check(wish: LinkCheck, fetch: Fetch) -> None:
    asked_at = wish.due_at
    listing = Listing.objects.select_related("app").get(pk=wish.listing_id)
    if listing.app.deleted_at is not None:
        wish.settle()
        return
    results = {url: verdict(fetch(url)) for url in listing.checked_urls}
    with transaction.atomic():
        Listing.objects.filter(pk=listing.pk).update(link_checks=results)
        # Asked again meanwhile: the newer wish stays due, and its links are looked at in turn.
        newer = LinkCheck.objects.filter(pk=wish.pk, due_at__gt=asked_at).values_list("due_at", flat=True).first()
        wish.settle(due_at=newer or _next_look(listing))
    log.info(
        "links_checked",
        app_id=listing.app_id,
        count=len(results),
        ok=sum(bool(each["ok"]) for each in results.values()),
    )


def _next_look(listing: Listing) -> datetime | None:
    """When the sweep looks again by itself: never at what nobody is waiting for."""
    if listing.app.stage == Stage.DEPRECATED or not listing.docs_urls:
        return None
    return timezone.now() + NEXT_LOOK


def looked_at(result: dict[str, Any]) -> datetime | None:
    """When the look that gave this result was; None when it does not say."""
    return parse_datetime(result.get("at") or "")


def is_fresh(result: dict[str, Any]) -> bool:
    """Whether a result is young enough to count."""
    at = looked_at(result)
    return at is not None and timezone.now() - at <= COUNTS_FOR


def verdict(exchange: Exchange) -> dict[str, Any]:
    """What one answer means: {"ok", "status", "message", "at"}, the message for the partner."""
    status = exchange.response.status if exchange.response else None
    ok = exchange.error is None and status is not None and 200 <= status < 300
    return {"ok": ok, "status": status, "message": _message(exchange, status, ok), "at": timezone.now().isoformat()}


def _message(exchange: Exchange, status: int | None, ok: bool) -> str:
    if ok:
        return "Reachable."
    if exchange.error is not None and exchange.error.kind != "incomplete":
        return exchange.error.message
    if exchange.response is not None and status is not None and 300 <= status < 400:
        target = exchange.response.header("Location")[:200]
        return f"It redirects to {target or 'another page'}. Use the final address."
    if status in (401, 403):
        return f"It answers {status}: visitors without a log-in cannot read it."
    if status in (404, 410):
        return f"It answers {status}: there is no such page."
    return f"It answers {status}. Check that the page opens for everybody."


class LinkState(StrEnum):
    """What is known about one link."""

    OK = "ok"
    BROKEN = "broken"
    CHECKING = "checking"
    UNKNOWN = "unknown"


def link_states(listing: Listing) -> list[tuple[str, LinkState, dict[str, Any]]]:
    """Each documentation link, and the website, with its state and the result of the last look ({} without one)."""
    under_way = LinkCheck.objects.filter(listing=listing, due_at__lte=timezone.now()).exists()
    return [(url, _state(listing.link_checks.get(url), under_way), listing.link_checks.get(url) or {})
            for url in listing.checked_urls]  # fmt: skip


def _state(result: dict[str, Any] | None, under_way: bool) -> LinkState:
    if under_way:
        return LinkState.CHECKING
    if result is None or (result["ok"] and not is_fresh(result)):
        return LinkState.UNKNOWN
    return LinkState.OK if result["ok"] else LinkState.BROKEN
