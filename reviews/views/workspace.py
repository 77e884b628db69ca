"""“Test in your workspace” (S18, S19): where the partner's own installs are, and which tests are still open."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.visitor import person
from apps_catalog.console import app_page
from apps_catalog.models import App
from reviews.checklist import rail_for
from reviews.delivered import with_last_delivery
from reviews.rules import can_attest, is_member
from reviews.states import Attested
from workspaces.models import Destination

# The installs of one person that are shown; the workspaces themselves list all.
SHOWN = 20
# The two ways to test, in the order of the page: what closes by itself, then what only the partner sees.
WAYS = {
    "tester": (Attested.EVENT_TESTER_USED, Attested.DATA_SEEN),
    "sdk": (Attested.SDK_TESTED, Attested.DATA_SEEN_AGAIN),
}


@require_safe
@app_page()
def app_workspace(request: HttpRequest, app: App) -> HttpResponse:
    """The page follows by itself while an event is waited for."""
    listed, visitor = rail_for(app), person(request)
    items = {way: [listed.item(item) for item in ids] for way, ids in WAYS.items()}
    context = {
        "items": items,
        "installs": _installs(app, request)[:SHOWN],
        "is_waiting": any(not item.is_done and not item.is_attested for found in items.values() for item in found),
        "can_install": is_member(visitor, app),
        "can_attest": can_attest(visitor, app),
    }
    return render(request, "reviews/app_workspace.html", context)


def _installs(app: App, request: HttpRequest) -> QuerySet[Destination]:
    """Where the visitor has installed the App, with `delivered_at`."""
    mine = Destination.objects.filter(app=app, source__workspace__memberships__user=person(request))
    return with_last_delivery(mine).select_related("source__workspace")
