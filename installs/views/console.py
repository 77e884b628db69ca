"""/apps/<slug>/oauth/: the client of an App: its secrets, redirect URIs and scope, and the code that uses them."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps_catalog.console import DraftPage, acting, app_page, see_other
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app
from installs import clients, rules
from installs.addresses import config_api_url, oauth_url
from installs.button import buttons
from installs.forms import RedirectsForm, ScopeForm, SecretForm
from installs.models import MOST_SECRETS, Client, ClientSecret
from installs.numbers import numbers_of
from installs.samples import LOCAL_URI, local_uri, samples
from installs.scope_choices import choices_of
from installs.states import ScopeRequestState
from installs.wording import ask_of

TEMPLATE = "installs/console.html"
# Where each form of the page is: a refused one stands at an address of its own, a reload of which leads back.
REDIRECTS, SCOPE = "redirects", "scope"


@require_safe
@app_page()
def app_oauth(request: HttpRequest, app: App) -> HttpResponse:
    """The client and everything about it; before it is set up, what it is good for."""
    client = _client(app)
    if client is None:
        return render(request, "installs/console_new.html", {"may_edit": can_edit_app(request.user, app)})
    return render(request, TEMPLATE, _context(request, client))


@require_POST
@app_page(can_edit_app)
def app_oauth_set_up(request: HttpRequest, app: App) -> HttpResponse:
    clients.set_up(acting(request), app)
    return see_other(request, _home(app), "Enable with Segment is set up. Next: a redirect URI and a secret.")


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_oauth_settings(request: HttpRequest, app: App) -> HttpResponse:
    """Save the redirect URIs and the classic switch."""
    client = _client_or_404(app)
    if request.method != "POST":
        return see_other(request, _home(app, REDIRECTS))
    form = RedirectsForm(request.POST, client=client)
    page = DraftPage(
        template=TEMPLATE,
        save=lambda valid: _save_redirects(request, client, valid),
        revision=lambda: Client.objects.get(pk=client.pk).revision,
        done_url=_home(app, REDIRECTS),
        context=_context(request, client, form=form),
    )
    return page.answer(request, form)


def _save_redirects(request: HttpRequest, client: Client, form: RedirectsForm) -> str:
    clients.save_redirects(
        acting(request), client, form.uris,
        is_classic=form.cleaned_data["is_classic"], revision=form.cleaned_data["revision"],
    )  # fmt: skip
    return "Saved. It holds from the next request on."


# --- Secrets -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app, read_rule=can_edit_app)
@reauthentication_required
@never_cache
def app_oauth_secret_new(request: HttpRequest, app: App) -> HttpResponse:
    """Name a secret; the answer to the POST shows its value, the only time that anything does."""
    client = _client_or_404(app)
    form = SecretForm(request.POST or None, initial={"newest": clients.newest_secret(client)})
    if request.method == "POST" and form.is_valid():
        name, newest = form.cleaned_data["name"], form.cleaned_data["newest"]
        try:
            made, value = clients.new_secret(acting(request), client, name, newest=newest)
        except ValidationError as refused:
            return _no_secret(request, app, refused)
        return render(request, "installs/console_secret.html", {"client": client, "secret": made, "value": value})
    is_full = len(clients.usable_secrets(client)) >= MOST_SECRETS
    status = 422 if form.is_bound else 200
    return render(request, "installs/console_secret_new.html", {"form": form, "is_full": is_full}, status=status)


def _no_secret(request: HttpRequest, app: App, refused: ValidationError) -> HttpResponse:
    text = refused.messages[0]
    if refused.code == "again":
        text += " If you have not seen its value, retire it and make another."
    messages.warning(request, text)
    return see_other(request, _home(app, "secrets"))


@require_POST
@app_page(can_edit_app)
def app_oauth_secret_retire(request: HttpRequest, app: App, pk: int) -> HttpResponse:
    secret = get_object_or_404(ClientSecret.objects.select_related("client"), pk=pk, client__app=app, is_trial=False)
    secret.client.app = app
    done = clients.retire_secret(acting(request), secret)
    text = f"{secret.name} no longer works." if done else f"{secret.name} was retired already."
    return see_other(request, _home(app, "secrets"), text)


# --- Scope -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_oauth_scope(request: HttpRequest, app: App) -> HttpResponse:
    """`act`: choose a scope that is granted, ask for a wider one, or withdraw what was asked."""
    client = _client_or_404(app)
    if request.method != "POST":
        return see_other(request, _home(app, SCOPE))
    act = request.POST.get("act")
    if act == "ask":
        return _ask_scope(request, client)
    text = _withdraw(request, client) if act == "withdraw" else _choose_scope(request, client)
    return see_other(request, _home(app, SCOPE), text)


def _ask_scope(request: HttpRequest, client: Client) -> HttpResponse:
    form = ScopeForm(request.POST, allowed=rules.allowed_scopes(client))
    if form.is_valid():
        try:
            clients.ask_scope(acting(request), client, form.cleaned_data["kind"], form.cleaned_data["reason"])
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            text = "Segment has your request. You get a mail with the answer."
            return see_other(request, _home(client.app, SCOPE), text)
    return render(request, TEMPLATE, _context(request, client, scope_form=form), status=422)


def _withdraw(request: HttpRequest, client: Client) -> str:
    waiting = client.scope_requests.filter(state=ScopeRequestState.WAITING).first()
    if waiting is None:
        return "There is no request any more."
    waiting.client = client
    clients.withdraw_request(acting(request), waiting)
    return "The request is withdrawn."


def _choose_scope(request: HttpRequest, client: Client) -> str:
    """Without a text when nothing was changed: what can be chosen is what the page shows."""
    try:
        clients.choose_scope(acting(request), client, request.POST.get("kind", ""))
    except ValidationError as refused:
        messages.warning(request, refused.messages[0])
        return ""
    return f"Requests have to ask for “{client.scope}” from now on."


# --- What is read only -------------------------------------------------------------------------------


@require_safe
@app_page()
def app_oauth_preview(request: HttpRequest, app: App) -> HttpResponse:
    """The page on which a customer consents, as it looks now. Nothing can be consented to here."""
    client = _client_or_404(app)
    return render(request, "installs/console_preview.html", {"client": client, "ask": ask_of(client)})


@require_safe
@app_page()
def app_oauth_code(request: HttpRequest, app: App) -> HttpResponse:
    """The button, and complete programs in four languages."""
    client = _client_or_404(app)
    context = {
        "client": client,
        "buttons": buttons(client),
        "samples": samples(client),
        "local_uri": LOCAL_URI,
        "has_local_uri": bool(local_uri(client)),
        "may_edit": can_edit_app(request.user, app),
    }
    return render(request, "installs/console_code.html", context)


def _context(request: HttpRequest, client: Client, **forms: Any) -> dict[str, Any]:
    """Of the page; what was typed into a form that is shown again comes in `forms`."""
    secrets = clients.usable_secrets(client)
    allowed = rules.allowed_scopes(client)
    return {
        "client": client,
        "form": RedirectsForm(client=client),
        "secrets": secrets,
        "has_room": len(secrets) < MOST_SECRETS,
        "choices": choices_of(client, allowed),
        "scope_form": ScopeForm(allowed=allowed),
        "latest_request": client.scope_requests.select_related("asked_by").first(),
        "numbers": numbers_of(client),
        "addresses": _addresses(),
        "may_edit": can_edit_app(request.user, client.app),
        **forms,
    }


def _addresses() -> list[tuple[str, str, str]]:
    """(id, what it is, the address): where a partner's server turns to."""
    return [
        ("address-authorize", "Authorize", oauth_url("/oauth2/auth")),
        ("address-token", "Token", oauth_url("/oauth2/token")),
        ("address-api", "Config API", config_api_url("").rstrip("/")),
    ]


def _client(app: App) -> Client | None:
    client = Client.objects.filter(app=app).first()
    if client is not None:
        client.app = app
    return client


def _client_or_404(app: App) -> Client:
    client = get_object_or_404(Client, app=app)
    client.app = app
    return client


def _home(app: App, anchor: str = "") -> str:
    return reverse("app-oauth", args=[app.slug]) + (f"#{anchor}" if anchor else "")
