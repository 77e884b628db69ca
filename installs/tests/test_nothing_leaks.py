"""Secrets, codes, verifiers and tokens: in no log, audit row, mail, task, error page, and in no table as they are."""

import json
import logging
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from celery.signals import before_task_publish
from django.apps import apps
from django.core import serializers
from django.test import Client as Browser
from django.views.debug import ExceptionReporter

from audit.models import Record
from installs import tokens
from installs.models import Client, Install
from installs.tests.flowing import (
    FORM,
    VERIFIER,
    basic,
    exchange,
    post,
    query_of,
    refresh,
    refresh_by_name,
)
from notifications.models import OutboxMessage
from tests.cast import CLIENT_SECRET, REDIRECT_URI

pytestmark = pytest.mark.django_db


class Kept:
    """The values that nobody may find, and every text in which somebody could."""

    def __init__(self) -> None:
        self.canaries = {"secret": CLIENT_SECRET, "verifier": VERIFIER}
        self.texts: dict[str, str] = {}

    def take(self, answer) -> dict[str, str]:
        """A token answer; what it gave is a canary from now on."""
        found = answer.json()
        for name in ("access_token", "refresh_token"):
            if name in found:
                self.canaries[f"{name} {len(self.canaries)}"] = found[name]
        return found

    def look(self) -> None:
        found = [(name, where) for name, value in self.canaries.items() for where, text in self.texts.items()
                 if value in text]  # fmt: skip
        assert not found


@pytest.fixture
def kept(caplog) -> Kept:
    caplog.set_level(logging.DEBUG)
    return Kept()


@contextmanager
def published(texts: dict[str, str]):
    """Every task that is sent to a worker meanwhile, with its arguments."""

    def note(sender=None, body=None, headers=None, **_):
        texts[f"task {len(texts)}"] = f"{sender} {body} {headers}"

    before_task_publish.connect(note, weak=False)
    try:
        yield
    finally:
        before_task_publish.disconnect(note)


def consent(browser, client, source) -> str:
    """The code that the browser carries back after a person chose Allow."""
    place = f"{source.workspace.slug}/{source.slug}"
    page = "/oauth2/auth?" + query_of(client)
    assert browser.get(page).headers["Referrer-Policy"] == "no-referrer"
    answer = browser.post(page, {"decision": "allow", "place": place})
    assert answer.status_code == 303
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    location = answer.headers["Location"]
    assert location.startswith(f"{REDIRECT_URI}?")
    return parse_qs(urlsplit(location).query)["code"][0]


def everything_in_the_database() -> dict[str, str]:
    """Each table as a dump of it would show it."""
    models = [model for model in apps.get_models() if model._meta.managed and model is not Record]
    return {model._meta.label: serializers.serialize("json", model._base_manager.all()) for model in models}


def test_the_whole_flow_leaves_nothing_behind(
    kept, caplog, alice, oauth_client, source, client_for, django_capture_on_commit_callbacks
):
    browser = client_for(alice)
    with published(kept.texts), django_capture_on_commit_callbacks(execute=True):
        code = kept.canaries["code"] = consent(browser, oauth_client, source)
        first = kept.take(exchange(oauth_client, code))
        second = kept.take(refresh(oauth_client, first["refresh_token"]))
        third = kept.take(refresh_by_name(oauth_client, first["install_name"]))
        bearer = {"Authorization": f"Bearer {third['access_token']}"}
        assert Browser().get("/v1beta/workspaces", headers=bearer).status_code == 403
        bad = f"/v1beta/workspaces?access_token={third['access_token']}"
        assert Browser().get(bad, headers=bearer).status_code == 403
        Browser().post(f"/oauth2/token?code={code}&client_secret={CLIENT_SECRET}")
        Browser().get(f"/oauth2/try/callback?code={code}")
        kept.texts["reused"] = exchange(oauth_client, code).content.decode()
        kept.texts["reused refresh"] = refresh(oauth_client, second["refresh_token"]).content.decode()
        post("/oauth2/revoke", {"token": second["refresh_token"]}, basic(oauth_client.client_id))
    assert len(kept.canaries) == 8
    kept.texts |= everything_in_the_database()
    kept.texts["audit"] = json.dumps(list(Record.objects.values("action", "target", "actor", "data")), default=str)
    kept.texts["mails"] = "".join(f"{row.text}{row.html}" for row in OutboxMessage.objects.all())
    kept.texts["log"] = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert "oauth_reuse" in kept.texts["log"]
    assert Record.objects.filter(action="install.activated").exists()
    assert Client.objects.exists()
    kept.look()


def test_a_fault_shows_nothing(kept, caplog, settings, monkeypatch, oauth_client, proposed, granted, rf):
    """Neither to the client, nor in the log, nor in the report that Django makes of an exception."""
    settings.DEBUG = False
    kept.canaries |= {"access": granted["access_token"], "refresh": granted["refresh_token"]}

    def fail(install: Install, value: str) -> None:
        kept.canaries[f"new {len(kept.canaries)}"] = value
        raise RuntimeError("This database is full.")

    monkeypatch.setattr(tokens, "put_access", fail)
    browser = Browser(raise_request_exception=False)
    headers = {"Authorization": basic(oauth_client.client_id)}
    form = urlencode({"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]})
    answer = browser.post("/oauth2/token", form, content_type=FORM, headers=headers)
    assert answer.status_code == 500
    by_name = browser.get(f"/v1beta/{granted['install_name']}/token", headers=headers)
    assert by_name.status_code == 500
    kept.texts["answers"] = answer.content.decode() + by_name.content.decode()
    kept.texts["log"] = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert "oauth_failed" in kept.texts["log"]
    kept.look()


def test_a_report_of_an_exception_shows_no_form(kept, settings, oauth_client, monkeypatch):
    """What a tool that collects exceptions would be given of the request."""
    settings.DEBUG = False
    reports: list[str] = []

    def fail(request) -> None:
        try:
            raise RuntimeError("Anything.")
        except RuntimeError as error:
            reports.append(ExceptionReporter(request, type(error), error, error.__traceback__).get_traceback_text())
            raise

    monkeypatch.setattr("installs.oauth.endpoints.prove", fail)
    form = {"code": "canary-code", "client_secret": CLIENT_SECRET, "code_verifier": VERIFIER}
    kept.canaries["code"] = "canary-code"
    browser = Browser(raise_request_exception=False)
    browser.post("/oauth2/token", urlencode(form), content_type=FORM)
    kept.texts["report"] = reports[0]
    assert "Anything." in reports[0]
    kept.look()
