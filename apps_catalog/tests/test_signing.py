"""Signing secrets: made, revealed, rotated; and the page that verifies a pasted request."""

import json
import shutil
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from apps_catalog import signing
from apps_catalog.lifecycle import add_component
from apps_catalog.models import SigningSecret
from apps_catalog.signing_samples import FOLDER, samples
from audit.models import Record
from devcenter import sealed
from runtime.signing import Signing, new_secret

pytestmark = pytest.mark.django_db
BODY = '{"type":"track","event":"Signed up"}'
PASSWORD = "correct horse battery staple"


@pytest.fixture
def webhook(alice, app):
    return add_component(alice, app, "subscription_webhook")


@pytest.fixture
def current(webhook):
    return signing.active_secrets(webhook)[0]


def url(name, app, *args):
    return reverse(name, args=[app.slug, *args])


def headers_for(component, body=BODY):
    return dict(signing.signing_for(component, "msg_1").headers(body.encode()))


def pasted(component, body=BODY):
    return "\n".join(f"{name}: {value}" for name, value in headers_for(component).items()) + "\n\n" + body


# --- The verbs ----------------------------------------------------------------------------------------


def test_a_webhook_has_a_secret_from_the_start_and_it_is_sealed(webhook):
    row = SigningSecret.objects.get()
    assert row.open().startswith("whsec_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT value_sealed FROM apps_catalog_signingsecret")
        assert row.open().removeprefix("whsec_") not in cursor.fetchone()[0]
    assert signing.opened_secrets(webhook) == [row.open()]


def test_a_component_that_came_without_a_secret_gets_one(webhook):
    SigningSecret.objects.all().delete()
    assert signing.opened_secrets(webhook) == signing.opened_secrets(webhook) != []


def test_a_rotation_overlaps_and_then_ends_by_itself(alice, webhook, current, time_machine):
    old = current.open()
    new = signing.rotate(alice, webhook, current.pk).open()
    for secret in (old, new):
        Webhook(secret).verify(BODY, headers_for(webhook))
    assert signing.opened_secrets(webhook) == [new, old]
    time_machine.move_to(timezone.now() + signing.OVERLAP + timedelta(minutes=1))
    assert signing.opened_secrets(webhook) == [new]


def test_there_are_never_more_than_two(alice, webhook, current):
    new = signing.rotate(alice, webhook, current.pk)
    assert signing.rotate(alice, webhook, current.pk) is None  # a second click
    with pytest.raises(ValidationError, match="End the old one first"):
        signing.rotate(alice, webhook, new.pk)
    assert signing.end_now(alice, SigningSecret.objects.get(pk=current.pk))
    assert not signing.end_now(alice, SigningSecret.objects.get(pk=current.pk))
    assert signing.opened_secrets(webhook) == [new.open()]
    assert signing.rotate(alice, webhook, new.pk)


def test_the_current_secret_cannot_be_ended(alice, webhook, current):
    assert not signing.end_now(alice, current)
    assert signing.opened_secrets(webhook) == [current.open()]


def test_only_editors_act_and_each_act_is_on_the_record(alice, viv, webhook, current):
    for act in (signing.reveal, signing.end_now):
        with pytest.raises(PermissionDenied):
            act(viv, current)
    with pytest.raises(PermissionDenied):
        signing.rotate(viv, webhook, current.pk)
    signing.reveal(alice, current)
    signing.rotate(alice, webhook, current.pk)
    current.refresh_from_db()
    signing.end_now(alice, current)
    records = Record.objects.filter(action__startswith="signing.").order_by("id")
    assert [record.action for record in records] == ["signing.revealed", "signing.rotated", "signing.ended"]
    assert current.open() not in json.dumps([record.data for record in records])


def test_a_secret_that_does_not_open_leaves_requests_unsigned_and_nothing_breaks(webhook, current):
    SigningSecret.objects.update(value_sealed="v1.gone.AAAA")
    assert headers_for(webhook) == {}


def test_the_keys_of_the_vault_are_turned_over_here_too(current, settings):
    first, new = settings.VAULT_KEYS, "next:" + "B" * 43
    value = current.open()
    settings.VAULT_KEYS = f"{new},{first}"
    sealed.rotate()
    settings.VAULT_KEYS = new
    assert SigningSecret.objects.get().open() == value


# --- The page of the secrets -----------------------------------------------------------------------------


def test_the_page_shows_no_secret_and_the_reveal_does_once(client_for, alice, app, current):
    client = client_for(alice)
    page = client.get(url("app-signing", app))
    assert current.open() not in page.content.decode()
    reveal = url("app-signing-reveal", app, current.pk)
    asked = client.post(reveal)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    shown = client.post(asked["Location"], {"password": PASSWORD, "next": reveal})
    assert current.open() in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert client.get(reveal).status_code == 303


def test_rotating_on_the_page_happens_once_and_can_be_ended(client_for, alice, app, webhook, current):
    client = client_for(alice)
    for _ in range(2):
        assert client.post(url("app-signing-rotate", app), {"current": str(current.pk)}).status_code == 303
    assert len(signing.active_secrets(webhook)) == 2
    assert "End it now" in client.get(url("app-signing", app)).content.decode()
    client.post(url("app-signing-end", app, current.pk))
    assert len(signing.active_secrets(webhook)) == 1
    assert client.post(url("app-signing-rotate", app), {"current": "nonsense"}).status_code == 303


