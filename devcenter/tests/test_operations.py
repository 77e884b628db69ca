"""The commands of operators: what they print, what they change, and how they exit."""

import base64
import json
import os
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps_catalog.models import Component, EchoRequest, ReviewerAccess, SigningSecret
from apps_catalog.states import ComponentKind
from audit.models import Record
from audit.recording import SYSTEM, record
from devcenter import doctor, sealed
from devcenter.purging import PURGES
from installs.models import FlowTrial
from notifications import heartbeat, slack
from notifications.models import OutboxMessage, SlackChannel
from notifications.states import MessageState
from partners.models import AccessRequest
from partners.states import RequestState
from testbench.models import SuiteRun
from tests.cast import make_oauth_client
from tests.tampering import unguarded_record
from vault.sealing import unseal
from workspaces.models import Destination

pytestmark = pytest.mark.django_db


def run(name: str, *options: str) -> tuple[int, dict]:
    """The exit code and the JSON that the command printed."""
    out, code = StringIO(), 0
    try:
        call_command(name, "--json", *options, stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(out.getvalue())


def make_mail(**fields) -> OutboxMessage:
    number = OutboxMessage.objects.count()
    known = {"kind": "test", "recipient": "a@demo.example", "subject": "Hi", "text": "Hi\n", "due_at": timezone.now()}
    return OutboxMessage.objects.create(message_id=f"<{number}@demo.example>", **{**known, **fields})


# --- send_outbox ----------------------------------------------------------------------------------------


def test_send_outbox_sends_what_is_due(mailoutbox):
    make_mail()
    make_mail(due_at=timezone.now() + timedelta(hours=1))

    assert run("send_outbox", "--dry-run") == (0, {"dry_run": True, "due": 1})
    assert mailoutbox == []

    code, result = run("send_outbox")
    assert (code, result["sent"], result["waiting"], len(mailoutbox)) == (0, 1, 1, 1)


def test_send_outbox_keeps_its_limit(mailoutbox):
    for _ in range(3):
        make_mail()

    assert run("send_outbox", "--limit", "2")[1]["sent"] == 2
    assert len(mailoutbox) == 2


def test_send_outbox_says_what_failed():
    broken = make_mail(subject="two\nlines")

    code, result = run("send_outbox")

    assert (code, result["failed"]) == (1, 1)
    assert result["failures"][0]["id"] == str(broken.pk)


# --- overdue_report -------------------------------------------------------------------------------------


def test_overdue_report_lists_those_who_wait_too_long(alice, charlie):
    hours_ago = timezone.now() - timedelta(hours=5)
    waiting = {"state": RequestState.SUBMITTED, "submitted_at": hours_ago}
    late = AccessRequest.objects.create(applicant=alice, company_name="Acme", due_at=hours_ago, **waiting)
    AccessRequest.objects.create(applicant=charlie, due_at=timezone.now() + timedelta(hours=5), **waiting)

    code, result = run("overdue_report")

    assert (code, result["overdue"]) == (0, 1)
    assert result["access_requests"][0]["id"] == str(late.pk)
    assert result["access_requests"][0]["hours_overdue"] == 5.0


# --- purge ------------------------------------------------------------------------------------------------


def test_purge_removes_what_has_outlived_its_time_and_nothing_else(app):
    long_ago = timezone.now() - timedelta(days=100)
    for state in MessageState.values:
        make_mail(state=state)
    OutboxMessage.objects.update(created_at=long_ago)
    make_mail(state=MessageState.SENT)
    for _ in range(2):
        EchoRequest.objects.create(inbox=app.echo, method="POST")
    EchoRequest.objects.filter(pk=app.echo.requests.first().pk).update(at=long_ago)

    code, planned = run("purge", "--dry-run")
    assert OutboxMessage.objects.count() == len(MessageState) + 1
    again, done = run("purge")

    assert (code, again) == (0, 0)
    assert planned["purged"] == done["purged"]
    assert (done["purged"]["mails"], done["purged"]["echo_requests"]) == (3, 1)
    assert sorted(OutboxMessage.objects.values_list("state", flat=True)) == ["failed", "held", "queued", "sent"]


def test_purge_goes_on_when_one_kind_fails(monkeypatch):
    def fail(now):
        raise RuntimeError("no")

    monkeypatch.setitem(PURGES, "runs", fail)
    make_mail(state=MessageState.SENT)
    OutboxMessage.objects.update(created_at=timezone.now() - timedelta(days=100))

    code, result = run("purge")

    assert (code, result["failed"], result["purged"]["mails"]) == (1, {"runs": "RuntimeError: no"}, 1)


# --- verify_audit -----------------------------------------------------------------------------------------


def test_verify_audit_is_content_with_what_was_written(company):
    for _ in range(3):
        record(SYSTEM, "test.done", company, chain=company.chain)

    assert run("verify_audit") == (0, {"chains": 1, "records": 3, "first_broken": {}, "breaks": []})


def test_verify_audit_names_what_was_altered_or_removed(company):
    for _ in range(4):
        record(SYSTEM, "test.done", company, chain=company.chain)
    with unguarded_record():
        Record.objects.filter(seq=2).update(action="test.undone")
        Record.objects.filter(seq=4)._raw_delete("default")

    code, result = run("verify_audit")

    assert (code, result["first_broken"]) == (1, {company.chain: 2})
    assert any("record 2 (test.undone) was altered" in sentence for sentence in result["breaks"])
    assert any("the last records are missing" in sentence for sentence in result["breaks"])


# --- rotate_secrets ---------------------------------------------------------------------------------------


def new_key(name: str) -> str:
    return f"{name}:{base64.urlsafe_b64encode(os.urandom(32)).decode()}"


@pytest.fixture
def secrets_of_app(app, carol, source, settings):
    """One secret in every sealed column, under the key “old”."""
    settings.VAULT_KEYS = new_key("old")
    access = app.reviewer_access
    for name in access.SEALED:
        access.put(name, f"{name} of acme")
    access.save()
    component = Component.objects.create(app=app, kind=ComponentKind.SUBSCRIPTION_WEBHOOK)
    component.put_test_settings({"apiKey": "k1"})
    component.save()
    SigningSecret.make(component).save()
    SlackChannel.objects.create(name="#news", address_sealed=slack.seal_address("https://hooks.example.com/x"))
    run_row = SuiteRun(app=app, component=component, fingerprint="f")
    run_row.put_secrets({"apiKey": "k2"})
    run_row.save()
    destination = Destination.objects.create(source=source, app=app)
    destination.put_values({"apiKey": "k3"})
    destination.save()
    trial = FlowTrial.objects.create(client=make_oauth_client(app))
    trial.put_secrets({"state": "s"})
    trial.save()
    TOTP.activate(carol, "key of carol")
    RecoveryCodes.activate(carol)
    return access, component, run_row


def test_rotate_secrets_seals_everything_anew(secrets_of_app, settings):
    access, component, run_row = secrets_of_app
    old = settings.VAULT_KEYS
    settings.VAULT_KEYS = f"{new_key('new')},{old}"

    assert run("rotate_secrets", "--dry-run")[1]["resealed"] == 11
    access.refresh_from_db()
    assert access.password_sealed.startswith("v1.old.")

    assert run("rotate_secrets") == (0, {"dry_run": False, "resealed": 11, "current": 0, "broken": []})
    assert run("rotate_secrets")[1] == {"dry_run": False, "resealed": 0, "current": 11, "broken": []}

    settings.VAULT_KEYS = settings.VAULT_KEYS.partition(",")[0]  # the old key is gone for good
    for row in (access, component, run_row):
        row.refresh_from_db()
    assert access.open("password") == "password of acme"
    assert component.open_test_settings() == {"apiKey": "k1"}
    assert run_row.open_secrets()[0] == {"apiKey": "k2"}
    factors = {row.type: row.wrap() for row in Authenticator.objects.all()}
    assert decrypt(factors["totp"].instance.data["secret"]) == "key of carol"
    assert len(factors["recovery_codes"].get_unused_codes()) == 10


def test_rotate_secrets_never_touches_what_it_cannot_open(secrets_of_app, settings):
    access = secrets_of_app[0]
    before = access.password_sealed
    settings.VAULT_KEYS = new_key("new")

    code, result = run("rotate_secrets")

    assert (code, result["resealed"], len(result["broken"])) == (1, 0, 11)
    access.refresh_from_db()
    assert access.password_sealed == before


def test_rotate_secrets_leaves_alone_what_changed_meanwhile(secrets_of_app, settings):
    access = secrets_of_app[0]
    column = sealed.COLUMNS[0]
    stale = ReviewerAccess.objects.get(pk=access.pk)
    access.put("username", "changed")
    access.save()

    assert not column.replace(stale, "v1.new.x")
    access.refresh_from_db()
    assert access.open("username") == "changed"


def test_no_sealed_column_is_forgotten(secrets_of_app):
    fields = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name.endswith("_sealed")
    }
    # allauth seals inside a JSON object: see devcenter.login.SecondFactorAdapter.
    assert fields == {str(column) for column in sealed.COLUMNS if not column.key}
    for column in sealed.COLUMNS:
        row = column.rows().get()
        assert unseal(column.sealed(row), column.context(row))


