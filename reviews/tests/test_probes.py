"""Looking from outside: asked for once, seen while it lasts, taken over after a kill, and never in the way."""

import base64
import json
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from apps_catalog import lifecycle
from apps_catalog.models import App, Listing
from reviews import probes, rubric, submissions
from reviews.checklist import checklist
from reviews.models import Probe, Submission
from reviews.preflight import preflight
from reviews.probe_sending import look_at, read_endpoint
from reviews.states import ProbeReason
from reviews.tests.conftest import DOCS, confirm_everything, finish_suite
from runtime.egress import ErrorKind, Exchange, Failure, Response, SentRequest

pytestmark = pytest.mark.django_db
SENT = SentRequest("POST / HTTP/1.1", (), b"")
ENDPOINT = "https://hooks.acme.example/segment"
FINE = {"state": "ok", "status": 200, "message": "Reachable."}
DOWN = {"state": "down", "status": None, "message": "Nothing listens there."}


@pytest.fixture
def hooked(ready: App, alice) -> App:
    """Ready, and with an endpoint."""
    component = ready.components.get()
    lifecycle.set_endpoint(alice, component, ENDPOINT, component.revision)
    finish_suite(component)
    confirm_everything(ready, alice)
    return App.objects.get(pk=ready.pk)


def fine(probe, target):
    return FINE


def down(probe, target):
    return DOWN if target["kind"] == "endpoint" else FINE


def machine(results, rule_id):
    return next(result.machine for result in results if result.rule_id == rule_id)


def test_everything_that_has_to_answer_is_looked_at(hooked):
    assert [(one["kind"], one["url"]) for one in probes.targets_of_draft(hooked)] == [
        ("endpoint", ENDPOINT), ("docs", DOCS), ("website", "https://acme.example"),
        ("login", "https://acme.example/login"),
    ]  # fmt: skip


def test_asking_twice_is_one_look_and_a_fresh_one_is_used_again(hooked, alice):
    first = probes.request_draft(hooked, alice)
    assert probes.request_draft(hooked, alice) == first
    assert probes.work_on_due(fine)
    assert not probes.work_on_due(fine)
    assert probes.request_draft(hooked, alice) == first
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert probes.request_draft(hooked, alice) != first


def test_what_did_not_answer_is_tried_again_soon(hooked, alice):
    first = probes.request_draft(hooked, alice)
    probes.work_on_due(down)
    assert probes.request_draft(hooked, alice) == first
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        assert probes.request_draft(hooked, alice) != first


def test_another_address_is_looked_at_anew(hooked, alice):
    first = probes.request_draft(hooked, alice)
    probes.work_on_due(fine)
    Listing.objects.filter(app=hooked).update(website="https://elsewhere.example")
    assert probes.request_draft(hooked, alice) != first


def test_the_progress_can_be_seen(hooked):
    seen = []

    def look(probe, target):
        seen.append(Probe.objects.get().done_count)
        return FINE

    probes.request_draft(hooked)
    probes.work_on_due(look)
    assert seen == [0, 1, 2, 3]
    assert Probe.objects.get().is_over


def test_a_killed_worker_is_taken_over_where_it_stopped(hooked):
    def dies(probe, target):
        if target["kind"] == "website":
            raise KeyboardInterrupt
        return FINE

    probes.request_draft(hooked)
    with pytest.raises(KeyboardInterrupt):
        probes.work_on_due(dies)
    assert not probes.work_on_due(fine)  # under its lease
    looked = []
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        probes.work_on_due(lambda probe, target: looked.append(target["kind"]) or FINE)
    assert looked == ["website", "login"]


def test_a_slow_worker_that_was_taken_over_changes_nothing(hooked):
    def slow(probe, target):
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            probes.work_on_due(fine)
        return DOWN

    probes.request_draft(hooked)
    probes.work_on_due(slow)
    assert {target["state"] for target in Probe.objects.get().targets} == {"ok"}


def test_after_too_many_attempts_it_ends(hooked):
    probe = probes.request_draft(hooked)
    Probe.objects.filter(pk=probe.pk).update(attempts=probes.MAX_ATTEMPTS)
    probes.work_on_due(down)
    probe.refresh_from_db()
    assert probe.is_over
    assert {target["message"] for target in probe.targets} == {probes.GAVE_UP}


