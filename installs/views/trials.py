"""/apps/<slug>/oauth/try/: the flow with the built-in sample client, and the browser's way back from it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.visitor import person
from apps_catalog.console import app_page, see_other
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app
from installs import trial_answers, trials
from installs.models import Client, FlowTrial
from installs.states import TrialState
from installs.trial_page import CHIPS, Shown, read
from installs.trial_steps import STEPS, planned
from leases.transitions import StaleState

PAGE_SIZE = 25
STOP_POLLING = 286  # htmx's own status: “this is the last answer”


@app_page(can_edit_app)
@require_http_methods(["GET", "HEAD", "POST"])
def try_flow(request: HttpRequest, app: App) -> HttpResponse:
    """What a trial does, and those before; sent, on to the consent page."""
    client = Client.objects.select_related("app").filter(app=app).first()
    if request.method == "POST":
        return _start(request, app, client)
    rows = FlowTrial.objects.filter(client=client) if client else FlowTrial.objects.none()
    earlier = rows.select_related("started_by").defer("steps", "secrets_sealed")
    page_obj = Paginator(earlier, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "app": app,
        "client": client,
        "steps": [STEPS[step] for step in planned(client.scope_kind)] if client else [],
        "may_try": can_edit_app(request.user, app),
        "page_obj": page_obj,
        "rows": [(trial, CHIPS[TrialState(trial.state)]) for trial in page_obj],
        "kept_days": trials.KEPT.days,
    }
    return _towards_consent(render(request, "installs/try.html", context))


def _start(request: HttpRequest, app: App, client: Client | None) -> HttpResponse:
    if client is None:
        messages.info(request, "Set up the OAuth client first. Then you can try the flow.")
        return see_other(request, reverse("app-oauth", args=[app.slug]))
    trial = trials.start(person(request), client)
    if trial.state != TrialState.CONSENT:
        return see_other(request, _page_of(trial))
    return see_other(request, trials.authorize_url(trial))


@app_page()
@require_safe
def trial(request: HttpRequest, app: App, trial_id: str) -> HttpResponse:
    """One trial: a row for each step, which opens to the exact request and answer."""
    return _towards_consent(render(request, "installs/trial.html", _context(request, app, trial_id)))


@never_cache
@app_page()
@require_safe
def trial_live(request: HttpRequest, app: App, trial_id: str) -> HttpResponse:
    """The part of the page that changes, asked for once a second while a worker is at it. Ends with 286."""
    context = _context(request, app, trial_id)
    shown: Shown = context["shown"]
    return render(request, "installs/_trial_live.html", context, status=200 if shown.is_moving else STOP_POLLING)


@app_page(can_edit_app)
@require_POST
def trial_cancel(request: HttpRequest, app: App, trial_id: str) -> HttpResponse:
    found = _find(app, trial_id)
    try:
        trials.cancel(person(request), found)
    except StaleState:
        messages.info(request, "The trial was over before it could be cancelled.")
    else:
        messages.success(request, "The trial is cancelled.")
    return see_other(request, _page_of(found))


@never_cache
@login_required
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Where the browser comes back to from the consent. The code in the address goes no further than here."""
    try:
        found = trial_answers.take(person(request), request.GET.dict())
    except trial_answers.UnknownAnswer:
        response = render(request, "installs/trial_unknown.html", status=400)
    else:
        response = see_other(request, _page_of(found))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _find(app: App, trial_id: str) -> FlowTrial:
    rows = FlowTrial.objects.select_related("client", "install__workspace", "started_by")
    found = get_object_or_404(rows, client__app=app, public_id=trial_id)
    found.client.app = app
    return found


def _context(request: HttpRequest, app: App, trial_id: str) -> dict[str, Any]:
    found = _find(app, trial_id)
    is_mine = found.started_by_id == request.user.pk
    waits = is_mine and found.state == TrialState.CONSENT and bool(found.secrets_sealed)
    return {
        "app": app,
        "trial": found,
        "shown": read(found, is_mine=is_mine),
        "may_cancel": found.is_open and can_edit_app(request.user, app),
        "may_try": can_edit_app(request.user, app),
        "consent_url": trials.authorize_url(found) if waits else "",
    }


def _page_of(found: FlowTrial) -> str:
    return reverse("app-oauth-trial", args=[found.client.app.slug, found.public_id])


def _towards_consent(response: HttpResponse) -> HttpResponse:
    """Browsers check `form-action` again where the answer to a form leads: to the host of OAUTH_URL, if it has one."""
    patch_cache_control(response, no_store=True)
    if settings.OAUTH_URL:
        parts = urlsplit(settings.OAUTH_URL)
        response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
    return response
