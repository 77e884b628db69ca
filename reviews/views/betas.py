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
from apps_catalog.states import Stage
from reviews import beta, releases
from reviews.customers import confirmations_of, invitations_of
from reviews.forms import InviteForm, LaunchForm
from reviews.refusals import Refused
from reviews.road import road_of
from reviews.rules import can_run_beta
from reviews.trials import trying
from reviews.waits import release_wait
from trains.words import day_in_words


def special_url(app: App) -> str:
    """The absolute special URL of S32."""
    return settings.SITE_URL.rstrip("/") + reverse("beta-door", args=[app.slug])


@require_safe
@app_page()
def app_beta(request: HttpRequest, app: App) -> HttpResponse:
    return _page(request, app)


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
        messages.info(request, f"{made.email} has an open invitation already. “Send a new link” replaces it.")
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
def app_beta_resend(request: HttpRequest, app: App, invite_id: int) -> HttpResponse:
    """A new link instead of the old one. Sent twice, it is one."""
    invitation = get_object_or_404(app.beta_invites.select_related("app", "replaced_by"), pk=invite_id)
    try:
        made = beta.resend(invitation, person(request))
    except Refused as refusal:
        return _page(request, app, status=422, refusal=str(refusal))
    messages.success(request, f"A new link is on its way to {made.email}. The old one no longer works.")
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
    form = LaunchForm(request.POST)
    if not form.is_valid():
        return _page(request, app, launch_form=form, status=422)
    try:
        releases.ask_to_go_public(app, person(request), form.cleaned_data["launch_on"])
    except Refused as refusal:
        return _page(request, app, launch_form=form, status=422, refusal=str(refusal))
    messages.success(request, "We got your request. The date of the release is on this page.")
    return _back(request, app)


@require_POST
@app_page(can_run_beta)
def app_beta_launch(request: HttpRequest, app: App) -> HttpResponse:
    """Move the launch to another day, or to the next release."""
    form = LaunchForm(request.POST)
    if not form.is_valid():
        return _page(request, app, launch_form=form, status=422)
    try:
        asked = releases.change_launch(app, person(request), form.cleaned_data["launch_on"])
    except Refused as refusal:
        return _page(request, app, launch_form=form, status=422, refusal=str(refusal))
    when = f"on {day_in_words(asked.launch_on)}" if asked.launch_on else "with the next release"
    messages.success(request, f"{app.name} goes live {when}.")
    return _back(request, app)


@require_POST
@app_page(can_run_beta)
def app_beta_cancel(request: HttpRequest, app: App) -> HttpResponse:
    """Stay in private beta after all. Sent twice, it is done once."""
    if releases.cancel_request(app, person(request)):
        messages.success(request, "Taken back: the App stays in private beta. You can ask again at any time.")
    else:
        messages.info(request, "Nothing waits for its release; nothing was changed.")
    return _back(request, app)


def _back(request: HttpRequest, app: App) -> HttpResponse:
    return see_other(request, reverse("app-beta", args=[app.slug]))


def _page(
    request: HttpRequest, app: App, form: InviteForm | None = None, launch_form: LaunchForm | None = None, *,
    status: int = 200, refusal: str = "",
) -> HttpResponse:  # fmt: skip
    road = road_of(app)
    asked = road.release
    picked = {"launch_on": asked.launch_on if asked else None}
    # A form that came back knows only what was typed; the days that can be picked are on the page beside it.
    launch_form = launch_form or LaunchForm(initial=picked, first=road.first_day, last=road.last_day)
    context: dict[str, Any] = {
        "form": form or InviteForm(),
        "launch_form": launch_form,
        "refusal": refusal,
        "special_url": special_url(app),
        "road": road,
        "policy": road.policy,
        "confirmations": confirmations_of(app, request.GET.get("said")),
        # Once it is public, who installs it is the customers' own business.
        "trials": trying(app, request.GET.get("tries")) if app.is_live and app.stage != Stage.PUBLIC else None,
        "invitations": invitations_of(app, request.GET.get("links")),
        "wait": release_wait(asked) if asked and road.is_open else None,
        "can_run_beta": can_run_beta(person(request), app),
    }
    return render(request, "reviews/app_beta.html", context, status=status)
