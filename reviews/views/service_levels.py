"""The public page of service levels (S5, S28)."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partners.models import Policy
from reviews.models import ServiceLevels
from reviews.service_levels import DAYS

# kind → what it is called, and what starts and ends it.
TITLES = {
    "access": ("Access requests", "from your request to our answer"),
    "review": ("Reviews", "from your submission to our decision"),
    "release": ("Releases", "from your request to go public to the release"),
}


@require_safe
def service_levels(request: HttpRequest) -> HttpResponse:
    """Two queries, whatever the record holds: the figures are computed by the beat, every hour."""
    measured = ServiceLevels.objects.first()
    policy = Policy.current()
    opens, closes = settings.OFFICE_HOURS
    context = {
        "measured": measured,
        "rows": [_row(kind, measured, policy) for kind in TITLES],
        "days": DAYS,
        "opens": f"{opens:02}:00",
        "closes": f"{closes:02}:00",
        "zone": settings.OFFICE_TIME_ZONE,
        "hours_a_day": closes - opens,
    }
    return render(request, "reviews/service_levels.html", context)


def _row(kind: str, measured: ServiceLevels | None, policy: Policy) -> dict[str, Any]:
    title, span = TITLES[kind]
    found = (measured.figures if measured else {}).get(kind) or {}
    return {"kind": kind, "title": title, "span": span, "promise": _promise(kind, policy), **found}


def _promise(kind: str, policy: Policy) -> str:
    """What is promised today, from the policy in force."""
    if kind == "release":
        weekday, cutoff = policy.get_release_weekday_display(), policy.get_cutoff_weekday_display()
        return f"the next {weekday}, if asked by {cutoff} {policy.cutoff_time:%H:%M} at our office"
    days = policy.access_days if kind == "access" else policy.review_days
    return f"{days} business day{'' if days == 1 else 's'}"
