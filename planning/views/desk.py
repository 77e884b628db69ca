"""/admin/review/plans/: the plans that Segment's team was asked to look at, the longest waiting first."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.desk import desk_page, show
from partners import clock
from partners.models import Policy
from planning.models import Plan
from planning.team import WAITING, is_waiting
from planning.words import due_with

PAGE_SIZE = 25
TABS = {"": "Waiting", "all": "All plans"}


@desk_page
@require_safe
def review_plans(request: HttpRequest) -> HttpResponse:
    """`?tab=all` shows those that wait for nobody too, the last changed first."""
    tab = "all" if request.GET.get("tab") == "all" else ""
    alive = Plan.objects.filter(app__deleted_at__isnull=True).select_related("app__company", "looked_by")
    plans = alive.order_by("-updated_at", "pk") if tab else alive.filter(WAITING).order_by("asked_at", "pk")
    page = Paginator(plans, PAGE_SIZE).get_page(request.GET.get("page"))
    days, calendar = Policy.current().review_days, clock.calendar()
    rows = [{"plan": plan, "due_at": due_with(plan, calendar, days) if is_waiting(plan) else None} for plan in page]
    tabs = [(name, label, f"?tab={name}" if name else "?") for name, label in TABS.items()]
    return show(request, "plans.html", {"title": "Plans", "page_obj": page, "rows": rows, "tabs": tabs, "tab": tab})
