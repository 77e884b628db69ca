"""Enable with Segment in the demo: the client of the public App, and an install that really went through.

Nothing is written past the doors: a session consents, a request with the client's secret exchanges the code,
and another one with the token reaches the Config API, as a partner's server does it.
"""

import base64
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import get_random_string

from accounts.models import User
from apps_catalog.models import App
from devcenter.demo.serving import ask
from installs import proof
from installs.clients import new_secret, save_redirects, set_up
from installs.digests import digest
from installs.models import Client, Install
from runtime.egress import Response
from runtime.webhooks import API_KEY
from workspaces.models import Source

# Where the partner's example app listens on a laptop (CONTRACT).
REDIRECT_URI = "http://localhost:8888/auth/segment/callback"
CSRF_CHARACTERS = 32
EXISTS = 409  # D46: “destination already exists”


def client_of(app: App, owner: User) -> Client:
    """The App's client with the secret that `describe` tells; what is missing is made.

    It is classic: the example app knows no PKCE.
    """
    client = set_up(owner, app)
    if REDIRECT_URI not in client.uris:
        save_redirects(owner, client, [*client.uris, REDIRECT_URI], is_classic=True, revision=client.revision)
        client.refresh_from_db()
    value = secret_of(client)
    if not client.secrets.filter(digest=digest(value)).exists():
        new_secret(owner, client, "Demo", value=value)
    return client


def secret_of(client: Client) -> str:
    """The same on every call, though it is kept as a digest (PRODUCT, Client secrets)."""
    made = hmac.digest(settings.SECRET_KEY.encode(), f"demo-client-secret:{client.client_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def describe(app_name: str) -> dict[str, Any]:
    """The key `oauth` of `seed_demo --json`, once there is a client."""
    client = Client.objects.select_related("app").filter(app__name=app_name, app__company__slug="acme").first()
    if client is None:
        return {}
    return {
        "oauth": {
            "client_id": client.client_id,
            "client_secret": secret_of(client),
            "redirect_uris": client.uris,
            "scope": client.scope,
        }
    }


def enable(client: Client, user: User, source: Source, api_key: str) -> bool:
    """Go through the whole flow for `source`, of whose workspace `user` is an owner. Whether it works.

    What went through before is enough.
    """
    if not proof.works(client.app):
        token = _first_token(client, user, source)
        if token:
            _set_up_destination(client.app, token, api_key)
    return proof.works(client.app)


def _first_token(client: Client, user: User, source: Source) -> dict[str, Any] | None:
    """By a consent; where an earlier run of this broke off behind it, by the name of its install (D43)."""
    begun = Install.objects.active().real().filter(client=client, workspace=source.workspace_id).first()
    if begun:
        return _token_in(ask("GET", f"/v1beta/{begun.name}/token", (_basic(client),), b""))
    with _session_of(user) as cookie:
        code = _consent(client, source, cookie)
    return _exchange(client, code) if code else None


# --- The customer's browser -------------------------------------------------------------------------------


@contextmanager
def _session_of(user: User) -> Iterator[str]:
    """The cookie of a session of this person, which ends with the block."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    try:
        yield f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    finally:
        session.delete()


def _consent(client: Client, source: Source, cookie: str) -> str:
    """Press Allow on the consent page; the code that the browser would carry to the partner, or ""."""
    asked = {
        "response_type": "code", "client_id": client.client_id, "redirect_uri": REDIRECT_URI,
        "scope": client.scope, "state": get_random_string(40),
    }  # fmt: skip
    csrf = get_random_string(CSRF_CHARACTERS)
    form = {
        "csrfmiddlewaretoken": csrf,
        "decision": "allow",
        "place": f"{source.workspace.slug}/{source.slug}",
    }
    headers = (("Cookie", f"{cookie}; {settings.CSRF_COOKIE_NAME}={csrf}"),)
    answer = _post(f"/oauth2/auth?{urlencode(asked)}", form, headers)
    back = answer.header("Location") if answer else ""
    return parse_qs(urlsplit(back).query).get("code", [""])[0] if back.startswith(REDIRECT_URI) else ""


# --- The partner's server ---------------------------------------------------------------------------------


def _exchange(client: Client, code: str) -> dict[str, Any] | None:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    return _token_in(_post("/oauth2/token", form, (_basic(client),)))


def _basic(client: Client) -> tuple[str, str]:
    pair = base64.b64encode(f"{client.client_id}:{secret_of(client)}".encode()).decode()
    return ("Authorization", f"Basic {pair}")


def _token_in(answer: Response | None) -> dict[str, Any] | None:
    return json.loads(answer.body) if answer and answer.status == 200 else None


def _set_up_destination(app: App, token: dict[str, Any], api_key: str) -> None:
    """D45: create it, or change the one that is there."""
    parent = token["source_names"][0]
    name = f"{parent}/destinations/{app.slug}"
    config = [{"name": f"{name}/config/{API_KEY}", "value": api_key}]
    body = {"destination": {"name": name, "connection_mode": "CLOUD", "config": config, "enabled": True}}
    headers = (("Authorization", f"Bearer {token['access_token']}"), ("Content-Type", "application/json"))
    answer = ask("POST", f"/v1beta/{parent}/destinations", headers, json.dumps(body).encode())
    if answer and answer.status == EXISTS:
        mask = {"update_mask": {"paths": ["destination.config", "destination.enabled"]}}
        ask("PATCH", f"/v1beta/{name}", headers, json.dumps(body | mask).encode())


def _post(path: str, form: dict[str, str], headers: tuple[tuple[str, str], ...]) -> Response | None:
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    return ask("POST", path, (kind, *headers), urlencode(form).encode())
