"""What GitHub says is kept by its own clock, judged, and told to whoever listens."""

import random
from functools import partial

import pytest

from pulls import ingest, lifecycle
from pulls.models import Delivery, PullRequest
from pulls.signals import pull_changed
from pulls.standing import of_app, snapshot
from pulls.states import Outcome
from pulls.tests.telling import REPOSITORY, Teller, kept, new_guid
from runtime.github.pulls import Checks, Verdict
from tests.racing import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What listeners were told: (verdict, checks, …) before and after."""
    told: list[tuple] = []

    def listen(sender, pull, before, **_):
        told.append((before, snapshot(pull)))

    pull_changed.connect(listen)
    yield told
    pull_changed.disconnect(listen)


def only() -> PullRequest:
    return PullRequest.objects.get()


def test_a_pull_request_is_kept_before_anybody_links_it(teller):
    assert teller.catch_up() == [Outcome.APPLIED]
    pull = only()
    assert (pull.title, pull.author, pull.body) == ("Change 1", "partner-developer", "- [x] Unit tests")
    assert (pull.is_open, pull.verdict, pull.checks, pull.app) == (True, Verdict.NONE, Checks.NONE, None)


def test_reviews_and_checks_are_judged_as_they_come(teller):
    teller.suite(None)
    teller.review("changes_requested")
    teller.catch_up()
    assert (only().verdict, only().checks) == (Verdict.CHANGES_REQUESTED, Checks.RUNNING)
    teller.review("approved")
    teller.later().source.check(1)
    teller.catch_up()
    assert only().verdict == Verdict.APPROVED
    teller.later().source.push(1)
    teller.catch_up()
    assert (only().verdict, only().checks) == (Verdict.STALE, Checks.NONE)


@pytest.mark.parametrize("as_", ["NONE", "CONTRIBUTOR", "", None])
@pytest.mark.parametrize("said", ["approved", "changes_requested"])
def test_reviews_of_passers_by_are_kept_and_judge_nothing(linked, teller, heard, said, as_):
    teller.review(said, by="second-account", as_=as_)
    teller.catch_up()
    assert (only().verdict, only().reviews.get().association) == (Verdict.NONE, as_ or "")
    teller.review("approved", as_="COLLABORATOR")
    teller.catch_up()
    assert only().verdict == Verdict.APPROVED


def test_another_base_is_told(linked, teller, heard):
    """What is approved for one branch is not for another."""
    teller.catch_up()
    heard.clear()
    teller.later().source.pulls[1]["base"] = {"ref": "next"}
    teller.source.tell_pull(1, "edited")
    teller.catch_up()
    assert [(was.base, now.base) for was, now in heard] == [("main", "next")]


def test_a_review_before_its_pull_request_waits_for_it(teller):
    teller.review("approved")
    first, review = teller.source.deliveries
    ingest.apply(review[0], new_guid(), review[1])
    assert (only().is_seen, only().verdict) == (False, Verdict.NONE)
    ingest.apply(first[0], new_guid(), first[1])
    assert (only().is_seen, only().verdict) == (True, Verdict.APPROVED)


def test_a_delivery_counts_once_and_what_is_older_not_at_all(teller):
    event, payload = teller.source.deliveries[0]
    guid = new_guid()
    assert ingest.apply(event, guid, payload) == Outcome.APPLIED
    teller.later().source.edit(1)
    teller.catch_up()
    title = only().title
    assert ingest.apply(event, guid, payload) == Outcome.APPLIED  # what it was, and nothing happens
    assert ingest.apply(event, new_guid(), payload) == Outcome.OLD
    assert only().title == title
    assert Delivery.objects.filter(guid=guid).count() == 1
    assert Delivery.objects.get(guid=guid).pull == only()


@pytest.mark.parametrize(
    ("event", "payload", "outcome"),
    [
        ("ping", {"zen": "Keep it logically awesome."}, Outcome.NOTHING),
        ("issue_comment", {"action": "created"}, Outcome.NOTHING),
        ("pull_request", {}, Outcome.BROKEN),
        ("check_suite", {"repository": {"full_name": "a/b"}, "check_suite": {"id": 1e400}}, Outcome.BROKEN),
        ("push", {"ref": "refs/heads/x", "repository": None, "head_commit": {"id": 1}}, Outcome.BROKEN),
    ],
)
def test_what_is_nothing_changes_nothing(event, payload, outcome, repository):
    assert ingest.apply(event, new_guid(), payload) == outcome
    assert not PullRequest.objects.exists()


def test_other_repositories_are_unknown(teller, repository):
    repository.is_watched = False
    repository.save()
    assert teller.catch_up() == [Outcome.UNKNOWN]
    assert not PullRequest.objects.exists()


@pytest.mark.parametrize("changes", [{"number": -1}, {"number": 2**40}])
def test_numbers_that_no_row_can_hold_are_refused(teller, changes):
    teller.source.pulls[1] |= changes
    teller.source.tell_pull(1, "edited")
    assert teller.catch_up()[-1] == Outcome.BROKEN


def test_texts_that_no_row_can_hold_are_cut(teller):
    teller.source.pulls[1] |= {"user": {"login": "x" * 500}, "base": {"ref": "b" * 500}, "head": {"sha": "f" * 500}}
    teller.later().source.tell_pull(1, "edited")
    teller.review("approved", by="y" * 500)
    teller.catch_up()
    assert len(only().author) == 100
    assert len(only().base) == 250
    assert len(only().head_sha) == 64
    assert only().verdict == Verdict.APPROVED


def test_a_push_moves_the_branch_that_is_released(teller, repository):
    teller.source.tell("push", {"ref": "refs/heads/main", "before": "a", "after": ["c"],
                                "head_commit": {"timestamp": "2026-03-02T10:00:00+01:00"}})  # fmt: skip
    teller.source.tell("push", {"ref": "refs/heads/main", "before": "c", "after": "b" * 40,
                                "head_commit": {"timestamp": "2026-03-02T11:00:00+01:00"}})  # fmt: skip
    teller.source.tell("push", {"ref": "refs/heads/other", "before": "c", "after": "d" * 40,
                                "head_commit": {"timestamp": "2026-03-03T11:00:00+01:00"}})  # fmt: skip
    assert teller.catch_up()[1:] == [Outcome.APPLIED, Outcome.APPLIED, Outcome.OLD]
    repository.refresh_from_db()
    assert repository.branch_sha == "b" * 40


def test_listeners_hear_of_linked_pull_requests_and_only_of_what_decides(linked, teller, heard):
    teller.catch_up()
    assert [(was.head_sha, now.head_sha != "") for was, now in heard] == [("", True)]
    heard.clear()
    teller.later().source.edit(1)  # another title decides nothing
    teller.catch_up()
    assert heard == []
    teller.review("approved")
    teller.catch_up()
    assert [(was.verdict, now.verdict) for was, now in heard] == [(Verdict.NONE, Verdict.APPROVED)]


def test_nobody_hears_of_pull_requests_of_nobody(teller, heard):
    teller.review("approved")
    teller.catch_up()
    assert heard == []


def test_a_listener_that_fails_takes_everything_back(linked, teller):
    def fail(**_):
        raise RuntimeError

    pull_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            teller.catch_up()
    finally:
        pull_changed.disconnect(fail)
    assert not Delivery.objects.exists()
    assert not only().is_seen


def test_the_order_of_arrival_makes_no_difference(repository):
    teller = Teller(pulls=3, seed=5)
    while len(teller.source.deliveries) < 60:
        teller.source.live()
    found = []
    for seed in range(3):
        PullRequest.objects.all().delete()
        repository.suites.all().delete()
        told = [*teller.source.deliveries]
        random.Random(seed).shuffle(told)
        for event, payload in told:
            ingest.apply(event, new_guid(), payload)
        found.append(kept())
    assert found[0] == found[1] == found[2]


def test_one_suite_is_about_every_pull_request_with_that_commit(repository):
    teller = Teller(pulls=2)
    teller.source.pulls[2]["head"] = teller.source.pulls[1]["head"]
    teller.source.tell_pull(2, "synchronize")
    teller.later().suite("failure")
    teller.catch_up()
    assert set(PullRequest.objects.values_list("checks", flat=True)) == {Checks.FAILED}


@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_fifty_times_at_once_has_one_effect(repository, pull_app, alice, heard):
    lifecycle.link(alice, pull_app, f"https://github.com/{REPOSITORY}/pull/1")
    heard.clear()
    event, payload = Teller().source.deliveries[0]
    answers = at_once(*[lambda: ingest.apply(event, "the-same", payload)] * 50)
    assert set(answers) == {Outcome.APPLIED}
    assert Delivery.objects.count() == 1
    assert len(heard) == 1


@pytest.mark.django_db(transaction=True)
def test_many_deliveries_about_one_pull_request_at_once_end_in_its_newest_state(repository):
    teller = Teller()
    for number in range(20):
        teller.review("approved" if number % 2 else "changes_requested", by=f"reviewer-{number % 3}")
    told = teller.source.deliveries
    at_once(*[partial(ingest.apply, event, new_guid(), payload) for event, payload in told])
    raced = kept()
    PullRequest.objects.all().delete()
    for event, payload in told:
        ingest.apply(event, new_guid(), payload)
    assert kept() == raced


def test_the_draft_names_its_pull_request(linked, pull_app, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert of_app(pull_app) == linked
