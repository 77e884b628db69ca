"""Two sources in two workspaces, and a caller of the Tracking API."""

import base64
import json
from typing import Any

import pytest
from django.test import Client

from delivery.models import Event
from tracking import keys, rates
from workspaces.models import Source, Workspace, WriteKey


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process remembers outlives the rows of a test."""
    monkeypatch.setattr(keys, "_remembered", {})
    monkeypatch.setattr(rates, "_rates", rates.Rates(rates._count_in_cache))


def make_key(slug: str, region: str = "us") -> WriteKey:
    workspace = Workspace.objects.create(name=slug, slug=slug, region=region)
    source = Source.objects.create(workspace=workspace, name="Website", slug="website")
    return WriteKey.objects.create(source=source)


@pytest.fixture
def write_key(db) -> WriteKey:
    return make_key("ours")


@pytest.fixture
def other_key(db) -> WriteKey:
    return make_key("theirs")


class Caller:
    """Calls without a browser: no cookie, no CSRF token."""

    def __init__(self) -> None:
        self._client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def post(self, path: str, body: Any, *, key: str = "", headers: dict[str, str] | None = None) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
        if key:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        content_type = headers.pop("Content-Type")
        return self._client.generic("POST", path, raw, content_type, headers=headers)

    def ask(self, method: str, path: str, **headers: str) -> Any:
        return self._client.generic(
            method, path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )


@pytest.fixture
def api() -> Caller:
    return Caller()


def stored(**filters: Any) -> list[dict[str, Any]]:
    """The events that go out, in the order of their arrival."""
    return [json.loads(row.payload) for row in Event.objects.filter(fault="", **filters).order_by("pk")]
