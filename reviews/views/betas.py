"""The partner's side of a beta: the special URL, invitations, who confirmed, and the way to the catalog."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.undo import say_with_undo
from accounts.visitor import person
from apps_catalog.console import app_page, see_other
from apps_catalog.models import App
from reviews import beta, releases
from reviews.customers import customers_of
from reviews.forms import InviteForm
from reviews.models import Release
from reviews.refusals import Refused
from reviews.rules import can_run_beta
from reviews.thresholds import counting_verifications, leaves_beta_at, missing_for_public, policy_for


def special_url(app: App) -> str:
    """The absolute special URL of S32."""
    return settings.SITE_URL.rstrip("/") + reverse("beta-door", args=[app.slug])


@require_safe
@app_page()
def app_beta(request: HttpRequest, app: App) -> HttpResponse:
    return _page(request, app, InviteForm())


@require_POST
@app_page(can_run_beta)
def app_beta_invite(request: HttpRequest, app: App) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, app, form, status=422)
    before = app.beta_invites.order_by("-pk").values_list("pk", flat=True).first()
    try:
        made = beta.invite(app, person(request), form.cleaned_data["email"])
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, app, form, status=422)
    if before is not None and made.pk <= before:
        messages.info(request, f"{made.email} has an open invitation already. Take it back first to send a new one.")
    else:
        messages.success(request, f"The invitation to {made.email} is on its way.")
    return _back(request, app)


@require_POST
@app_page(can_run_beta)
def app_beta_revoke(request: HttpRequest, app: App, invite_id: int) -> HttpResponse:
    invitation = get_object_or_404(app.beta_invites.select_related("app"), pk=invite_id)
    if beta.revoke(invitation, person(request)):
        undo = reverse("app-beta-restore", args=[app.slug, invite_id])
        say_with_undo(request, f"The invitation of {invitation.email} is taken back; its link no longer works.", undo)
    else:
        messages.info(request, "This invitation was taken back already.")
    return _back(request, app)


@require_POST
@app_page(can_run_beta)
def app_beta_restore(request: HttpRequest, app: App, invite_id: int) -> HttpResponse:
    """Undo `app_beta_revoke`, within a day."""
    invitation = get_object_or_404(app.beta_invites.select_related("app"), pk=invite_id)
    try:
        beta.restore(invitation, person(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The invitation of {invitation.email} holds again.")
    return _back(request, app)


@require_POST
@app_page(can_run_beta)
def app_beta_access(request: HttpRequest, app: App) -> HttpResponse:
    invited_only = request.POST.get("invited_only") == "yes"
    beta.set_invited_only(app, person(request), invited_only)
    who = "only people you invited" if invited_only else "everybody who has it"
    messages.success(request, f"The special URL now opens for {who}.")
    return _back(request, app)


@require_POST
@app_page(can_run_beta)
def app_beta_ask(request: HttpRequest, app: App) -> HttpResponse:
    """“Ask to go public” always works: it asks, or it says what is missing."""
    try:
        releases.ask_to_go_public(app, person(request))
    except Refused as refusal:
        return _page(request, app, InviteForm(), status=422, refusal=str(refusal))
    messages.success(request, "We got your request. The date of the release is on this page.")
    return _back(request, app)


def _back(request: HttpRequest, app: App) -> HttpResponse:
    return see_other(request, reverse("app-beta", args=[app.slug]))


def _page(request: HttpRequest, app: App, form: InviteForm, *, status: int = 200, refusal: str = "") -> HttpResponse:
    policy = policy_for(app)
    context: dict[str, Any] = {
        "form": form,
        "refusal": refusal,
        "special_url": special_url(app),
        "policy": policy,
        "customers": customers_of(app),
        "counted": counting_verifications(app).count(),
        "missing": missing_for_public(app, policy),
        "release": Release.objects.filter(app=app).first(),
        "leaves_beta_at": leaves_beta_at(app, policy),
        "can_run_beta": can_run_beta(person(request), app),
        "is_private_beta": app.is_live and not app.is_listed,
    }
    return render(request, "reviews/app_beta.html", context, status=status)
