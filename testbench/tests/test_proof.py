"""Which run proves what, and when it stops to."""

from uuid import uuid4

import pytest

from apps_catalog.models import Setting
from testbench import fingerprint
from testbench.lifecycle import cancel, start_single, start_suite
from testbench.proof import proofs
from testbench.tests.runs import VALUES, work
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db


def state(app):
    app = type(app).objects.get(pk=app.pk)
    (proof,) = proofs(app)
    return proof.state


def change_endpoint(app, webhook):
    app.components.filter(pk=webhook.pk).update(endpoint="https://example.com/other")


def add_setting(app, webhook):
    Setting.objects.create(app=app, key="more", label="More", position=9)


def add_setting_of_another_kind(app, webhook):
    Setting.objects.create(app=app, key="more", label="More", position=9, components=["web_plugin"])


def require_setting(app, webhook):
    app.settings.filter(key="region").update(required=True)


def change_type(app, webhook):
    app.settings.filter(key="region").update(type="number")


def change_choices(app, webhook):
    app.settings.filter(key="region").update(choices=["eu", "us"])


def change_label(app, webhook):
    app.settings.filter(key="region").update(label="Data region", hint="Where", position=7)


def remember_values(app, webhook):
    webhook.put_test_settings(VALUES)
    webhook.save()


def rename(app, webhook):
    type(app).objects.filter(pk=app.pk).update(name="Other")


@pytest.mark.parametrize(
    "change, expected, named",
    [
        (change_endpoint, "stale", ("the endpoint",)),
        (add_setting, "stale", ("the settings",)),
        (require_setting, "stale", ("the settings",)),
        (change_type, "stale", ("the settings",)),
        (change_choices, "stale", ("the settings",)),
        (add_setting_of_another_kind, "passed", ()),
        (change_label, "passed", ()),
        (remember_values, "passed", ()),
        (rename, "passed", ()),
    ],
)
def test_what_makes_a_run_stale(app, webhook, finished, change, expected, named):
    finished()
    change(app, webhook)
    (proof,) = proofs(type(app).objects.get(pk=app.pk))
    assert (proof.state, proof.changed) == (expected, named)


def test_a_change_taken_back_makes_the_run_count_again(app, webhook, finished):
    finished()
    change_endpoint(app, webhook)
    assert state(app) == "stale"
    webhook.save()
    assert state(app) == "passed"


def test_a_run_belongs_to_what_stood_there_when_it_was_asked_for(app, webhook, alice, receiver):
    run = start_suite(alice, webhook, VALUES)
    change_endpoint(app, webhook)
    work(run)
    assert len(receiver.requests) == 9
    assert state(app) == "stale"


def test_the_way_of_a_component(app, webhook, alice, receiver):
    assert state(app) == "none"
    run = start_suite(alice, webhook, VALUES)
    assert state(app) == "running"
    receiver.default = Reply(500)
    work(run)
    assert state(app) == "failed"
    receiver.default = Reply(501)
    run = start_suite(alice, webhook, VALUES)
    assert state(app) == "running"
    work(run)
    assert state(app) == "passed"


def test_repeating_a_proven_suite_takes_nothing_away_until_it_ends(app, webhook, alice, finished, receiver):
    finished()
    run = start_suite(alice, webhook, VALUES)
    assert state(app) == "passed"
    receiver.default = Reply(401)
    work(run)
    assert state(app) == "failed"


def test_what_proves_nothing(app, webhook, alice, rita, finished):
    finished(groups=["core"])
    work(start_single(alice, webhook, VALUES, {"type": "track", "event": "x"}))
    finished(actor=rita, submission_id=uuid4())
    cancel(start_suite(alice, webhook, VALUES), alice)
    assert state(app) == "none"


def test_proofs_cost_the_same_however_many_components_and_runs(app, webhook, finished, django_assert_num_queries):
    finished()
    app = type(app).objects.get(pk=app.pk)
    with django_assert_num_queries(3):
        proofs(app)
    finished()
    app.components.create(kind="web_plugin", code="x")
    app = type(app).objects.get(pk=app.pk)
    with django_assert_num_queries(3):
        proofs(app)


def test_the_fingerprint_is_the_same_in_another_process(webhook):
    assert fingerprint.of(webhook) == fingerprint.of(type(webhook).objects.get(pk=webhook.pk))
    assert len(fingerprint.of(webhook)) == 64
