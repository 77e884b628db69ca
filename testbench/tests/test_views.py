"""The pages of the Test Suite, as the people of the company and others see them."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps_catalog.lifecycle import create_app
from leases.transitions import StaleState
from runtime.egress.exchange import Exchange, Response, SentRequest, Timings
from runtime.suite.results import row_of
from runtime.suite.webhook import judge
from testbench.claims import claim
from testbench.lifecycle import cancel, start_single, start_suite
from testbench.models import CaseResult, SuiteRun
from testbench.tests.runs import KEY, PIN, VALUES, work
from testbench.values import remember, remembered
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db

FORM = {"component": "subscription_webhook", "apiKey": KEY, "setting-region": "eu", "setting-pin": PIN}
EVENT = {"type": "track", "event": "Signed up", "userId": "user-1"}


@pytest.fixture
def home(app):
    return reverse("suite-home", args=[app.slug])


@pytest.fixture
def single(app):
    return reverse("suite-single", args=[app.slug])


def page(name, run):
    return reverse(name, args=[run.app.slug, run.pk])


def send_some(run, number):
    """Claim the run and store the first results, as a worker in the middle of it."""
    claim(run.pk)
    answer = Exchange(
        SentRequest("POST /hook HTTP/1.1", (), b"{}"), Response(200, "OK", (), b""), timings=Timings(total=1)
    )
    for case in run.cases[:number]:
        CaseResult.objects.create(run=run, **row_of(judge(case, [answer]), []))


# --- Starting ---------------------------------------------------------------------------------------


def test_starting_a_suite_leads_to_its_page(client_for, bob, webhook, home):
    response = client_for(bob).post(home, FORM)
    run = SuiteRun.objects.get()
    assert (response.status_code, response.url) == (303, page("suite-run", run))
    assert run.open_secrets()[0] == VALUES
    assert remembered(webhook) == {}


def test_two_clicks_start_one_run(client_for, bob, webhook, home):
    client = client_for(bob)
    first, second = client.post(home, FORM), client.post(home, FORM)
    assert first.url == second.url
    assert SuiteRun.objects.count() == 1


def test_an_empty_key_comes_back_with_a_message_and_what_was_typed(client_for, bob, webhook, home):
    response = client_for(bob).post(home, FORM | {"apiKey": "", "setting-region": "mars"})
    assert response.status_code == 422
    assert "Enter the API Key." in response.text
    assert 'value="mars"' in response.text
    assert not SuiteRun.objects.exists()


def test_a_value_of_100_kb_comes_back_with_a_message(client_for, bob, webhook, home):
    long = "x" * 100_000
    response = client_for(bob).post(home, FORM | {"setting-region": long})
    assert response.status_code == 422
    assert long in response.text


def test_values_that_do_not_fit_into_a_header_are_refused(client_for, bob, app, webhook, home):
    for number in range(3):
        app.settings.create(key=f"note{number}", label=f"Note {number}", position=10 + number)
    notes = {f"setting-note{number}": "y" * 4_000 for number in range(3)}
    response = client_for(bob).post(home, FORM | notes)
    assert response.status_code == 422
    assert "too long" in response.text


def test_remembered_values_are_used_again_and_secrets_never_shown(client_for, bob, webhook, home):
    client = client_for(bob)
    client.post(home, FORM | {"remember": "on"})
    webhook.refresh_from_db()
    assert remembered(webhook) == VALUES
    cancel(SuiteRun.objects.get(), bob)
    shown = client.get(home).text
    assert "Kept from last time" in shown
    assert KEY not in shown
    assert PIN not in shown
    assert 'value="eu"' in shown
    client.post(home, {"component": "subscription_webhook", "setting-region": "us", "remember": "on"})
    newest = SuiteRun.objects.latest("created_at")
    assert newest.open_secrets()[0] == VALUES | {"region": "us"}


def test_unticking_remember_forgets(client_for, bob, webhook, home):
    remember(webhook, VALUES)
    client_for(bob).post(home, FORM)
    webhook.refresh_from_db()
    assert webhook.test_settings_sealed == ""


def test_an_unknown_component_is_a_404(client_for, bob, webhook, home):
    assert client_for(bob).post(home, FORM | {"component": "web_plugin"}).status_code == 404


# --- Roles ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who, read, write",
    [("alice", 200, 303), ("bob", 200, 303), ("viv", 200, 403), ("charlie", 404, 404), ("carol", 404, 404),
     ("rita", 200, 403), ("adam", 200, 403)],
)  # fmt: skip
def test_who_may_look_and_who_may_run(request, client_for, app, webhook, finished, home, single, who, read, write):
    run = finished()
    client = client_for(request.getfixturevalue(who))
    pages = [home, single, reverse("app-inbox", args=[app.slug]), page("suite-run", run)]
    assert [client.get(url).status_code for url in pages] == [read] * 4
    assert client.get(page("suite-live", run)).status_code == (286 if read == 200 else read)
    assert client.post(home, FORM).status_code == write
    assert client.post(single, FORM | {"event": json.dumps(EVENT)}).status_code == write
    for verb in ("suite-cancel", "suite-rerun"):
        assert client.post(page(verb, run)).status_code == write


def test_signed_out_visitors_go_to_the_log_in(client, webhook, finished, home):
    run = finished()
    for url in (home, page("suite-run", run), page("suite-live", run)):
        assert client.get(url).status_code == 302
    assert client.post(page("suite-cancel", run)).status_code == 302


def test_viewers_see_no_forms(client_for, viv, webhook, finished, home, single):
    run = finished()
    client = client_for(viv)
    for url in (home, single, page("suite-run", run)):
        text = client.get(url).text
        assert "Run again" not in text
        assert 'name="apiKey"' not in text
    assert "can run tests" in client.get(home).text


def test_verbs_need_post(client_for, bob, webhook, finished):
    run = finished()
    client = client_for(bob)
    for verb in ("suite-cancel", "suite-rerun"):
        assert client.get(page(verb, run)).status_code == 405


def test_a_run_of_another_app_is_a_404(client_for, bob, alice, company, webhook, finished):
    other = create_app(alice, company, "Entirely Different")
    run = finished()
    url = reverse("suite-run", args=[other.slug, run.pk])
    assert client_for(bob).get(url).status_code == 404


# --- One run ----------------------------------------------------------------------------------------


def test_a_finished_run_shows_each_row_with_shape_and_word(client_for, viv, finished, receiver):
    receiver.default = lambda request: Reply(501 if json.loads(request.body)["type"] == "delete" else 200)
    text = client_for(viv).get(page("suite-run", finished())).text
    assert "Success</span> 8 of 9" in text
    assert "Not supported</span> 1 of 9" in text
    assert 'id="case-9"' in text
    assert "asks for their data to be deleted" in text
    assert "hx-get" not in text


def test_a_good_run_says_9_of_9(client_for, viv, finished):
    text = client_for(viv).get(page("suite-run", finished())).text
    assert "All events passed" in text
    assert "9 of 9" in text


def test_a_failed_row_says_why_and_what_to_do(client_for, viv, finished, receiver):
    receiver.default = Reply(401)
    text = client_for(viv).get(page("suite-run", finished())).text
    assert "API key refused" in text
    assert "What to do" in text
    assert "9 of 9 events did not pass" in text


def test_html_in_an_answer_is_shown_and_not_run(client_for, viv, finished, receiver):
    receiver.default = Reply(400, b"<script>alert(1)</script>", headers=(("X-Evil", "<img src=x onerror=alert(1)>"),))
    text = client_for(viv).get(page("suite-run", finished())).text
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_a_stale_run_says_what_changed(client_for, viv, app, webhook, finished, home):
    run = finished()
    app.components.filter(pk=webhook.pk).update(endpoint="https://example.com/new")
    client = client_for(viv)
    assert "the endpoint" in client.get(page("suite-run", run)).text
    assert "Out of date" in client.get(home).text
    assert "before a change" in client.get(home).text


def test_a_run_under_way_polls_and_then_stops(client_for, bob, alice, webhook):
    run = start_suite(alice, webhook, VALUES)
    client = client_for(bob)
    assert 'hx-trigger="every 1s"' in client.get(page("suite-run", run)).text
    send_some(run, 3)
    live = client.get(page("suite-live", run) + "?have=1", headers={"HX-Request": "true"})
    assert live.status_code == 200
    assert "3 of 9 events sent" in live.text
    assert "?have=3" in live.text
    assert 'id="case-1"' not in live.text  # the page has it already
    assert 'id="case-3"' in live.text
    assert 'hx-swap-oob="innerHTML:#run-status"' in live.text
    assert "Refresh</a>" in live.text
    SuiteRun.objects.filter(pk=run.pk).update(lease_until=None)
    work(run)
    over = client.get(page("suite-live", run) + "?have=3")
    assert over.status_code == 286
    assert "hx-trigger" not in over.text
    assert 'id="case-9"' in over.text


def test_an_unchanged_run_costs_no_page(client_for, bob, alice, webhook):
    run = start_suite(alice, webhook, VALUES)
    client = client_for(bob)
    url = page("suite-live", run)
    etag = client.get(url)["ETag"]
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == etag
    send_some(run, 1)
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("have", ["", "x", "-1", "99999999999", "²"])
def test_any_have_is_survived(client_for, bob, alice, webhook, have):
    run = start_suite(alice, webhook, VALUES)
    assert client_for(bob).get(page("suite-live", run), {"have": have}).status_code == 200


def test_cancelling_on_the_page(client_for, bob, alice, webhook):
    run = start_suite(alice, webhook, VALUES)
    send_some(run, 2)
    client = client_for(bob)
    first, second = client.post(page("suite-cancel", run)), client.post(page("suite-cancel", run), follow=True)
    assert first.status_code == 303
    assert "over before it could be cancelled" in second.text
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert "7 of 9" in second.text  # not run
    with pytest.raises(StaleState):
        cancel(run, bob)


def test_running_again_from_the_page(client_for, bob, webhook, finished, home):
    run = finished()
    client = client_for(bob)
    refused = client.post(page("suite-rerun", run), follow=True)
    assert refused.redirect_chain == [(home, 303)]
    assert "Enter it again" in refused.text
    remember(webhook, VALUES)
    assert client.post(page("suite-rerun", run)).url != page("suite-run", run)


# --- One event --------------------------------------------------------------------------------------


def test_a_sample_is_loaded_into_the_editor(client_for, bob, webhook, single):
    client = client_for(bob)
    assert "Signed up" in client.get(single, {"sample": "core-4-track-signed-up"}).text
    assert client.get(single, {"sample": "nonsense"}).status_code == 200


def test_an_edited_event_is_sent_as_it_was_typed(client_for, bob, webhook, single, receiver):
    text = '{"type": "identify", "userId": "u", "traits": {"z": 1, "a": "Ü"}}'
    response = client_for(bob).post(single, FORM | {"event": text})
    run = work(SuiteRun.objects.get())
    assert response.url == page("suite-run", run)
    assert receiver.requests[0].body.decode() == text.replace(": ", ":").replace(", ", ",")
    shown = client_for(bob).get(page("suite-run", run)).text
    assert "The event was accepted" in shown
    assert "First byte" in shown


@pytest.mark.parametrize("text, words", [('{"type": "track",\n"x": }', "line 2, column 6"), ("", "required")])
def test_wrong_json_comes_back_with_its_place_and_the_text(client_for, bob, webhook, single, text, words):
    response = client_for(bob).post(single, FORM | {"event": text})
    assert response.status_code == 422
    assert words in response.text
    if text:
        assert "&quot;type&quot;: &quot;track&quot;,\n&quot;x&quot;: }" in response.text
    assert not SuiteRun.objects.exists()


def test_an_event_of_an_earlier_run_can_be_edited_and_sent_again(client_for, bob, alice, webhook, single):
    run = work(start_single(alice, webhook, VALUES, EVENT | {"event": "From before"}))
    client = client_for(bob)
    assert "From before" in client.get(single, {"again": f"{run.pk}.1"}).text
    for wrong in (f"{run.pk}.7", "x.1", f"{run.pk}", "00000000-0000-4000-8000-000000000000.1"):
        assert client.get(single, {"again": wrong}).status_code == 200


def test_without_a_component_the_pages_say_what_to_do(client_for, bob, app, home, single):
    client = client_for(bob)
    assert "Nothing to test yet" in client.get(home).text
    assert "nowhere to send" in client.get(single).text


# --- Cost -------------------------------------------------------------------------------------------


def queries_of(client, url, count):
    with count() as captured:
        assert client.get(url).status_code in (200, 286)
    return len(captured)


@pytest.fixture
def count(db):
    return lambda: CaptureQueriesContext(connection)


def test_pages_cost_the_same_with_one_run_and_many(client_for, bob, webhook, finished, home, count):
    first = finished()
    client = client_for(bob)
    client.get(home)
    one = [queries_of(client, url, count) for url in (home, page("suite-run", first), page("suite-live", first))]
    for _ in range(4):
        finished()
    many = [queries_of(client, url, count) for url in (home, page("suite-run", first), page("suite-live", first))]
    assert many == one


def test_the_history_comes_in_pages(client_for, bob, app, webhook, home):
    SuiteRun.objects.bulk_create(
        SuiteRun(app=app, component=webhook, state="cancelled", fingerprint="x") for _ in range(27)
    )
    client = client_for(bob)
    assert client.get(home).text.count("table__link") == 25
    assert client.get(home, {"page": 2}).text.count("table__link") == 2
    assert client.get(home, {"page": "nonsense"}).status_code == 200


def test_a_reviewers_run_is_shown_without_its_circumstances(client_for, bob, rita, webhook, home):
    run = start_suite(rita, webhook, VALUES, submission_id=uuid4())
    client = client_for(bob)
    for url in (home, page("suite-run", run)):
        text = client.get(url).text
        assert "Rita" not in text
        assert "Segment</d" in text or "Segment</t" in text
    assert client.post(page("suite-cancel", run)).status_code == 403
