"""The core that sends and judges, without network and database."""

import json

import pytest

from runtime.egress import ErrorKind, Exchange, Failure, Response, SentRequest
from runtime.suite.plan import UnknownGroup, read_plan, suite_plan, write_plan
from runtime.suite.running import (
    AFTER_TIMEOUTS,
    OUT_OF_TIME,
    SUITE_SECONDS,
    Ending,
    Progress,
    run_cases,
    run_verdict,
)
from runtime.suite.verdicts import WORDS, Verdict
from runtime.suite.webhook import judge
from testbench.states import Verdict as StoredVerdict

SENT = SentRequest("POST / HTTP/1.1", (), b"{}")


def answer(status):
    return Exchange(SENT, Response(status, "", (), b""))


def failure(kind):
    return Exchange(SENT, error=Failure(kind, "No."))


class Clock:
    """A clock that moves only when something is sent."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def play(exchanges, *, seconds_each=0.1, stop_after=None, progress=None, case_seconds=15.0):
    clock, results, script = Clock(), [], iter(exchanges)

    def put(case):
        clock.now += seconds_each
        return judge(case, [next(script)])

    ending = run_cases(
        suite_plan(),
        put,
        results.append,
        lambda: stop_after is not None and len(results) >= stop_after,
        case_seconds=case_seconds,
        progress=progress,
        clock=clock,
    )
    return ending, [str(result.verdict) for result in results], results, clock.now


def test_the_required_cases_are_the_originals_eight_and_a_delete():
    plan = suite_plan()
    assert [case.type for case in plan] == [
        "page", "page", "identify", "track", "group", "track", "track", "screen", "delete",
    ]  # fmt: skip
    assert [case.position for case in plan] == list(range(1, 10))


@pytest.mark.parametrize(
    "status, verdict",
    [(200, "green"), (202, "green"), (204, "green"), (501, "yellow")]
    + [(status, "red") for status in (301, 400, 401, 403, 404, 429, 500, 503)],
)
def test_each_status_has_its_verdict(status, verdict):
    ending, verdicts, *_ = play([answer(status)] * 9)
    assert ending is Ending.COMPLETE
    assert verdicts == [verdict] * 9


@pytest.mark.parametrize("kind", [ErrorKind.TIMEOUT, ErrorKind.CONNECT_TIMEOUT])
def test_after_three_timeouts_in_a_row_the_rest_is_not_run(kind):
    _, verdicts, results, _ = play([answer(200), *[failure(kind)] * 3])
    assert verdicts == ["green", "red", "red", "red", *["not_run"] * 5]
    assert results[-1].reason == AFTER_TIMEOUTS


def test_an_answer_between_two_timeouts_starts_the_count_again():
    slow = failure(ErrorKind.TIMEOUT)
    _, verdicts, *_ = play([slow, slow, answer(200), slow, slow, answer(500), slow, slow, answer(200)])
    assert "not_run" not in verdicts


def test_refused_connections_are_no_timeouts():
    _, verdicts, *_ = play([failure(ErrorKind.CONNECT_REFUSED)] * 9)
    assert verdicts == ["red"] * 9


def test_timeouts_before_a_takeover_count():
    _, verdicts, *_ = play([failure(ErrorKind.TIMEOUT)], progress=Progress(seconds=30.0, timeouts=2))
    assert verdicts == ["red", *["not_run"] * 8]


@pytest.mark.parametrize("seconds_each", [5, 12.7, 13.1, 14.9, 15])
def test_a_suite_ends_in_time_however_slowly_the_endpoint_answers(seconds_each):
    _, verdicts, results, elapsed = play([answer(200)] * 9, seconds_each=seconds_each)
    assert len(verdicts) == 9
    assert elapsed <= SUITE_SECONDS < 120
    if "not_run" in verdicts:
        assert results[-1].reason == OUT_OF_TIME


def test_stopping_leaves_the_rest_without_result():
    ending, verdicts, *_ = play([answer(200)] * 9, stop_after=4)
    assert ending is Ending.STOPPED
    assert verdicts == ["green"] * 4


@pytest.mark.parametrize(
    "cases, verdict",
    [
        ([("core", "green"), ("deletion", "green")], "green"),
        ([("core", "green"), ("deletion", "yellow")], "yellow"),
        ([("core", "yellow"), ("deletion", "red")], "red"),
        ([("core", "green"), ("deletion", "not_run")], "red"),
        ([("core", "green"), ("burst", "red"), ("alias", "not_run")], "green"),
        ([("core", "yellow"), ("bad_key", "green")], "yellow"),
        ([("alias", "green")], "green"),
        ([("alias", "red"), ("burst", "yellow")], "green"),
        ([("alias", "red"), ("burst", "not_run")], "red"),
        ([("single", "yellow")], "yellow"),
        ([], "red"),
    ],
)
def test_the_verdict_of_a_run_is_the_worst_of_its_required_cases(cases, verdict):
    assert run_verdict(cases) == verdict


BAD_KEY, BURST_CASE = (next(case for case in suite_plan([group])) for group in ("bad_key", "burst"))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(401, "green"), (403, "green"), (200, "red"), (202, "red"), (501, "yellow")]
    + [(status, "red") for status in (302, 400, 404, 422, 429, 500, 503)],
)
def test_a_wrong_key_has_to_be_refused(status, verdict):
    result = judge(BAD_KEY, [answer(status)])
    assert result.verdict == verdict
    assert result.outcome.cause
    assert result.outcome.fix
    if status in (200, 202, 400, 422, 500, 501):
        assert "API key" in result.outcome.cause + result.outcome.fix + result.outcome.meaning


def test_a_wrong_key_that_gets_no_answer_is_red():
    assert judge(BAD_KEY, [failure(ErrorKind.TIMEOUT)]).verdict == "red"


def test_a_burst_is_as_good_as_its_worst_answer():
    exchanges = [answer(200)] * 7 + [answer(429)] * 2 + [answer(501)]
    result = judge(BURST_CASE, exchanges)
    assert result.verdict == "red"
    assert result.exchange.response.status == 429
    assert result.outcome.meaning.startswith("10 events at once: 7 answered 200, 2 answered 429, 1 answered 501.")


def test_a_burst_that_is_taken_says_so():
    result = judge(BURST_CASE, [answer(202)] * 10)
    assert result.verdict == "green"
    assert "10 answered 202" in result.outcome.meaning


def test_a_burst_without_answers_is_one_timeout():
    progress = Progress()
    play([failure(ErrorKind.TIMEOUT)], progress=progress, stop_after=1)
    assert progress.timeouts == 1
    result = judge(BURST_CASE, [answer(200)] * 9 + [failure(ErrorKind.TIMEOUT)])
    assert result.exchange.error.kind is ErrorKind.TIMEOUT
    assert "1 not answered" in result.outcome.meaning


def test_an_unknown_group_is_named_with_those_that_there_are():
    with pytest.raises(UnknownGroup, match=r"“load”.*core, deletion, alias, bad_key.*burst"):
        suite_plan(["alias", "load"])


def test_a_plan_from_before_expectations_can_still_be_read():
    (case, *_) = suite_plan()
    kept = json.loads(write_plan([case]))
    del kept[0]["expects"]
    assert read_plan(json.dumps(kept)) == [case]
    assert read_plan(write_plan([BAD_KEY])) == [BAD_KEY]


def test_the_database_knows_the_same_verdicts_by_the_same_words():
    assert {str(verdict): verdict.label for verdict in StoredVerdict} == WORDS
    assert list(StoredVerdict) == list(Verdict)
