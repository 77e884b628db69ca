"""/apps/<slug>/components/webhook/signing/ and …/verify/: the signing secrets, and whether a request fits them."""

import time
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from apps_catalog import signing
from apps_catalog.console import acting, app_page, see_other
from apps_catalog.models import App, Component, SigningSecret
from apps_catalog.rules import can_edit_app
from apps_catalog.signing_forms import VerifyForm
from apps_catalog.signing_samples import samples
from apps_catalog.states import ComponentKind
from partners.rules import role_of
from runtime.signature_check import Checked, Secret, advice_of, check
from vault.sealing import CannotOpen

TOTAL_HOURS = int(signing.OVERLAP.total_seconds() // 3600)


def _is_member(user: User, app: App) -> bool:
    """Anybody of the company: verifying changes nothing and shows no secret."""
    return role_of(user, app.company) is not None


@app_page()
@require_safe
def app_signing(request: HttpRequest, app: App) -> HttpResponse:
    """The secrets that sign now, and what can be done with each. 404 without a webhook."""
    active = signing.active_secrets(_webhook(app))
    context = {
        "app": app,
        "secrets": active,
        "current": active[0] if active else None,
        "may_edit": can_edit_app(request.user, app),
        "overlap_hours": TOTAL_HOURS,
        "samples": samples(),
    }
    return render(request, "apps_catalog/console/signing.html", context)


@app_page(can_edit_app)
@require_http_methods(["GET", "HEAD", "POST"])
def app_signing_reveal(request: HttpRequest, app: App, pk: UUID) -> HttpResponse:
    """Show one secret: POST, fresh log-in, on the record."""
    if request.method != "POST":
        return see_other(request, _home(app))
    return _reveal(request, app, pk)


@reauthentication_required
def _reveal(request: HttpRequest, app: App, pk: UUID) -> HttpResponse:
    secret = _secret(app, pk)
    try:
        value = signing.reveal(acting(request), secret)
    except CannotOpen:
        value = ""
    response = render(request, "apps_catalog/console/signing_revealed.html", {"app": app, "value": value})
    patch_cache_control(response, private=True, no_store=True)
    return response


@app_page(can_edit_app)
@require_POST
def app_signing_rotate(request: HttpRequest, app: App) -> HttpResponse:
    """Make a new secret. The posted `current` says which one it replaces: a second click does nothing."""
    try:
        current = UUID(request.POST.get("current", ""))
        made = signing.rotate(acting(request), _webhook(app), current)
    except ValidationError as problem:
        return see_other(request, _home(app), " ".join(problem.messages))
    except ValueError:
        made = None
    text = f"There is a new secret. The old one signs along for {TOTAL_HOURS} hours: reveal the new one and install it."
    return see_other(request, _home(app), text if made else "The secret was replaced already.")


@app_page(can_edit_app)
@require_POST
def app_signing_end(request: HttpRequest, app: App, pk: UUID) -> HttpResponse:
    """End an old secret before its time."""
    done = signing.end_now(acting(request), _secret(app, pk))
    return see_other(request, _home(app), "The old secret has ended." if done else "That secret has ended already.")


@app_page(_is_member)
@require_http_methods(["GET", "HEAD", "POST"])
def app_verify(request: HttpRequest, app: App) -> HttpResponse:
    """Judge a pasted request. Nothing of it is stored or logged."""
    component = _webhook(app)
    form = VerifyForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        "app": app,
        "form": form,
        "samples": samples(),
        "may_verify": _is_member(acting(request), app),
    }
    if not form.is_valid():
        return render(request, "apps_catalog/console/verify.html", context, status=422 if form.is_bound else 200)
    checked = check(form.pasted(), _candidates(component, form.cleaned_data["secret"]), time.time())
    title, text = advice_of(checked)
    context |= {"checked": checked, "title": title, "text": text, "tone": _tone(checked), "sent_at": _sent_at(checked)}
    return render(request, "apps_catalog/console/verify.html", context)


def _candidates(component: Component, typed: str) -> list[Secret]:
    """The secrets to try: those that sign, those that ended lately, and the one that was typed."""
    now = timezone.now()
    signing.active_secrets(component)
    found = []
    for row in component.signing_secrets.order_by("-created_at"):
        value = signing.open_or_none(row)
        if value is not None:
            has_ended = row.ends_at is not None and row.ends_at <= now
            found.append(Secret(value, _label(row, has_ended=has_ended), has_ended=has_ended))
    return [*found, Secret(typed, "the secret that you typed", is_typed=True)] if typed else found


def _label(row: SigningSecret, *, has_ended: bool) -> str:
    if row.ends_at is None:
        return "the current secret"
    return f"the secret that ended on {row.ends_at:%d %b %Y, %H:%M} UTC" if has_ended else "the old secret"


def _tone(checked: Checked) -> str:
    if not checked.is_valid:
        return "danger"
    return "success" if checked.finding == "valid" else "warning"


def _sent_at(checked: Checked) -> datetime | None:
    """When it was signed; None for a time that no calendar knows."""
    if checked.age is None:
        return None
    try:
        return datetime.fromtimestamp(time.time() - checked.age, tz=timezone.get_default_timezone())
    except (OverflowError, ValueError, OSError):
        return None


def _webhook(app: App) -> Component:
    component = app.components.filter(kind=ComponentKind.SUBSCRIPTION_WEBHOOK).first()
    if component is None:
        raise Http404
    component.app = app
    return component


def _secret(app: App, pk: UUID) -> SigningSecret:
    component = _webhook(app)
    secret = get_object_or_404(component.signing_secrets, pk=pk)
    secret.component = component
    return secret


def _home(app: App) -> str:
    return reverse("app-signing", args=[app.slug])
