"""The suite with the partner's key, and the test account."""

import pytest
from django.urls import reverse

from apps_catalog import lifecycle
from apps_catalog.models import App, Component, Setting
from apps_catalog.setting_drafts import add_setting
from audit.models import Record
from reviews import submissions
from reviews.desk.reruns import start_rerun
from reviews.tests.conftest import confirm_everything, finish_suite
from testbench.models import SuiteRun
from testbench.tests.runs import columns_that_hold

PASSWORD = "correct horse battery staple"


def text_of(response):
    return response.content.decode()


@pytest.fixture
def reveal(submission):
    return reverse("review-reveal", args=[submission.pk])


def reveals():
    return list(Record.objects.filter(action="access.revealed").values_list("data", flat=True))


# --- Run again ------------------------------------------------------------------------------------------------


def test_a_rerun_is_one_run_with_the_partners_key(desk, rita, submission, address):
    posts = [desk.post(address, {"act": "rerun:subscription_webhook", "message": "Typed"}) for _ in range(2)]
    assert [answer.status_code for answer in posts] == [303, 303]
    run = SuiteRun.objects.get(submission_id=submission.pk)
    assert run.requested_by == rita
    assert run.open_secrets()[0]["apiKey"] == "key"
    shown = text_of(desk.get(address + "?part=wire"))
    assert "Typed" in shown
    assert "The list follows by itself" in shown
    polled = text_of(desk.get(reverse("review-runs", args=[submission.pk])))
    assert "hx-get" in polled
    assert str(run.pk) in polled
    assert "<html" not in polled
    assert 'hx-select="#run-live"' in text_of(desk.get(reverse("review-run", args=[submission.pk, run.pk])))


def test_the_key_is_nowhere_in_the_open(desk, submission, address):
    access = submission.app.reviewer_access
    access.put("api_key", "canary-4471-key")
    access.save()
    desk.post(address, {"act": "rerun:subscription_webhook"})
    assert columns_that_hold(["canary-4471-key"]) == []
    assert "canary-4471" not in text_of(desk.get(address + "?part=wire"))


def test_without_a_key_it_says_so(desk, submission, address):
    access = submission.app.reviewer_access
    access.put("api_key", "")
    access.save()
    answer = desk.post(address, {"act": "rerun:subscription_webhook", "message": "Kept"})
    assert answer.status_code == 422
    assert "There is no API key" in text_of(answer)
    assert "Kept" in text_of(answer)


def test_a_component_that_was_not_submitted(desk, submission, address):
    assert desk.post(address, {"act": "rerun:web_plugin"}).status_code == 422


def test_a_component_that_is_gone_from_the_draft_is_named(desk, submission, address):
    submission.app.components.all().delete()
    shown = text_of(desk.get(address + "?part=wire"))
    assert "removed this component from the draft" in shown
    assert "rerun:" not in shown
    answer = desk.post(address, {"act": "rerun:subscription_webhook"})
    assert answer.status_code == 422
    assert "removed this component from the draft" in text_of(answer)


def test_a_required_setting_that_came_later_does_not_block_the_review(rita, alice, submission):
    app = App.objects.get(pk=submission.app_id)
    proven = app.runs.get()
    add_setting(alice, app, {"label": "Region", "type": "string", "required": True}, app.revision)
    component = app.components.get()
    values = {"apiKey": "old", "region": "eu"}
    lifecycle.set_endpoint(alice, component, component.endpoint, component.revision, test_settings=values)
    run = start_rerun(submission, rita, "subscription_webhook")
    assert run.open_secrets()[0] == {"apiKey": "key"}
    assert run.fingerprint == proven.fingerprint


def test_the_settings_of_the_version_are_sent_and_masked_though_the_draft_lost_them(rita, alice, ready):
    Setting.objects.create(app=ready, key="pin", label="PIN", sensitive=True, default="1234", position=1)
    finish_suite(ready.components.get())
    confirm_everything(ready, alice)
    submission = submissions.submit(ready, alice)
    Setting.objects.filter(app=ready, key="pin").delete()
    run = start_rerun(submission, rita, "subscription_webhook")
    assert run.open_secrets()[0] == {"apiKey": "key", "pin": "1234"}
    assert run.sensitive == ["apiKey", "pin"]


def test_the_run_goes_to_the_submitted_endpoint_whatever_the_draft_says(desk, submission, address):
    submitted = Component.objects.get(app=submission.app).endpoint
    Component.objects.filter(app=submission.app).update(endpoint="https://elsewhere.example/hook")
    assert "the run goes to the submitted one" in text_of(desk.get(address + "?part=wire"))
    desk.post(address, {"act": "rerun:subscription_webhook"})
    assert SuiteRun.objects.get(submission_id=submission.pk).endpoint == submitted
    assert Component.objects.get(app=submission.app).endpoint == "https://elsewhere.example/hook"


def test_nothing_runs_after_the_decision(desk, judged, address):
    desk.post(address, {"act": "approve"})
    assert desk.post(address, {"act": "rerun:subscription_webhook"}).status_code == 409
    assert not SuiteRun.objects.filter(submission_id=judged.pk).exists()


# --- The test account -----------------------------------------------------------------------------------------


def test_a_reveal_shows_one_part_once_and_is_recorded(desk, address, reveal):
    answer = desk.post(reveal, {"field": "password"})
    assert answer.status_code == 200
    assert ">secret</pre>" in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    assert "reviewer</pre>" not in text_of(answer)
    assert reveals() == [{"field": "password"}]
    shown = text_of(desk.get(address + "?part=account"))
    assert "Password of the test account revealed" in shown
    assert ">secret</pre>" not in shown


def test_a_reveal_asks_for_a_fresh_log_in(client_for, rita, reveal):
    client = client_for(rita)
    asked = client.post(reveal, {"field": "username"})
    assert asked.status_code == 302
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert reveals() == []
    resumed = client.post(asked["Location"], {"password": PASSWORD, "next": reveal})
    assert "reviewer</pre>" in text_of(resumed)
    assert "no-store" in resumed["Cache-Control"]
    assert reveals() == [{"field": "username"}]


def test_a_wrong_password_reveals_nothing(client_for, rita, reveal):
    client = client_for(rita)
    asked = client.post(reveal, {"field": "username"})
    answer = client.post(asked["Location"], {"password": "a guess", "next": reveal})
    assert "reviewer</pre>" not in text_of(answer)
    assert reveals() == []


def test_who_may_not_reveal(client_for, insider, plain_staff, alice, client, reveal):
    assert client_for(insider).post(reveal, {"field": "password"}).status_code == 403
    assert client_for(plain_staff).post(reveal, {"field": "password"}).status_code == 403
    assert client_for(alice).post(reveal, {"field": "password"}).status_code == 302
    assert client.post(reveal, {"field": "password"}).status_code == 302
    assert reveals() == []


def test_only_known_parts_and_only_by_post(desk, reveal, address):
    assert desk.post(reveal, {"field": "notes_sealed"}).status_code == 404
    assert desk.get(reveal)["Location"] == f"{address}?part=account#account"
    assert reveals() == []
