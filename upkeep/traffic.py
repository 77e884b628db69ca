"""What became of the events that customers sent to an App in the last day, from the tallies (D32)."""

from datetime import datetime, timedelta

from django.db.models import Q, Sum

from apps_catalog.models import App
from delivery.models import Tally
from delivery.states import Stage
from reviews.thresholds import own_workspaces
from workspaces.models import Destination

SPAN = timedelta(days=1)
# Fewer events say nothing about an App; of so many, this share has to arrive.
ENOUGH = 100
MOST_LOST = 0.5
# The customer's own settings are wrong: no fault of the App.
CUSTOMERS_OWN = ("errors.discarded.401", "errors.discarded.403", "errors.discarded.INVALID_SETTINGS")


def losing(app: App, now: datetime) -> str:
    """A sentence when most events of the last day could not be delivered; "" otherwise. Two queries."""
    standing = Destination.objects.filter(app=app, is_enabled=True)
    places = list(standing.exclude(source__workspace__in=own_workspaces(app)).values_list("source", "pk"))
    if not places:
        return ""
    rows = Tally.objects.filter(
        source__in={source for source, _ in places}, destination_number__in=[pk for _, pk in places],
        at__gte=now - SPAN, stage__in=(Stage.DELIVERED, Stage.FAILED),
    )  # fmt: skip
    counts = rows.exclude(code__in=CUSTOMERS_OWN).aggregate(
        all=Sum("count", default=0), lost=Sum("count", filter=Q(stage=Stage.FAILED), default=0)
    )
    if counts["all"] < ENOUGH or counts["lost"] < MOST_LOST * counts["all"]:
        return ""
    return f"Of {counts['all']:,} events of the last day, {counts['lost']:,} could not be delivered to it."
