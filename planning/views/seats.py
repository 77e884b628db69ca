"""/company/<slug>/partner-slack/: one's own seat in the partners' Slack workspace."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.visitor import person
from partners.models import Company
from partners.views.answers import see_other
from planning import slack_seats
from planning.rules import can_ask_for_seat


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def partner_slack(request: HttpRequest, slug: str) -> HttpResponse:
    """What the workspace is for, and how far one's seat is; `do` asks for one or takes that back."""
    user = person(request)
    company = get_object_or_404(Company.objects.visible_to(user), slug=slug)
    may_ask = can_ask_for_seat(user, company)
    if request.method == "POST":
        if not may_ask:
            raise PermissionDenied
        _act(request, company)
        return see_other("partner-slack", slug)
    seat = slack_seats.seat_of(company, user)
    link = settings.PARTNER_SLACK_URL if seat and seat.invited_at else ""
    context = {"company": company, "seat": seat, "link": link, "may_ask": may_ask}
    context["has_link"] = bool(settings.PARTNER_SLACK_URL)
    return render(request, "planning/partner_slack.html", context)


def _act(request: HttpRequest, company: Company) -> None:
    user = person(request)
    if request.POST.get("do") == "withdraw":
        if slack_seats.take_back(user, company):
            messages.success(request, "You no longer ask for a seat.")
        return
    seat = slack_seats.ask(user, company)
    told = "Your seat is there: the link is below, and in a mail." if seat.invited_at else "Asked. You get a mail."
    messages.success(request, told)