# --- doctor -------------------------------------------------------------------------------------------------


def state_of(name: str) -> str:
    return next(finding for finding in doctor.examine() if finding.name == name).state


def test_doctor_finds_nothing_where_nothing_is_wrong(settings):
    settings.DEBUG = True  # the test runner turns it off
    heartbeat.beat(heartbeat.SWEEP)

    findings = doctor.examine()

    assert {finding.name: finding.text for finding in findings if finding.state != "ok"} == {}
    assert run("doctor")[0] == 0


def test_doctor_notices_that_no_worker_sweeps():
    assert state_of("worker") == "fail"
    heartbeat.beat(heartbeat.SWEEP, timezone.now() - timedelta(minutes=5))
    code, result = run("doctor")

    worker = next(finding for finding in result["findings"] if finding["name"] == "worker")
    assert code == 1
    assert "serve" in worker["fix"]


def test_doctor_notices_stuck_and_failed_mail():
    failed = make_mail(state=MessageState.FAILED, due_at=None)
    assert state_of("outbox") == "warn"

    OutboxMessage.objects.filter(pk=failed.pk).update(
        state=MessageState.QUEUED, due_at=timezone.now() - timedelta(hours=1)
    )
    assert state_of("outbox") == "fail"


@pytest.mark.parametrize(
    ("changes", "name", "state"),
    [
        ({"SECRET_KEY": "short"}, "secret key", "fail"),
        ({"SECRET_KEY": "a" * 60}, "secret key", "fail"),
        ({"VAULT_KEYS": "broken"}, "vault keys", "fail"),
        ({"SITE_URL": "developers.demo.example"}, "site address", "fail"),
        ({"SITE_URL": "https://demo.example/path"}, "site address", "fail"),
        ({"SITE_URL": "http://demo.example", "DEBUG": False}, "site address", "fail"),
        ({"SITE_URL": "https://demo.example", "DEBUG": False}, "site address", "ok"),
        ({"EGRESS_ALLOW": "10.0.0.0/8", "DEBUG": False, "STAFF_SECOND_FACTOR": True}, "safety", "fail"),
        ({"STAFF_SECOND_FACTOR": False, "DEBUG": False, "EGRESS_ALLOW": ""}, "safety", "fail"),
        ({"STAFF_SECOND_FACTOR": True, "DEBUG": False, "EGRESS_ALLOW": ""}, "safety", "ok"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "broker", "fail"),
        ({"EMAIL_URL": "files", "DEBUG": False}, "mail", "fail"),
        ({"REDIS_URL": "", "DEBUG": False}, "broker", "warn"),
    ],
)
def test_doctor_notices_each_thing_that_is_wrong(settings, changes, name, state):
    for key, value in changes.items():
        setattr(settings, key, value)

    found = next(finding for finding in doctor.examine() if finding.name == name)
    assert found.state == state, found
    assert state == "ok" or found.fix


def test_doctor_tries_the_mail_server(settings, smtp_server):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_URL, settings.EMAIL_PORT = smtp_server.url, smtp_server.port

    assert state_of("mail") == "ok"
    smtp_server.stop()
    assert state_of("mail") == "fail"


def test_doctor_notices_secrets_that_no_key_opens(secrets_of_app, settings):
    assert state_of("vault keys") == "ok"
    settings.VAULT_KEYS = new_key("new")
    assert state_of("vault keys") == "fail"


def test_doctor_queues_a_test_mail_on_request(settings):
    settings.DEBUG = True
    run_output = StringIO()
    heartbeat.beat(heartbeat.SWEEP)
    call_command("doctor", "--mail-to", "ops@demo.example", stdout=run_output)

    message = OutboxMessage.objects.get()
    assert (message.recipient, message.kind) == ("ops@demo.example", "ops.trial")
    assert message.message_id in run_output.getvalue()


def test_a_wrong_option_is_an_error_of_usage():
    with pytest.raises(CommandError):
        call_command("purge", "--nonsense")
