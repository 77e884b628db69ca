"""Whatever is lost, doubled or late on the way from GitHub, one look at the API makes it whole."""

import random
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.github.facts import BadPayload, Fact, checks_of, moment, pull_of, read, review_of
from runtime.github.pulls import Checks, PullState, Verdict
from runtime.github.signatures import is_signed, signature_of
from runtime.tests.github_source import REPOSITORY, Source
from tests.counts import count

BODY = b'{"action":"opened","title":"caf\xc3\xa9"}'


def grown(seed: int, deliveries: int) -> Source:
    source = Source(seed)
    while len(source.deliveries) < deliveries:
        source.live()
    return source


def polled(source: Source, number: int) -> list[Fact]:
    """What the API answers about one pull request."""
    pull = source.pulls[number]
    at = moment(pull["updated_at"])
    reviews = [review_of(REPOSITORY, number, one, at, is_polled=True) for one in source.reviews[number].values()]
    suites = [checks_of(REPOSITORY, one, is_polled=True) for one in source.suites.values()
              if one["head_sha"] == pull["head"]["sha"]]  # fmt: skip
    return [pull_of(REPOSITORY, pull, is_polled=True), *reviews, *suites]


def states(source: Source, facts: list[Fact]) -> dict[int, PullState]:
    """The facts, each given to the pull requests that it is about."""
    found = {number: PullState() for number in source.pulls}
    for fact in facts:
        number = getattr(fact, "number", None)
        for one in [found[number]] if number else found.values():
            one.take(fact)
    return found


def summary(state: PullState) -> tuple:
    pull = state.pull
    assert pull is not None
    return (
        pull.is_open, pull.is_draft, pull.merged_at, pull.merge_sha, pull.head_sha, pull.title, state.verdict,
        state.checks, [(review.id, review.state) for review in state.judgements],
    )  # fmt: skip


def mangled(deliveries: list, seed: int) -> list:
    """30 % twice, 20 % somewhere else, 10 % lost."""
    chance = random.Random(seed)
    kept = [one for one in deliveries if chance.random() >= 0.1]
    kept += [one for one in kept if chance.random() < 0.3]
    for _ in range(len(kept) // 5):
        kept.insert(chance.randrange(len(kept)), kept.pop(chance.randrange(len(kept))))
    return kept


@pytest.mark.parametrize("seed", range(count(3, 20)))
def test_after_one_poll_the_state_is_that_of_the_source(seed):
    source = grown(seed, count(1000, 10_000))
    facts = [fact for event, payload in mangled(source.deliveries, seed) for fact in read(event, payload)]
    truth = states(source, [fact for number in source.pulls for fact in polled(source, number)])
    healed = states(source, facts + [fact for number in source.pulls for fact in polled(source, number)])
    assert {number: summary(one) for number, one in healed.items()} == {
        number: summary(one) for number, one in truth.items()
    }


def test_the_order_of_arrival_makes_no_difference():
    source = grown(7, 400)
    facts = [fact for event, payload in source.deliveries for fact in read(event, payload)]
    wanted = {number: summary(one) for number, one in states(source, facts).items()}
    for seed in range(count(5, 50)):
        shuffled = [*facts, *facts]
        random.Random(seed).shuffle(shuffled)
        assert {number: summary(one) for number, one in states(source, shuffled).items()} == wanted


def seen(number: int = 1, **changes) -> Fact:
    source = Source(1, 1)
    return pull_of(REPOSITORY, source.pulls[1] | changes)


def reviewed(
    state: str, minute: int, by: str = "reviewer-one", sha: str = "", id_: int = 0, as_: str | None = "MEMBER"
) -> Fact:
    source = Source(1, 1)
    at = datetime(2026, 4, 1, 12, minute, tzinfo=UTC)
    review = {"id": id_ or minute, "state": state, "user": {"login": by}, "body": "", "submitted_at": at.isoformat(),
              "author_association": as_, "commit_id": sha or source.pulls[1]["head"]["sha"]}  # fmt: skip
    return review_of(REPOSITORY, 1, review, at)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ([], Verdict.NONE),
        ([reviewed("commented", 1)], Verdict.NONE),
        ([reviewed("approved", 1)], Verdict.APPROVED),
        ([reviewed("approved", 1), reviewed("commented", 2)], Verdict.APPROVED),
        ([reviewed("approved", 1), reviewed("changes_requested", 2)], Verdict.CHANGES_REQUESTED),
        ([reviewed("changes_requested", 1), reviewed("approved", 2)], Verdict.APPROVED),
        ([reviewed("changes_requested", 1), reviewed("approved", 2, "reviewer-two")], Verdict.CHANGES_REQUESTED),
        ([reviewed("changes_requested", 1), reviewed("dismissed", 2, id_=1)], Verdict.NONE),
        ([reviewed("approved", 1, sha="f" * 40)], Verdict.STALE),
        ([reviewed("approved", 1, sha="f" * 40), reviewed("approved", 2, "reviewer-two")], Verdict.APPROVED),
        ([reviewed("approved", 1, "partner-developer")], Verdict.NONE),
    ],
)
def test_reviews_come_to_what_github_shows(facts, verdict):
    state = PullState()
    state.take_all([seen(), *facts])
    assert state.verdict == verdict


