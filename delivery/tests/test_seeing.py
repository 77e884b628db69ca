"""The pages of seeing: debugger, Event Tester, deliveries, a week of Ada."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps_catalog.lifecycle import create_app
from delivery.event_reading import CAP
from delivery.models import Delivery, Event, Regulation, Replay
from delivery.regulations import KINDS
from delivery.states import DeliveryKind, DeliveryState, Fault, Stage
from delivery.tests.rows import count, make_delivery, make_event
from runtime.error_codes import WORDS
from tests.cast import install_on
from workspaces.lifecycle import add_source
from workspaces.models import WorkspaceMember
from workspaces.states import WorkspaceRole

pytestmark = pytest.mark.django_db
KEY_REFUSED = "errors.discarded.401"
EVENT = json.dumps({"type": "track", "event": "Signed Up", "userId": "u-1"})
HTMX = {"HX-Request": "true"}


def address(name, thing, *more):
    """The address of a page of a source or of a destination."""
    source = getattr(thing, "source", thing)
    slugs = [source.workspace.slug, source.slug, *([thing.app.slug] if thing is not source else []), *more]
    return reverse(name, args=slugs)


def text(response):
    return response.content.decode()


@pytest.fixture
def viewer(workspace, viv):
    WorkspaceMember.objects.create(workspace=workspace, user=viv, role=WorkspaceRole.VIEWER)
    return viv


# --- Debugger -----------------------------------------------------------------------------------------


def test_the_debugger_lists_the_newest_first_and_says_which_were_refused(client_for, alice, source):
    make_event(source, name="First")
    make_event(source, name="Second", fault=Fault.NO_USER)

    page = text(client_for(alice).get(address("source-debugger", source)))

    assert page.index("Second") < page.index("First")
    assert page.count("Refused</span>") == 1


def test_searching_looks_into_the_event_and_says_when_nothing_is_like_it(client_for, alice, source):
    make_event(source, name="First")
    make_event(source, name="Second", payload={"type": "track", "properties": {"coupon": "SPRING"}})
    client, url = client_for(alice), address("source-debugger", source)

    found = text(client.get(url, {"q": "spring"}))

    assert "Second" in found
    assert "First" not in found
    assert "Nothing like that" in text(client.get(url, {"q": "winter"}))
    assert client.get(url, {"q": "\x00"}).status_code < 500


def test_only_the_newest_are_shown(client_for, alice, source):
    old = make_event(source, name="Long ago")
    new = {"source": source, "type": "track", "name": "New", "received_at": timezone.now(), "payload": "{}"}
    Event.objects.bulk_create([Event(message_id=f"m-{number}", **new) for number in range(CAP)])

    page = text(client_for(alice).get(address("source-debugger", source), {"page": 999}))

    assert "Page 20 of 20" in page
    assert "Long ago" not in page
    assert client_for(alice).get(address("source-event", source, old.pk)).status_code == 200


def test_what_came_in_since_is_put_on_top(client_for, alice, source):
    first = make_event(source, name="First")
    client, url = client_for(alice), address("source-debugger-live", source)

    assert "<li" not in text(client.get(url, {"after": first.pk}, headers=HTMX))

    second = make_event(source, name="Second")
    answer = text(client.get(url, {"after": first.pk}, headers=HTMX))

    assert "Second" in answer
    assert "First" not in answer
    assert f"after={second.pk}" in answer
    assert "1 new event<" in answer


@pytest.mark.parametrize("after", ["", "-1", "x", "9" * 40, "٣"])
def test_a_strange_position_is_no_error(client_for, alice, source, after):
    assert client_for(alice).get(address("source-debugger-live", source), {"after": after}).status_code == 200


def test_an_event_is_shown_in_its_parts_and_raw_with_where_it_went(client_for, alice, destination):
    event = make_event(destination.source, name="Order Completed")
    make_delivery(destination, event, DeliveryState.FAILED, status=401, code=KEY_REFUSED)
    client, url = client_for(alice), address("source-event", destination.source, event.pk)

    pretty, raw = text(client.get(url)), text(client.get(url, {"view": "raw"}))

    assert "library.name" in pretty
    assert "analytics-python" in pretty
    assert "Not delivered" in pretty
    assert address("destination-tester", destination) in pretty
    assert "tok-key" in raw


def test_an_event_of_another_source_does_not_exist_here(client_for, alice, workspace, source):
    other = make_event(add_source(alice, workspace, "Other"))

    assert client_for(alice).get(address("source-event", source, other.pk)).status_code == 404
    assert client_for(alice).get(address("source-event", source, 10**30)).status_code == 404


def test_hostile_text_in_an_event_stays_text(client_for, alice, source):
    evil = "<script>alert(1)</script>"
    event = make_event(source, name=evil, user_id=evil, payload={"type": "track", "event": evil, evil: evil})
    client = client_for(alice)

    for url in (address("source-debugger", source), address("source-event", source, event.pk)):
        assert evil not in text(client.get(url))
    assert evil not in text(client.get(address("source-event", source, event.pk), {"view": "raw"}))


# --- Event Tester --------------------------------------------------------------------------------------


def test_an_event_is_sent_and_its_answer_awaited(client_for, alice, webhook_destination):
    to, client = webhook_destination, client_for(alice)

    response = client.post(address("destination-tester", to), {"event": EVENT})
    sent = Delivery.objects.get()

    assert (response.status_code, sent.kind) == (303, DeliveryKind.TEST)
    assert response.url == address("destination-tester-sent", to, sent.pk)
    assert "every 1s" in text(client.get(response.url))
    assert client.get(response.url, headers=HTMX).status_code == 200

    Delivery.objects.update(state=DeliveryState.DELIVERED, status=200, due_at=None, settled_at=timezone.now())
    answer = client.get(response.url, headers=HTMX)

    assert answer.status_code == 286
    assert "Delivered" in text(answer)


@pytest.fixture
def webhook_destination(destination):
    destination.app.components.create(kind="subscription_webhook", endpoint="https://partner.example/hook")
    return destination


def test_a_mistake_is_named_with_its_line_and_the_text_is_still_there(client_for, alice, webhook_destination):
    typed = '{"type": "track",\n "event": }'

    response = client_for(alice).post(address("destination-tester", webhook_destination), {"event": typed})

    assert response.status_code == 422
    assert "line 2" in text(response)
    assert "&quot;event&quot;: }" in text(response)
    assert not Delivery.objects.exists()


def test_an_event_of_the_source_can_be_loaded_but_not_one_of_another(client_for, alice, workspace, destination):
    mine = make_event(destination.source, name="Mine", payload={"type": "track", "event": "Mine", "userId": "u"})
    other = make_event(add_source(alice, workspace, "Other"), payload={"type": "track", "event": "Theirs"})
    client, url = client_for(alice), address("destination-tester", destination)

    assert "&quot;Mine&quot;" in text(client.get(url, {"start": f"event:{mine.pk}"}))
    assert "Theirs" not in text(client.get(url, {"start": f"event:{other.pk}"}))
    assert "Signed up" in text(client.get(url))


def test_a_viewer_looks_and_does_not_send(client_for, viewer, webhook_destination):
    client, url = client_for(viewer), address("destination-tester", webhook_destination)

    assert "Send this event" not in text(client.get(url))
    assert client.post(url, {"event": EVENT}).status_code == 403


# --- Deliveries ----------------------------------------------------------------------------------------


def test_numbers_trend_and_errors_are_on_one_page(client_for, alice, destination):
    count(destination, Stage.RECEIVED, 10)
    count(destination, Stage.DELIVERED, 8, ms=120)
    count(destination, Stage.FAILED, 2, code=KEY_REFUSED)
    count(destination, Stage.REFUSED, 3, code=Fault.NO_EVENT)

    page = text(client_for(alice).get(address("destination-deliveries", destination)))

    assert "80.0 % of those with an end" in page
    assert "API key refused" in page
    assert "A track call without event" in page
    assert page.count('class="bar bar--1"') == 3  # the legend, and one column in each of two sizes
    assert 'aria-label="Trend as a table"' in page


def test_an_empty_destination_says_what_to_do(client_for, alice, destination):
    page = text(client_for(alice).get(address("destination-deliveries", destination)))

    assert "Nothing in this time" in page
    assert address("destination-tester", destination) in page


def test_the_list_is_narrowed_and_goes_on_page_by_page(client_for, alice, destination, django_assert_max_num_queries):
    for number in range(30):
        make_delivery(destination, make_event(destination.source, name=f"Event {number}"))
    make_delivery(destination, make_event(destination.source, "identify", user_id="who-1"), DeliveryState.RETRYING,
                  status=503, code="errors.awaiting-retry.5xx")  # fmt: skip
    client, url = client_for(alice), address("destination-deliveries", destination)

    with django_assert_max_num_queries(16):
        first = text(client.get(url))
    assert "Event 29" in first
    assert "Event 5<" not in first

    older = Delivery.objects.order_by("-id")[24].pk
    assert f"before={older}" in first
    assert "Event 5<" in text(client.get(url, {"before": older}))
    assert "who-1" in text(client.get(url, {"state": "retrying"}))
    assert "who-1" in text(client.get(url, {"q": "who-1"}))
    assert "No delivery like that" in text(client.get(url, {"state": "cancelled"}))


@pytest.mark.parametrize("query", [{"before": "x"}, {"before": "9" * 50}, {"period": "never"}, {"state": "gone"},
                                   {"q": "x" * 300}, {"code": "x" * 300}])  # fmt: skip
def test_a_strange_filter_is_no_error(client_for, alice, destination, query):
    make_delivery(destination)
    for name in ("destination-deliveries", "destination-deliveries-csv"):
        response = client_for(alice).get(address(name, destination), query)
        assert response.status_code == 200
        b"".join(response)


def test_an_error_explains_itself_with_samples(client_for, alice, destination):
    for number in range(12):
        event = make_event(destination.source, name=f"Sample {number}")
        make_delivery(destination, event, DeliveryState.FAILED, status=401, code=KEY_REFUSED)
    count(destination, Stage.FAILED, 12, code=KEY_REFUSED)
    client, url = client_for(alice), address("destination-problem", destination)

    page = text(client.get(url, {"code": KEY_REFUSED}))

    assert "Sample 11" in page
    assert "Sample 2<" not in page
    assert "So be it" in page
    assert client.get(url, {"code": "errors.unheard.of"}).status_code == 404


def test_a_delivery_shows_every_try(client_for, alice, destination):
    code = "errors.awaiting-retry.ECONNREFUSED"
    one = make_delivery(destination, state=DeliveryState.RETRYING, status=None, code=code, attempts=3)

    page = text(client_for(alice).get(address("destination-delivery", destination, one.pk)))

    assert [f"Try {number}" in page for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert "Connection refused." in page
    assert "Next try" in page


def test_a_delivery_to_another_destination_does_not_exist_here(client_for, alice, company, destination):
    other = install_on(destination.source, create_app(alice, company, "Another"), alice)
    theirs = make_delivery(other)

    assert client_for(alice).get(address("destination-delivery", destination, theirs.pk)).status_code == 404


def test_the_export_is_what_the_filters_leave_and_no_formula(client_for, alice, destination):
    make_delivery(destination, make_event(destination.source, name="=cmd()"))
    make_delivery(destination, make_event(destination.source, "page", name="Home"))
    count(destination, Stage.DELIVERED, 2, ms=100)
    client, url = client_for(alice), address("destination-deliveries-csv", destination)

    lines = b"".join(client.get(url, {"type": "track"})).decode().splitlines()
    trend = b"".join(client.get(url, {"rows": "trend"})).decode().splitlines()

    assert len(lines) == 2
    assert ",'=cmd()," in lines[1]
    assert len(trend) == 25
    assert ",2,0,0," in trend[-1]


# --- Replays -------------------------------------------------------------------------------------------


def test_a_replay_takes_the_time_and_the_choice_of_the_form(client_for, alice, destination):
    url = address("destination-replay", destination) + "?period=1h"

    response = client_for(alice).post(url, {"state": "failed", "type": "track"}, follow=True)
    replay = Replay.objects.get()

    assert (replay.selection["state"], replay.selection["type"]) == ("failed", "track")
    assert "The replay begins" in text(response)
    assert "Under way" in text(response)

    client_for(alice).post(address("replay-cancel", destination, replay.pk))
    again = client_for(alice).post(address("replay-cancel", destination, replay.pk), follow=True)

    replay.refresh_from_db()
    assert replay.cancelled_at
    assert "was over before" in text(again)


def test_one_event_is_replayed(client_for, alice, destination):
    one = make_delivery(destination, state=DeliveryState.FAILED, status=400, code="errors.discarded.400")

    client_for(alice).post(address("destination-delivery-replay", destination, one.pk))

    assert Replay.objects.get().selection == {"events": [one.event_id]}


def test_what_cannot_be_replayed_says_why(client_for, alice, destination):
    type(destination).objects.update(is_enabled=False)

    response = client_for(alice).post(address("destination-replay", destination), {"state": ""}, follow=True)

    assert "takes no events" in text(response)
    assert client_for(alice).post(address("destination-replay", destination), {"state": "no"}, follow=True)
    assert not Replay.objects.exists()


def test_a_paused_destination_is_taken_up_again(client_for, alice, destination):
    type(destination).objects.update(paused_at=timezone.now() - timedelta(days=1))
    client = client_for(alice)
    assert "Paused since" in text(client.get(address("destination-deliveries", destination)))

    client.post(address("destination-resume", destination))

    destination.refresh_from_db()
    assert destination.paused_at is None


@pytest.mark.parametrize("name", ["destination-replay", "destination-resume"])
def test_a_viewer_replays_and_resumes_nothing(client_for, viewer, destination, name):
    assert client_for(viewer).post(address(name, destination)).status_code == 403


# --- Regulations ---------------------------------------------------------------------------------------


def test_people_are_erased_on_request(client_for, alice, workspace):
    client, url = client_for(alice), reverse("workspace-regulations", args=[workspace.slug])
    assert "No request yet" in text(client.get(url))

    response = client.post(url, {"kind": "DELETE_ONLY", "user_ids": "u-1\n\n u-2 \nu-1"}, follow=True)

    assert Regulation.objects.get().user_ids == ["u-1", "u-2"]
    assert "The request is taken" in text(response)
    assert 'class="number">2<' in text(response)


@pytest.mark.parametrize("typed", [{"kind": "DELETE_ONLY", "user_ids": " "}, {"kind": "GONE", "user_ids": "u-1"},
                                   {"kind": "DELETE_ONLY", "user_ids": "x" * 300}])  # fmt: skip
def test_a_request_that_cannot_be_taken_keeps_what_was_typed(client_for, alice, workspace, typed):
    response = client_for(alice).post(reverse("workspace-regulations", args=[workspace.slug]), typed)

    assert response.status_code == 422
    assert typed["user_ids"] in text(response)
    assert not Regulation.objects.exists()


def test_a_viewer_asks_for_nothing(client_for, viewer, workspace):
    client, url = client_for(viewer), reverse("workspace-regulations", args=[workspace.slug])

    assert "Ask for it" not in text(client.get(url))
    assert client.post(url, {"kind": "DELETE_ONLY", "user_ids": "u-1"}).status_code == 403


# --- Docs ----------------------------------------------------------------------------------------------


def test_the_docs_tell_every_reason_of_a_refusal(client):
    page = text(client.get(reverse("docs-page", args=["seeing-events"])))

    assert [fault.label for fault in Fault if fault.label not in page] == []
    assert [kind for _, kind in KINDS if kind not in page] == []
    assert all(f'id="{words.anchor}"' in page for words in WORDS.values())


def test_a_try_of_a_function_shows_its_log_and_its_calls(client_for, alice, destination):
    one = make_delivery(destination, state=DeliveryState.FAILED, status=400, code="errors.discarded.400")
    call = {"method": "POST", "url": "https://api.partner.example/in", "status": 201, "error": "", "duration_ms": 12.0,
            "request_headers": [], "request_body": {"encoding": "text", "content": "{}"},
            "response_headers": [], "response_body": {"encoding": "text", "content": "{}"}}  # fmt: skip
    details = {"kind": "function", "outcome": "error", "error_name": "TypeError", "error": "x is undefined",
               "stack": "at onTrack", "returned": None, "calls": [call], "logs_cut": False, "cold_ms": 1.0,
               "logs": [{"level": "log", "text": "y" * 3000}, {"level": "warn", "text": "z" * 3000}]}  # fmt: skip
    one.made.update(details=details, request=None, response=None)

    page = text(client_for(alice).get(address("destination-delivery", destination, one.pk)))

    assert "TypeError: x is undefined" in page
    assert ("y" * 3000 in page, "z" * 1096 in page, "z" * 1097 in page) == (True, True, False)
    assert "The first 4 kB are shown." in page
    assert "https://api.partner.example/in" in page
