"""A caller with a token, and installs of each scope."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import User
from apps_catalog.models import App, Setting
from apps_catalog.states import ComponentKind
from installs import tokens
from installs.lifecycle import activate, propose
from installs.models import Install
from installs.states import ScopeKind
from workspaces.lifecycle import add_source
from workspaces.models import Source

V1 = "/v1beta"


class Api:
    """Calls as a partner's server makes them. `install` None: without a token."""

    def __init__(self, install: Install | None = None, token: str = "") -> None:
        self._client = Client(enforce_csrf_checks=True)
        self.token = token or (str(tokens.issue(install)["access_token"]) if install else "")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """`path` below /v1beta; `body` as JSON unless it is bytes."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.token}", **headers} if self.token else headers
        return self._client.generic(method, f"{V1}{path}", raw, "application/json", headers=sent)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any) -> Any:
        return self.call("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)


@pytest.fixture(autouse=True)
def _no_requests_counted() -> None:
    """The counts of a minute outlive the rows of a test."""
    caches["rates"].clear()


@pytest.fixture
def install_with(oauth_client, alice: User, source: Source) -> Callable[[str], Install]:
    """An active install of the App in Alice's workspace with a scope of this kind."""

    def make(kind: str) -> Install:
        oauth_client.scope_kind = kind
        oauth_client.save(update_fields=["scope_kind"])
        made = propose(alice, oauth_client, source.workspace, source)
        activate(made)
        return made

    return make


@pytest.fixture
def api(oauth_install) -> Api:
    """With the destination scope on Alice's source."""
    return Api(oauth_install)


@pytest.fixture
def wide(install_with) -> Api:
    """With the scope over Alice's whole workspace."""
    return Api(install_with(ScopeKind.WORKSPACE))


@pytest.fixture
def reader(install_with) -> Api:
    return Api(install_with(ScopeKind.WORKSPACE_READ))


@pytest.fixture
def hook(app: App) -> App:
    """The App with a webhook, so that it has a connection mode."""
    app.components.create(kind=ComponentKind.SUBSCRIPTION_WEBHOOK, endpoint="https://acme.example/hook")
    return app


@pytest.fixture
def second_source(alice: User, source: Source) -> Source:
    return add_source(alice, source.workspace, "Shop")


def path_of(source: Source, slug: str = "") -> str:
    """Of the destinations of a source, or of one of them."""
    return f"/workspaces/{source.workspace.slug}/sources/{source.slug}/destinations{'/' if slug else ''}{slug}"


def name_of(source: Source, app: App) -> str:
    return path_of(source, app.slug)[1:]


def body_of(source: Source, app: App, *, mask: list[str] | None = None, **values: Any) -> dict[str, Any]:
    """As the partner example app writes it; `values` by key of the setting."""
    name = name_of(source, app)
    config = [
        {"name": f"{name}/config/{key}", "value": value} for key, value in (values or {"apiKey": "key-1"}).items()
    ]
    body: dict[str, Any] = {
        "destination": {"name": name, "connection_mode": "CLOUD", "config": config, "enabled": True}
    }
    return body | ({"update_mask": {"paths": mask}} if mask else {})


def add_setting(app: App, key: str, kind: str, **more: Any) -> Setting:
    return Setting.objects.create(app=app, key=key, label=key.title(), type=kind, position=app.settings.count(), **more)


def error_of(answer: Any) -> tuple[int, int, str]:
    """Status, code and text of an error, which has nothing else."""
    body = answer.json()
    assert sorted(body) == ["code", "error"]
    return answer.status_code, body["code"], body["error"]
