"""What is said about two runs of one component."""

from datetime import timedelta

import pytest

from testbench.comparison import compare, earlier_runs
from testbench.models import CaseResult, SuiteRun
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_run(webhook):
    """A finished run with results as (case id, verdict, milliseconds)."""

    def make(*results, **columns):
        run = SuiteRun.objects.create(
            app=webhook.app, component=webhook, state="finished", verdict="green", planned=len(results), **columns
        )
        CaseResult.objects.bulk_create(
            CaseResult(run=run, position=number, case_id=case_id, name=case_id, verdict=verdict, duration_ms=ms)
            for number, (case_id, verdict, ms) in enumerate(results, start=1)
        )
        return run

    return make


@pytest.mark.parametrize(
    "before, after, change",
    [
        (("green", 10), ("red", 10), "regression"),
        (("yellow", 10), ("not_run", None), "regression"),
        (("green", 10), ("yellow", 10), "worse"),
        (("red", 10), ("green", 10), "fixed"),
        (("not_run", None), ("yellow", 10), "fixed"),
        (("yellow", 10), ("green", 10), "better"),
        (("red", 10), ("not_run", None), "same"),
        (("green", 100), ("green", 200), "slower"),
        (("green", 10), ("green", 59), "same"),  # six times as long, and still nothing
        (("green", 400), ("green", 700), "same"),
        (("green", 400), ("green", 200), "faster"),
    ],
)
def test_what_became_of_a_case(make_run, before, after, change):
    comparison = compare(make_run(("a", *after)), make_run(("a", *before)))
    assert [pair.change for pair in comparison.pairs] == [change]
    groups = [comparison.regressions, comparison.fixed, comparison.slower, comparison.faster, comparison.same]
    assert sum(map(len, groups)) == 1


def test_cases_are_matched_by_id_and_not_by_place(make_run):
    earlier = make_run(("a", "green", 1), ("b", "red", 1), ("old", "green", 1))
    run = make_run(("b", "green", 1), ("new", "red", 1), ("a", "red", 1))
    found = {pair.case_id: pair.change for pair in compare(run, earlier).pairs}
    assert found == {"b": "fixed", "new": "new", "a": "regression", "old": "gone"}


def test_earlier_runs_are_finished_suites_of_the_partner(make_run, webhook):
    first = make_run(("a", "green", 1))
    make_run(("a", "green", 1), kind="single")
    make_run(("a", "green", 1), submission_id="00000000-0000-4000-8000-000000000001")
    SuiteRun.objects.filter(pk=make_run(("a", "green", 1)).pk).update(state="cancelled")
    run = make_run(("a", "green", 1))
    later = make_run(("a", "green", 1))
    SuiteRun.objects.filter(pk=later.pk).update(created_at=run.created_at + timedelta(seconds=1))
    assert [found.pk for found in earlier_runs(run)] == [first.pk]


def test_a_real_regression_is_found(finished, receiver):
    earlier = finished()
    receiver.default = Reply(500)
    comparison = compare(finished(), earlier)
    assert [pair.case_id for pair in comparison.regressions] == [result.case_id for result in earlier.results.all()]
    assert not comparison.fixed
