"""Does the website that an applicant named answer? A signal for reviewers, never a refusal."""

from collections.abc import Callable
from urllib.parse import urldefrag

from django.conf import settings

from runtime.company_address import Signal
from runtime.egress import EgressPolicy, Exchange, Limits, Request, send

LIMITS = Limits(total_seconds=8.0)
HEADERS = (("User-Agent", "Segment-Developer-Center website check"), ("Accept", "text/html, */*;q=0.5"))
Fetch = Callable[[str], Exchange]


def fetch(url: str) -> Exchange:
    """One GET through the door out; redirects are not followed."""
    policy = EgressPolicy.from_setting(settings.EGRESS_ALLOW)
    return send(Request("GET", urldefrag(url).url, HEADERS), policy=policy, limits=LIMITS)


def ask(website: str, look: Fetch | None = None) -> Signal | None:
    """What a look at the website says; None without one. Takes up to 8 s: call it from a task."""
    typed = website.strip()
    if not typed:
        return None
    exchange = (look or fetch)(typed if "://" in typed else f"https://{typed}")
    if exchange.error is not None and exchange.error.kind != "incomplete":
        return Signal("no_website", "warning", f"The website does not answer. {exchange.error.message}")
    status = exchange.response.status if exchange.response else 0
    # A redirect, or a wall for visitors without an account, is a website too.
    if 200 <= status < 400 or status in (401, 403):
        return Signal("website_answers", "good", "The website answers.")
    return Signal("no_website", "warning", f"The website answers with the error {status}.")
