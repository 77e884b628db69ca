"""reviews.ties: every combination of what GitHub says and where a submission stands has one outcome, without a
contradiction."""

from dataclasses import replace
from itertools import product

import pytest

from reviews import ties
from reviews.states import MOVES, SubmissionState
from reviews.ties import Act, Facts, Here, Said
from runtime.github.pulls import Checks, Verdict
from trains.states import PassengerState

# open or closed, draft, merged: as GitHub has them together.
SHAPES = [(True, False, False), (True, True, False), (False, False, True), (False, False, False), (False, True, False)]
RIDES = ["", *PassengerState.values]
BOTH = [False, True]
ALL_FACTS = [Facts(is_known=False, is_rolled_back=back) for back in BOTH] + [
    Facts(True, verdict, checks, is_open, is_draft, is_merged, is_answered, is_elsewhere, is_rolled_back)
    for verdict, checks, (is_open, is_draft, is_merged), is_answered, is_elsewhere, is_rolled_back in product(
        Verdict, Checks, SHAPES, BOTH, BOTH, BOTH
    )
]
ALL_HERE = [
    (state, ride, same, ties.here(state, ride=ride, is_same_commit=same))
    for state, ride, same in product(SubmissionState.values, RIDES, [False, True])
]
# What an act makes of where it stands.
LEADS_TO = {
    Act.REOPEN: Here.WAITING,
    Act.REQUEST_CHANGES: Here.ASKED_BY_GITHUB,
    Act.WITHDRAW: Here.WITHDRAWN,
}
# What a verb of a person makes of it; only where it can be done there.
PEOPLE = {
    "approve": (Here.WAITING, Here.ON_ITS_WAY),
    "request_changes": (Here.WAITING, Here.ASKED),
    "reject": (Here.WAITING, Here.REJECTED),
    "undo": (Here.ASKED, Here.WAITING),
    "overturn": (Here.REJECTED, Here.WAITING),
}
TELLING = {Act.SAY_MERGED, Act.ALERT_MERGED}


def changing(where: Here, facts: Facts) -> list[Act]:
    return [act for act in ties.acts(where, facts) if act not in TELLING]


def test_the_table_has_a_row_for_every_place() -> None:
    assert set(ties.TABLE) == set(Here)
    assert {here for *_, here in ALL_HERE} == set(Here)
    assert {facts.said for facts in ALL_FACTS} == set(Said)


def test_every_combination_ends_after_one_round() -> None:
    """5 states × 7 rides × same commit or not × 642 things that GitHub may say: what follows leaves nothing to do."""
    assert len(ALL_HERE) * len(ALL_FACTS) > 40_000
    for (*_, where), facts in product(ALL_HERE, ALL_FACTS):
        after = where
        for act in changing(where, facts):
            after = LEADS_TO[act]
        assert changing(after, facts) == [], (where, facts)


def test_no_end_contradicts_github() -> None:
    for (*_, where), facts in product(ALL_HERE, ALL_FACTS):
        after = where
        for act in changing(where, facts):
            after = LEADS_TO[act]
        if after == Here.ON_ITS_WAY:
            assert facts.said == Said.APPROVED
            assert facts.checks != Checks.FAILED
            assert not facts.is_elsewhere
        if after == Here.WAITING:
            assert facts.said not in (Said.CHANGES, Said.CLOSED)
        if after == Here.ASKED_BY_GITHUB:
            assert facts.said != Said.APPROVED


@pytest.mark.parametrize("verb", PEOPLE)
def test_no_person_decides_what_github_takes_back_at_once(verb: str) -> None:
    """And the other way round: what GitHub would not take back, nobody is kept from, but for rule two and checks."""
    _, after = PEOPLE[verb]
    for facts in ALL_FACTS:
        if not ties.blocked(verb, facts):
            assert changing(after, facts) == [], (verb, facts)
            assert not (verb in ("request_changes", "reject") and facts.verdict == Verdict.APPROVED and facts.is_open)


def test_approving_needs_all_of_it() -> None:
    allowed = [facts for facts in ALL_FACTS if not ties.blocked("approve", facts)]
    assert allowed
    for facts in allowed:
        assert facts.verdict == Verdict.APPROVED
        assert facts.checks != Checks.FAILED
        assert not facts.is_elsewhere
        assert not facts.is_rolled_back
        assert facts.is_merged or (facts.is_open and not facts.is_draft)


@pytest.mark.parametrize("verb", ["approve", "undo", "overturn"])
def test_nothing_leads_from_a_rollback_back_to_the_train(verb: str) -> None:
    assert all(ties.ROLLED_BACK in ties.blocked(verb, facts) for facts in ALL_FACTS if facts.is_rolled_back)
    assert not any(ties.ROLLED_BACK in ties.blocked(verb, facts) for facts in ALL_FACTS if not facts.is_rolled_back)


def test_what_took_an_approval_back_is_said() -> None:
    good = Facts(True, Verdict.APPROVED)
    assert ties.acts(Here.ON_ITS_WAY, good) == ()
    for facts, words in (
        (Facts(is_known=False), "not linked"),
        (replace(good, verdict=Verdict.STALE), "newest commit of the pull request any more"),
        (replace(good, checks=Checks.FAILED), "checks failed"),
        (replace(good, is_elsewhere=True), "another branch"),
    ):
        assert ties.acts(Here.ON_ITS_WAY, facts) == (Act.REOPEN,)
        assert words in ties.fallen(facts)


def test_blocks_name_verbs_that_exist() -> None:
    assert set(ties.BLOCKS) <= set(MOVES)
    assert ties.blocked("withdraw", Facts(True, Verdict.APPROVED)) == ""
    both = ties.blocked("approve", Facts(True, Verdict.STALE, Checks.FAILED))
    assert "newest commit. Approve it there first." in both
    assert ties.FAILED in both


def test_a_merge_is_told_where_it_matters() -> None:
    merged = Facts(True, Verdict.APPROVED, Checks.PASSED, is_open=False, is_merged=True)
    told = {where: ties.acts(where, merged) for where in Here}
    assert told[Here.WAITING] == (Act.SAY_MERGED,)
    assert told[Here.REJECTED] == told[Here.WITHDRAWN] == told[Here.ASKED] == (Act.ALERT_MERGED,)
    assert told[Here.ON_ITS_WAY] == told[Here.OUT] == ()
    assert told[Here.ASKED_BY_GITHUB] == (Act.REOPEN,)
