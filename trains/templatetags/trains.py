"""`{% load trains %}{% app_ride app %}`: how the newest approval of an App travels, wherever a page wants to say it.

A tag, because the pages that show it belong to packages below this one.
"""

from typing import Any

from django import template

from apps_catalog.models import App
from pulls.models import PullRequest
from pulls.wording import Advice
from trains.page import Ride, advice_beside, ride_of

register = template.Library()


@register.inclusion_tag("trains/_ride.html")
def app_ride(app: App) -> dict[str, Any]:
    """The note about the release train; nothing for an App that never boarded one."""
    return {"ride": ride_of_app(app)}


@register.simple_tag
def ride_of_app(app: App) -> Ride | None:
    """`{% ride_of_app app as ride %}`: the same, for a page that says more about it."""
    return ride_of(app) if app.processes == "pull_request" else None


@register.simple_tag
def advice_beside_ride(ride: Ride | None, pull: PullRequest, advice: Advice) -> Advice:
    """`{% advice_beside_ride ride pull advice as advice %}`: what a pull request waits for, as its ride has it."""
    return advice_beside(ride, pull, advice)


@register.inclusion_tag("trains/_ride.html")
def one_ride(ride: Ride) -> dict[str, Any]:
    return {"ride": ride}
