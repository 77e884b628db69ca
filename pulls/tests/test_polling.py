"""One look at GitHub's API heals whatever its deliveries lost, and costs what it may cost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from pulls import lifecycle, polling
from pulls.models import CheckSuite, PullRequest, Repository
from pulls.signals import pull_changed
from pulls.standing import of_app
from pulls.tests.telling import REPOSITORY, Teller, deliver, kept, true_states
from runtime.github.pulls import Checks, Verdict
from runtime.tests.test_github import grown, mangled
from tests.counts import count
from tests.services.github import TOKEN, GitHubApi
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(settings, teller):
    with GitHubApi(teller.source) as running:
        settings.GITHUB_TOKEN, settings.GITHUB_API_URL = TOKEN, running.url
        settings.EGRESS_ALLOW = "127.0.0.0/8"
        yield running


def poll(repository: Repository) -> Repository:
    repository.refresh_from_db()
    polling.poll(repository)
    repository.refresh_from_db()
    return repository


def test_ten_thousand_deliveries_and_one_poll_come_to_what_the_source_holds(pull_app, repository, settings):
    """30 % doubled, 20 % out of order, 10 % lost: through the door, the database and the API."""
    settings.GITHUB_WEBHOOK_SECRETS, settings.EGRESS_ALLOW = ["new", "a-secret-of-the-tests"], "127.0.0.0/8"
    source = grown(11, count(400, 10_000))
    PullRequest.objects.bulk_create(
        PullRequest(repository=repository, number=number, app=pull_app) for number in source.pulls
    )
    for index, (event, payload) in enumerate(mangled(source.deliveries, 11)):
        # Both kinds of doubles: GitHub sends one delivery again, or tells the same in another one.
        guid = f"{id(payload)}" if index % 2 else f"{id(payload)}-{index}"
        assert deliver(event, payload, guid=guid)[0] == 202
    damaged = kept()
    with GitHubApi(source) as api:
        settings.GITHUB_TOKEN, settings.GITHUB_API_URL = TOKEN, api.url
        assert poll(repository).poll_error == ""
    healed = kept()
    assert healed != damaged
    PullRequest.objects.all().delete()
    CheckSuite.objects.all().delete()
    assert healed == true_states(source)


def test_what_was_lost_is_found(linked, api, repository, pull_app):
    teller = Teller()
    api.source = teller.source
    teller.review("approved")
    teller.suite("success")
    poll(repository)
    found = of_app(pull_app)
    assert (found.verdict, found.checks, found.title) == (Verdict.APPROVED, Checks.PASSED, "Change 1")
    assert (repository.branch_sha, repository.poll_error) == ("b" * 40, "")
    assert repository.polled_at is not None


def test_a_list_that_is_unchanged_is_not_read_again(linked, api, repository):
    poll(repository)
    api.receiver.clear()
    api.receiver.default = api._reply
    poll(repository)
    lists = [path for path in api.asked if path.endswith("/pulls")]
    assert len(lists) == 1


def test_pull_requests_of_nobody_are_read_from_the_list_alone(api, repository):
    poll(repository)
    assert PullRequest.objects.get().title == "Change 1"
    assert not [path for path in api.asked if path.endswith("/reviews")]


def test_every_page_is_read_and_no_address_followed(linked, api, repository, monkeypatch):
    monkeypatch.setattr("pulls.api.PER_PAGE", 2)
    teller = Teller(pulls=5)
    api.source = teller.source
    for number in range(5):
        teller.review("approved", by=f"reviewer-{number}")
    Repository.objects.filter(pk=repository.pk).update(polled_at=teller.source.now - timedelta(days=1))
    poll(repository)
    assert PullRequest.objects.count() == 5
    assert linked.reviews.count() == 5


def test_without_a_token_nobody_is_asked(linked, api, repository, settings):
    settings.GITHUB_TOKEN = ""
    poll(repository)
    assert polling.answer_asked() == 0
    assert api.asked == []


NOW = datetime(2026, 12, 1, tzinfo=UTC)
DATE = ("Date", "Tue, 01 Dec 2026 00:00:00 GMT")


@pytest.mark.parametrize(
    ("reply", "minutes"),
    [
        (Reply(403, headers=(DATE, ("Retry-After", "600"))), 10),
        (Reply(429, headers=(DATE,)), 1),
        (Reply(403, headers=(DATE, ("X-RateLimit-Remaining", "0"),
                             ("X-RateLimit-Reset", str(int(NOW.timestamp()) + 1800)))), 30),
        (Reply(429, headers=(DATE, ("Retry-After", "9" * 300))), 120),
        (Reply(429, headers=(DATE, ("Retry-After", "0"))), 1),
    ],
)  # fmt: skip
def test_github_may_ask_for_a_pause(linked, api, repository, reply, minutes):
    api.answer_next(reply)
    poll(repository)
    wait = repository.poll_after - timezone.now()
    assert abs(wait - timedelta(minutes=minutes)) < timedelta(seconds=20)
    assert "Too many requests" in repository.poll_error
    asked = len(api.asked)
    poll(repository)
    polling.answer_asked()
    assert len(api.asked) == asked  # nobody asks meanwhile


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply(401, b"{}"), "refuses the token"),
        (Reply(403, b"{}"), "does not let the token look"),
        (Reply(404, b"{}"), "does not know this repository"),
        (Reply(301, b"{}", (("Location", "https://elsewhere.example/"),)), "renamed or moved"),
        (Reply(502, b"<html>"), "answered 502"),
        (Reply(200, b"<html>"), "no JSON"),
        (Reply(200, b'{"a": '), "no JSON"),
        (Reply(200, b"[" * 100_000), "no JSON"),
        (Reply(hang_up=True), "closed the connection"),
        (Reply(200, b"x" * 7_000_000), "too large"),
    ],
)
def test_trouble_is_kept_in_words_and_changes_nothing(linked, api, repository, pull_app, teller, reply, text):
    teller.catch_up()
    before = kept()
    api.answer_next(reply)
    poll(repository)
    assert text in repository.poll_error
    assert TOKEN not in repository.poll_error
    assert (kept(), repository.polled_at) == (before, None)
    assert poll(repository).poll_error == ""


@pytest.mark.parametrize("body", [b"{}", b"null", b"[1]", b'[{"number": 1}]', b'{"check_suites": 1}'])
def test_answers_of_another_shape_are_trouble_too(linked, api, repository, body):
    poll(repository)
    api.answer_next(Reply(200, b"[]"), Reply(200, body))
    poll(repository)
    assert "shape" in repository.poll_error or "no list" in repository.poll_error


def test_one_odd_pull_request_keeps_nobody_else_from_being_healed(linked, api, repository, pull_app):
    teller = Teller(pulls=2)
    api.source = teller.source
    PullRequest.objects.create(repository=repository, number=2, app=pull_app)
    del teller.source.pulls[1]["head"]
    api.answer_next(Reply(304))
    poll(repository)
    linked.refresh_from_db()
    assert "shape" in linked.poll_error
    assert PullRequest.objects.get(number=2).is_seen


def test_a_number_that_is_none_is_said(linked, api, repository, settings):
    PullRequest.objects.filter(pk=linked.pk).update(number=404, asked_at=timezone.now())
    assert polling.answer_asked() == 1
    linked.refresh_from_db()
    assert (linked.poll_error, linked.is_seen, linked.is_asked) == (polling.NO_SUCH_PULL, False, False)
    assert polling.answer_asked() == 0


def test_linking_asks_at_once(pull_app, alice, api, repository):
    pull = lifecycle.link(alice, pull_app, f"https://github.com/{REPOSITORY}/pull/1")
    assert pull.is_asked
    assert polling.answer_asked() == 1
    assert of_app(pull_app).is_seen


def test_an_answer_from_within_the_second_is_not_the_last_word(linked, api, repository, teller):
    """What happened later in the same second of GitHub's clock is told by a delivery, and counts."""
    api.now = teller.source.now
    poll(repository)
    linked.refresh_from_db()
    assert (linked.is_seen, linked.is_polled) == (True, False)
    teller.source.pulls[1] |= {"state": "closed"}
    teller.source.tell_pull(1, "closed")
    teller.catch_up()
    linked.refresh_from_db()
    assert not linked.is_open


def test_a_listener_that_fails_is_logged_and_the_poll_goes_on(linked, api, repository):
    def fail(**_):
        raise RuntimeError

    pull_changed.connect(fail)
    try:
        poll(repository)
    finally:
        pull_changed.disconnect(fail)
    linked.refresh_from_db()
    assert not linked.is_seen
    assert repository.branch_sha == "b" * 40