@pytest.mark.parametrize("as_", ["OWNER", "MEMBER", "COLLABORATOR", "member"])
def test_whoever_belongs_to_the_repository_judges(as_):
    state = PullState()
    state.take_all([seen(), reviewed("approved", 1, as_=as_)])
    assert state.verdict == Verdict.APPROVED


@pytest.mark.parametrize("as_", ["NONE", "CONTRIBUTOR", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "MANNEQUIN", "", None])
def test_nobody_else_does(as_):
    """In a public repository anybody may write a review, also the second account of whoever opened it."""
    for said in ("approved", "changes_requested"):
        state = PullState()
        state.take_all([seen(), reviewed(said, 1, "second-account", as_=as_)])
        assert (state.verdict, state.judgements, len(state.reviews)) == (Verdict.NONE, [], 1)
    state.take_all([reviewed("approved", 2), reviewed("changes_requested", 3, "passer-by", as_=as_)])
    assert state.verdict == Verdict.APPROVED


def test_who_lost_and_who_got_membership_is_known_in_any_order():
    told = [reviewed("approved", 1, as_=as_) for as_ in ("NONE", "MEMBER")]
    ends = []
    for facts in (told, told[::-1]):
        state = PullState()
        state.take_all([seen(), *facts])
        ends.append(state.verdict)
    assert ends[0] == ends[1]
    assert told[0].rank != told[1].rank


def suite(id_: int, status: str, conclusion: str = "", sha: str = "") -> Fact:
    head = sha or Source(1, 1).pulls[1]["head"]["sha"]
    return checks_of(REPOSITORY, {"id": id_, "updated_at": "2026-04-01T12:00:00Z", "head_sha": head, "status": status,
                                  "conclusion": conclusion or None})  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "checks"),
    [
        ([], Checks.NONE),
        ([suite(1, "queued")], Checks.RUNNING),
        ([suite(1, "completed", "success"), suite(2, "in_progress")], Checks.RUNNING),
        ([suite(1, "completed", "success"), suite(2, "completed", "skipped")], Checks.PASSED),
        ([suite(1, "completed", "timed_out"), suite(2, "in_progress")], Checks.FAILED),
        ([suite(1, "completed", "failure", sha="f" * 40)], Checks.NONE),
    ],
)
def test_checks_are_those_of_the_newest_commit(facts, checks):
    state = PullState()
    state.take_all([seen(), *facts])
    assert state.checks == checks


def test_a_signature_holds_for_the_very_bytes():
    header = signature_of(BODY, "new")
    assert is_signed(BODY, header, ["new"])
    assert is_signed(BODY, header, ["old", "new"])
    for body, told, secrets in [
        (BODY + b" ", header, ["new"]), (BODY, header, ["old"]), (BODY, header, []), (BODY, header, [""]),
        (BODY, None, ["new"]), (BODY, "", ["new"]), (BODY, header.upper(), ["new"]), (BODY, header[7:], ["new"]),
        (BODY, header.replace("sha256", "sha1"), ["new"]), (BODY, signature_of(BODY, ""), [""]),
        (BODY, "sha256=é", ["new"]),
    ]:  # fmt: skip
        assert not is_signed(body, told, secrets)


@given(st.sampled_from(["pull_request", "pull_request_review", "check_suite", "push", "star", ""]), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["repository", "full_name", "pull_request", "review", "check_suite", "ref", "number", "id"]),
        inner, max_size=5), max_leaves=12))  # fmt: skip
def test_a_payload_of_any_shape_is_read_or_refused(event, payload):
    with suppress(BadPayload):
        assert read(event, payload) == [] or event in ("pull_request", "check_suite", "push", "pull_request_review")
