"""The sample programs: each goes through the whole flow as it stands on the page, with nothing set but the secret."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from apps_catalog.models import Setting
from audit.recording import SYSTEM
from installs import clients
from installs.button import buttons
from installs.lifecycle import end
from installs.models import Client, Install
from installs.samples import LANGUAGES, LOCAL_URI, local_uri, samples
from installs.states import EndReason, ScopeKind
from tests.services.ports import free_port
from workspaces.models import Destination

RUN = {"Python": [sys.executable, "-u"], "JavaScript": ["node"]}


@pytest.fixture
def client(alice, app) -> Client:
    return clients.set_up(alice, app)


def code_of(client: Client, language: str) -> str:
    return next(each.code for each in samples(client) if each.language == language)


# --- What is filled in --------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ScopeKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_is_filled_and_every_mark_is_gone(client, language, kind):
    client.scope_kind = kind
    code = code_of(client, language)
    assert "{{" not in code
    assert "~ " not in code
    assert client.client_id in code
    assert f'"{client.scope}"' in code
    assert ("set_up" in code or "setUp" in code) == (kind == ScopeKind.DESTINATION)
    assert not [line for line in code.splitlines() if len(line) > 125]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kinds", "mode"),
    [
        (["web_plugin"], "DEVICE"),
        (["web_plugin", "subscription_webhook"], "UNSPECIFIED"),
        (["subscription_webhook"], "CLOUD"),
    ],
)
def test_it_asks_for_the_mode_that_the_app_has(client, kinds, mode):
    client.app.components.all().delete()
    for kind in kinds:
        client.app.components.create(kind=kind)
    others = {"DEVICE", "CLOUD", "UNSPECIFIED"} - {mode}
    for language in LANGUAGES:
        code = code_of(client, language)
        assert f'"{mode}"' in code
        assert not [other for other in others if f'"{other}"' in code]


@pytest.mark.django_db
def test_names_that_look_like_code_stay_texts(client):
    label = '"; #{`id`} \\ é 🎉'
    Setting.objects.create(app=client.app, key="other", label=label, required=True, position=9)
    settings = next(line for line in code_of(client, "Python").splitlines() if line.startswith("SETTINGS"))
    found: dict[str, dict[str, str]] = {}
    exec(settings, {}, found)
    assert found["SETTINGS"]["other"] == f"{label} of this customer"
    assert "#{`" not in code_of(client, "Ruby")


@pytest.mark.django_db
def test_it_listens_where_an_address_of_ones_own_machine_is_registered(alice, client):
    assert local_uri(client) == ""
    assert LOCAL_URI in code_of(client, "Go")
    uris = ["https://example.com/back", "http://127.0.0.1:9000/back", "http://localhost/b"]
    clients.save_redirects(alice, client, uris, is_classic=False, revision=0)
    assert local_uri(client) == "http://127.0.0.1:9000/back"


@pytest.mark.django_db
def test_the_button_is_plain_html_with_pictures_of_this_site(client, settings):
    settings.SITE_URL = "https://developers.example.com/"
    for button in buttons(client):
        assert 'alt="Enable with Segment"' in button.html
        assert "https://developers.example.com/static/img/enable-with-segment-" in button.html
        assert 'href="https://example.com/auth/segment"' in button.html
        assert "style=" not in button.html
        assert "<script" not in button.html


# --- Run against the server -----------------------------------------------------------------------------


@contextmanager
def running(client: Client, language: str, secret: str, folder) -> Iterator[str]:
    """The program as a process; the address that it says to open."""
    file = folder / LANGUAGES[language]
    file.write_text(code_of(client, language), encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "SEGMENT_CLIENT_SECRET": secret}
    with subprocess.Popen([*RUN[language], str(file)], env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().removeprefix("Open ").strip()
        finally:
            process.terminate()


class Visit:
    """A customer's browser: at the partner's it is `partner`, at Segment's the test client."""

    def __init__(self, start: str, segment) -> None:
        self.partner, self.segment = requests.Session(), segment
        answer = self.partner.get(start, allow_redirects=False, timeout=20)
        asked = urlsplit(answer.headers["Location"])
        self.asked = f"{asked.path}?{asked.query}"

    def decide(self, decision: str, place: str) -> str:
        """What the partner's page says in the end."""
        page = self.segment.get(self.asked).content.decode()
        person = re.search(r'name="person" value="(\d+)"', page)[1]
        sent = {"decision": decision, "place": place, "person": person}
        back = self.segment.post(self.asked, sent)["Location"]
        return self.partner.get(back, timeout=30).text


@pytest.fixture
def partner(alice, client, live_server, settings) -> tuple[Client, str]:
    """The client with an address for the sample and a secret; servers are told the address of this one."""
    settings.OAUTH_URL = settings.CONFIG_API_URL = live_server.url
    uri = f"http://127.0.0.1:{free_port()}/auth/segment/callback"
    clients.save_redirects(alice, client, [uri], is_classic=False, revision=0)
    client.refresh_from_db()
    return client, clients.new_secret(alice, client, "On my machine")[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", RUN)
def test_the_program_sets_up_the_destination_and_does_it_again(
    language, partner, source, alice, client_for, app, tmp_path
):
    if not shutil.which(RUN[language][0]):
        pytest.skip("needs Node")
    client, secret = partner
    place = f"{source.workspace.slug}/{source.slug}"
    name = f"workspaces/{source.workspace.slug}/sources/{source.slug}/destinations/{app.slug}"
    with running(client, language, secret, tmp_path) as start:
        assert Visit(start, client_for(alice)).decide("deny", place).startswith("Not connected: ")
        for _ in range(2):  # the second time the destination is there already
            assert Visit(start, client_for(alice)).decide("allow", place) == f"Connected: {name}, enabled: true"
            end(Install.objects.active().get(), SYSTEM, EndReason.PARTNER)
        forged = requests.get(f"{client.uris[0]}?code=x&state=y", timeout=20)
        assert forged.status_code == 400
        assert "not started here" in forged.text
    assert Destination.objects.get().is_enabled


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", RUN)
def test_with_a_wider_scope_it_reads_the_workspace(language, partner, source, alice, client_for, tmp_path):
    if not shutil.which(RUN[language][0]):
        pytest.skip("needs Node")
    client, secret = partner
    Client.objects.update(scope_kind=ScopeKind.WORKSPACE_READ)
    client.refresh_from_db()
    workspace = source.workspace.slug
    with running(client, language, secret, tmp_path) as start:
        said = Visit(start, client_for(alice)).decide("allow", workspace)
    assert said == f"Connected: workspaces/{workspace}, workspaces/{workspace}/sources/{source.slug}"
