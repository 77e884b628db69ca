"""A partner's server in short: it sends a person to the consent and asks for tokens. For all tests of the flow."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory

from installs import authorization
from installs.models import Client, Install
from tests.cast import CLIENT_SECRET, REDIRECT_URI

FORM = "application/x-www-form-urlencoded"
VERIFIER = "a-verifier-of-the-tests.with_43_characters~"
RIVAL_SECRET = "a-client-secret-of-the-rival-43-characters-"
STATE = "what the partner’s server remembers & compares"


def challenge_of(verifier: str) -> str:
    """The SHA-256 of a verifier, as RFC 7636 has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def basic(client_id: str, secret: str = CLIENT_SECRET) -> str:
    """The Authorization header of a client, not percent-encoded first, as the partner example app sends it."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def query_of(client: Client, **changes: Any) -> str:
    """What a request for authorization carries. A parameter that is None is left out, one that is a list repeated."""
    parameters = {
        "response_type": "code", "client_id": client.client_id, "redirect_uri": REDIRECT_URI, "scope": client.scope,
        "state": STATE, "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256",
    } | changes  # fmt: skip
    if client.is_classic and "code_challenge" not in changes:
        del parameters["code_challenge"], parameters["code_challenge_method"]
    return urlencode({name: value for name, value in parameters.items() if value is not None}, doseq=True)


def code_for(install: Install, **changes: Any) -> str:
    """A code of an install, as the consent gives it. `changes` are those of `query_of`."""
    request = RequestFactory().get("/oauth2/auth?" + query_of(install.client, **changes))
    request.user = install.consented_by
    location = authorization.code_for(request, authorization.read(request), install)
    return parse_qs(urlsplit(location).query)["code"][0]


def post(path: str, form: dict[str, Any], authorization: str | None = None) -> HttpResponse:
    """A form to one of the endpoints. A value that is None is left out."""
    sent = {name: value for name, value in form.items() if value is not None}
    headers = {"Authorization": authorization} if authorization else {}
    return Browser().post(path, urlencode(sent, doseq=True), content_type=FORM, headers=headers)


def exchange(client: Client, code: str, secret: str = CLIENT_SECRET, /, **changes: Any) -> HttpResponse:
    """The code for tokens (D42). `changes` replace parameters of the form."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    if not client.is_classic:
        form["code_verifier"] = VERIFIER
    return post("/oauth2/token", form | changes, basic(client.client_id, secret))


def refresh(client: Client, token: str, **changes: Any) -> HttpResponse:
    """The standard way to a new access token."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return post("/oauth2/token", form | changes, basic(client.client_id))


def refresh_by_name(client: Client, name: str, secret: str = CLIENT_SECRET) -> HttpResponse:
    """Segment's own way (D43): `name` is “installs/7”."""
    return Browser().get(f"/v1beta/{name}/token", headers={"Authorization": basic(client.client_id, secret)})