def test_another_companys_secret_does_not_exist(client_for, charlie, alice, app, other_company, current):
    assert client_for(charlie).post(url("app-signing-reveal", app, current.pk)).status_code == 404


# --- Verifying -------------------------------------------------------------------------------------------


def verify(client, app, **data):
    return client.post(url("app-verify", app), data)


def test_a_pasted_request_is_judged_and_stays_where_it_was(client_for, viv, app, webhook):
    client = client_for(viv)
    page = verify(client, app, request=pasted(webhook)).content.decode()
    assert "The signature is valid" in page
    assert "the current secret" in page
    assert "Signed up" in page
    page = verify(client, app, request=pasted(webhook, body=BODY.replace(":", ": "))).content.decode()
    assert "The body was written anew" in page


def test_parts_may_be_pasted_one_by_one(client_for, alice, app, webhook):
    parts = {name.replace("-", "_"): value for name, value in headers_for(webhook).items()}
    page = verify(client_for(alice), app, body=BODY, **parts).content.decode()
    assert "The signature is valid" in page


def test_an_old_secret_and_a_typed_one_are_recognised(client_for, alice, app, webhook, current):
    client, text = client_for(alice), pasted(webhook)
    signing.rotate(alice, webhook, current.pk)
    assert "the old secret" in verify(client, app, request=text).content.decode()
    SigningSecret.objects.filter(pk=current.pk).update(ends_at=timezone.now())
    assert "a secret that has ended" in verify(client, app, request=text).content.decode()
    typed = new_secret()
    sent = Signing([typed], "msg_1", int(time.time())).headers(BODY.encode())
    text = "\n".join(f"{name}: {value}" for name, value in sent) + "\n\n" + BODY
    page = verify(client, app, request=text, secret=typed).content.decode()
    assert "not one of this App" in page
    assert typed not in page


@pytest.mark.parametrize("data", [{}, {"secret": "!!"}, {"request": "x" * 200_001}])
def test_what_cannot_be_judged_comes_back(client_for, alice, app, webhook, data):
    assert verify(client_for(alice), app, **data).status_code == 422


@pytest.mark.parametrize("stamp", ["9" * 12, "0", "9" * 19])
def test_no_timestamp_breaks_the_page(client_for, alice, app, webhook, stamp):
    text = f"webhook-id: a\nwebhook-timestamp: {stamp}\nwebhook-signature: v1,a\n\n{{}}"
    assert verify(client_for(alice), app, request=text).status_code == 200


def test_nothing_pasted_is_kept(client_for, alice, app, webhook):
    before = Record.objects.count()
    verify(client_for(alice), app, request="needle-" + pasted(webhook))
    assert Record.objects.count() == before


# --- The code to copy ------------------------------------------------------------------------------------------

RUN_PYTHON = """
import json, sys
sys.path.insert(0, sys.argv[1])
from verify import is_from_segment
for secret, headers, body in json.load(sys.stdin): print(int(is_from_segment(secret, headers, body.encode())))
"""
RUN_NODE = """
import(process.argv[1] + "/verify.mjs").then(({ isFromSegment }) => {
  const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
  for (const [secret, headers, body] of cases) console.log(Number(isFromSegment(secret, headers, Buffer.from(body))));
});
"""


def sample_cases():
    """(secret, headers, body) with whether it is ours."""
    secret, other, now, body = new_secret(), new_secret(), int(time.time()), '{"name":"Café"}'

    def sent(*secrets, at=now):
        return dict(Signing(secrets, "msg_1", at).headers(body.encode()))

    return [
        ((secret, sent(secret), body), True),
        ((secret, sent(other, secret), body), True),
        ((secret, sent(other), body), False),
        ((secret, sent(secret, at=now - 400), body), False),
        ((secret, sent(secret), body + " "), False),
        ((secret, sent(secret) | {"webhook-timestamp": "soon"}, body), False),
        ((secret, {}, body), False),
        ((secret, sent(secret) | {"webhook-signature": "v1, é  v1"}, body), False),
    ]


@pytest.mark.parametrize(
    "command", [[sys.executable, "-c", RUN_PYTHON], ["node", "-e", RUN_NODE]], ids=["python", "node"]
)
def test_the_code_on_the_page_tells_ours_from_others(command):
    if not shutil.which(command[0]):
        pytest.skip("needs Node")
    cases = sample_cases()
    done = subprocess.run(
        [*command, str(FOLDER)],
        input=json.dumps([case for case, _ in cases]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line == "1" for line in done.stdout.split()] == [expected for _, expected in cases]


def test_the_page_and_the_docs_have_the_samples(client_for, alice, app, webhook):
    page = client_for(alice).get(url("app-verify", app)).content.decode()
    assert [sample.language for sample in samples()] == ["Python", "Node", "Ruby", "Go"]
    for sample in samples():
        assert f'id="{sample.id}"' in page