def test_what_was_found_is_news_to_the_checklist(hooked):
    Listing.objects.filter(app=hooked).update(link_checks={})
    assert not checklist(hooked).item("links_reachable").is_done
    probes.request_draft(hooked)
    probes.work_on_due(fine)
    assert checklist(hooked).item("links_reachable").is_done


def test_a_dead_endpoint_is_a_warning_and_stops_nobody(hooked, alice, client_for):
    client = client_for(alice)
    url = reverse("app-submit", args=[hooked.slug])
    checked = client.post(reverse("app-submit-check", args=[hooked.slug]), {"note": "My long <b>words</b>"})
    assert (checked.status_code, checked.url) == (303, f"{url}#probe")
    page = client.get(url).content.decode()
    assert "0 of 4 looked at" in page
    assert 'hx-trigger="every 2s"' in page
    probes.work_on_due(down)
    for _ in range(2):  # however often the page is loaded
        page = client.get(url).content.decode()
        assert "Nothing listens there." in page
        assert "You can submit all the same" in page
        assert "My long &lt;b&gt;words&lt;/b&gt;" in page
        assert "Ready" in page
    assert client.post(url, {"note": "My words"}).status_code == 303
    submission = Submission.objects.get()
    assert machine(rubric.judge(submission), "endpoint_answers") == "warn"
    assert "My long" not in client.get(url).content.decode()


def test_at_pick_up_the_submitted_version_is_looked_at(hooked, alice, rita):
    submission = submissions.submit(hooked, alice)
    Listing.objects.filter(app=hooked).update(website="https://elsewhere.example")
    first = probes.request(submission, ProbeReason.PICK_UP, rita)
    assert probes.request(submission, ProbeReason.PICK_UP, rita) == first
    assert "https://acme.example" in [target["url"] for target in first.targets]
    assert machine(rubric.judge(submission), "endpoint_answers") == "none"  # not yet
    probes.work_on_due(fine)
    assert machine(rubric.judge(submission), "endpoint_answers") == "pass"
    assert machine(rubric.judge_draft(hooked), "endpoint_answers") == "none"


def test_few_looks_are_kept(hooked):
    for minutes in (0, 20, 40, 60, 80):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            probes.request_draft(hooked)
            probes.work_on_due(fine)
    assert Probe.objects.count() == probes.KEPT


def test_before_the_first_look_the_preflight_says_so(hooked):
    flight = preflight(hooked, checklist(hooked))
    assert flight.looked is None
    assert machine(flight.results, "website_answers") == "none"


def test_who_may_ask_for_a_look(ready, viv, charlie, client_for):
    url = reverse("app-submit-check", args=[ready.slug])
    assert [client_for(person).post(url).status_code for person in (viv, charlie)] == [403, 404]
    assert not Probe.objects.exists()


@pytest.mark.parametrize(
    ("status", "has_key", "state"),
    [(200, True, "ok"), (202, True, "ok"), (501, True, "ok"), (401, True, "warn"), (401, False, "ok"),
     (404, True, "warn"), (500, True, "down"), (503, False, "down")],
)  # fmt: skip
def test_what_the_answer_of_an_endpoint_means(status, has_key, state):
    found = read_endpoint(Exchange(SENT, Response(status, "", (), b"")), has_key=has_key)
    assert (found["state"], found["status"]) == (state, status)
    assert found["message"]


def test_no_answer_is_down():
    failed = Exchange(SENT, None, Failure(ErrorKind.CONNECT_REFUSED, "Nothing listens on that port."))
    found = read_endpoint(failed, has_key=True)
    assert (found["state"], found["status"]) == ("down", None)
    assert found["message"]


def test_a_real_endpoint_gets_one_test_event_with_the_key_of_the_test_account(hooked, receiver, settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8,::1/128"
    hooked.components.update(endpoint=f"{receiver.url}/hook")
    probe = probes.request_draft(hooked)
    found = look_at(probe, probe.targets[0])
    assert (found["state"], found["status"]) == ("ok", 200)
    (request,) = receiver.requests
    assert request.header("Authorization") == f"Basic {base64.b64encode(b'key:').decode()}"
    event = json.loads(request.body)
    assert (event["type"], event["messageId"].startswith("probe-")) == ("page", True)
    receiver.stop()
    assert look_at(probe, probe.targets[0])["state"] == "down"
