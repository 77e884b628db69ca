from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps_catalog import lifecycle
from apps_catalog.link_checks import LinkState, check_due, fetch, link_states, verdict
from apps_catalog.models import LinkCheck, Listing
from runtime.egress import ErrorKind, Exchange, Failure, Response, SentRequest

pytestmark = pytest.mark.django_db
URL = "https://docs.acme.example/segment"
SENT = SentRequest("GET / HTTP/1.1", (), b"")


def answer(status, *headers):
    return Exchange(SENT, Response(status, "", headers, b""))


@pytest.fixture
def listing(app, alice):
    lifecycle.save_docs(alice, app, {"docs_partner_url": URL}, 0)
    return Listing.objects.get(app=app)


def test_a_worker_looks_once_and_writes_the_result(listing):
    asked: list[str] = []

    def look(url):
        asked.append(url)
        return answer(200)

    assert check_due(look) == 1
    assert check_due(look) == 0
    listing.refresh_from_db()
    assert asked == [URL]
    assert listing.link_checks[URL]["ok"] is True
    assert link_states(listing)[0][1] is LinkState.OK


def test_while_it_is_due_the_page_says_checking(listing):
    assert link_states(listing)[0][1] is LinkState.CHECKING


def test_asking_again_during_a_look_leads_to_another(listing, alice, app):
    def ask_meanwhile(url):
        if LinkCheck.objects.get().attempts == 1:
            lifecycle.request_link_check(alice, app)
        return answer(200)

    assert check_due(ask_meanwhile) == 2
    assert LinkCheck.objects.get().due_at > timezone.now()


def test_the_sweep_looks_again_before_the_result_runs_out(listing):
    check_due(lambda url: answer(200))
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert check_due(lambda url: answer(200)) == 0
    with time_machine.travel(timezone.now() + timedelta(days=5, minutes=1)):
        assert check_due(lambda url: answer(404)) == 1
    listing.refresh_from_db()
    assert link_states(listing)[0][1] is LinkState.BROKEN


def test_an_old_result_is_none(listing):
    check_due(lambda url: answer(200))
    listing.refresh_from_db()
    LinkCheck.objects.update(due_at=None)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert link_states(listing)[0][1] is LinkState.UNKNOWN


@pytest.mark.parametrize("change", [{"stage": "deprecated"}, {"deleted_at": timezone.now()}])
def test_nobody_looks_again_for_an_app_that_is_gone(listing, change):
    type(listing.app).objects.filter(pk=listing.app_id).update(**change)
    check_due(lambda url: answer(200))
    assert LinkCheck.objects.get().due_at is None


def test_a_dead_workers_look_is_taken_over(listing):
    LinkCheck.objects.claim(lease=timedelta(seconds=90))
    assert check_due(lambda url: answer(200)) == 0
    LinkCheck.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert check_due(lambda url: answer(200)) == 1


@pytest.mark.parametrize(
    ("exchange", "ok", "words"),
    [
        (answer(200), True, "Reachable"),
        (answer(204), True, "Reachable"),
        (answer(301, ("Location", "https://new.example/")), False, "https://new.example/"),
        (answer(403), False, "without a log-in"),
        (answer(404), False, "no such page"),
        (answer(500), False, "500"),
        (
            Exchange(SENT, None, Failure(ErrorKind.DNS_NOT_FOUND, "The host name does not exist.")),
            False,
            "does not exist",
        ),
    ],
)
def test_what_an_answer_means(exchange, ok, words):
    result = verdict(exchange)
    assert result["ok"] is ok
    assert words in result["message"]


def test_through_the_real_door(receiver, settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8"
    assert verdict(fetch(f"{receiver.url}/docs"))["ok"] is True
    settings.EGRESS_ALLOW = ""
    assert verdict(fetch(f"{receiver.url}/docs"))["ok"] is False
    assert len(receiver.requests) == 1


def test_a_fragment_stays_at_home(receiver, settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8"
    assert verdict(fetch(f"{receiver.url}/docs#setup"))["ok"] is True
