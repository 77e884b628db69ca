"""The page on which owners connect a Slack channel of their own."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.visitor import person
from partners import company_slack, rules
from partners.models import Company
from partners.slack_forms import SlackForm
from partners.views.answers import attempt, see_other


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    company = _managed(request, slug)
    channel = company_slack.channel_of(company)
    if request.method != "POST":
        return _show(request, company, SlackForm(channel=channel))
    form = SlackForm(request.POST, channel=channel)
    if not form.is_valid():
        return _show(request, company, form, status=422)
    verb = partial(company_slack.connect, company, person(request), **form.cleaned_data)
    attempt(request, verb, "Saved. Send a test message to see that it arrives.")
    return see_other("company-slack", slug)


@login_required
@require_POST
def trial(request: HttpRequest, slug: str) -> HttpResponse:
    if company_slack.send_trial(_managed(request, slug), person(request)):
        messages.success(request, "A test message is on its way. Below you see whether Slack took it.")
    else:
        messages.error(request, "Connect a channel first.")
    return see_other("company-slack", slug)


@login_required
@require_POST
def disconnect(request: HttpRequest, slug: str) -> HttpResponse:
    verb = partial(company_slack.disconnect, _managed(request, slug), person(request))
    attempt(request, verb, "The channel is disconnected, and its address is forgotten.", "No channel is connected.")
    return see_other("company-slack", slug)


def _managed(request: HttpRequest, slug: str) -> Company:
    company = get_object_or_404(Company.objects.visible_to(person(request)), slug=slug)
    if not rules.can_manage(person(request), company):
        raise PermissionDenied
    return company


def _show(request: HttpRequest, company: Company, form: SlackForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "company": company,
        "channel": form.channel,
        "form": form,
        "may_write": rules.can_connect(person(request), company),
        "posts": company_slack.latest_posts(form.channel),
    }
    return render(request, "partners/company_slack.html", context, status=status)
