"""Rows of life after launch, as the nightly check and the pages leave them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from apps_catalog.publishing import mark_at_risk
from reviews.release_dates import office_day
from upkeep.launch_content import plan
from upkeep.models import NightlyCheck, Risk
from upkeep.states import Found, LaunchKind

DOWN = "The endpoint https://hooks.acme.example/segment: Nothing listens there."


def make_night(app: App, back: int, found: Found, *problems: str, **fields: Any) -> NightlyCheck:
    """The check of `back` nights ago, looked at and decided about."""
    at = timezone.now() - timedelta(days=back)
    done = {"at": at, "looked_at": at, "judged_at": at, **fields}
    return NightlyCheck.objects.create(app=app, night=office_day(at), found=found, problems=list(problems), **done)


def make_risk(app: App, *, days_over: int = 3, days_left: int = 11) -> Risk:
    """Open, and shown on the App's entry."""
    now = timezone.now()
    since, until = now - timedelta(days=days_over), now + timedelta(days=days_left)
    mark_at_risk(app, since)
    return Risk.objects.create(app=app, problems=[DOWN], since=since, grace_until=until)


def make_kept(app: App, actor: User) -> dict[str, Any]:
    """A listed App that is at risk after three failed nights, and whose makers plan a blog post."""
    for back in range(3):
        make_night(app, back, Found.FAILED, DOWN)
    make_night(app, 3, Found.PASSED)
    risk = make_risk(app)
    plan(actor, app, LaunchKind.BLOG_POST, planned_on=None, note="With a quote of a customer.")
    return {"risk": risk.pk, "launch_kind": str(LaunchKind.BLOG_POST)}
