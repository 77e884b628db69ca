"""The delivery view's numbers (D32): totals, time end to end, trend, errors grouped."""

from datetime import UTC, datetime, timedelta

import pytest

from apps_catalog.lifecycle import create_app
from delivery import numbers
from delivery.numbers import PERIODS, USUAL, period_of, read
from delivery.states import Stage
from delivery.tests.rows import count
from workspaces.models import Destination, Source, Workspace

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, 2, tzinfo=UTC)
KEY_REFUSED, FAILING = "errors.discarded.401", "errors.awaiting-retry.5xx"


@pytest.fixture
def to(app):
    workspace = Workspace.objects.create(name="Sandbox", slug="sandbox")
    source = Source.objects.create(workspace=workspace, name="Website", slug="website")
    return Destination.objects.create(source=source, app=app, is_enabled=True)


def test_totals_count_what_lies_in_the_period_and_belongs_to_the_destination(to, alice, company):
    other = Destination.objects.create(source=to.source, app=create_app(alice, company, "Another"))
    count(to, Stage.RECEIVED, 12, at=NOW)
    count(to, Stage.DELIVERED, 9, at=NOW, ms=200)
    count(to, Stage.FAILED, 1, at=NOW - timedelta(hours=20), code=KEY_REFUSED)
    count(to, Stage.DELIVERED, 100, at=NOW - timedelta(hours=25), ms=200)
    count(other, Stage.DELIVERED, 50, at=NOW, ms=200)

    found = read(to, USUAL, NOW)

    assert dict(found.totals) == {Stage.RECEIVED: 12, Stage.DELIVERED: 9, Stage.FAILED: 1}
    assert (found.delivered, found.failed, found.share) == (9, 1, 90)


def test_nothing_at_all_is_empty_and_not_a_hundred_per_cent(to):
    found = read(to, USUAL, NOW)

    assert found.is_empty
    assert (found.share, found.p95_ms, found.problems) == (None, None, [])


@pytest.mark.parametrize("period", PERIODS.values(), ids=str)
def test_the_trend_covers_the_period_without_a_hole(to, period):
    count(to, Stage.DELIVERED, 3, at=NOW, ms=100)
    count(to, Stage.DELIVERED, 2, at=NOW - period.span + timedelta(minutes=5), ms=100)

    found = read(to, period, NOW)

    assert found.steps[0].start == found.since
    assert found.steps[-1].end == found.until > NOW
    assert all(one.end == two.start for one, two in zip(found.steps, found.steps[1:], strict=False))
    assert (found.steps[0].delivered, found.steps[-1].delivered) == (2, 3)
    assert sum(step.delivered for step in found.steps) == found.delivered == 5


def test_p95_is_what_all_but_the_slowest_twentieth_took_at_most(to):
    count(to, Stage.DELIVERED, 95, at=NOW, ms=100)
    count(to, Stage.DELIVERED, 5, at=NOW, ms=9_000)

    assert read(to, USUAL, NOW).p95_ms == pytest.approx(100, rel=0.1)

    count(to, Stage.DELIVERED, 1, at=NOW, ms=9_000)

    assert read(to, USUAL, NOW).p95_ms == pytest.approx(9_000, rel=0.1)


def test_problems_are_grouped_by_code_with_cause_and_action(to):
    count(to, Stage.RETRIED, 40, at=NOW, code=FAILING)
    count(to, Stage.FAILED, 2, at=NOW, code=FAILING)
    count(to, Stage.FAILED, 5, at=NOW - timedelta(hours=1), code=KEY_REFUSED)

    first, second = read(to, USUAL, NOW).problems

    assert (first.code, first.failed, first.retried) == (KEY_REFUSED, 5, 0)
    assert (second.code, second.failed, second.retried) == (FAILING, 2, 40)
    assert first.words.title == "API key refused"
    assert first.words.cause
    assert first.words.action


def test_reading_costs_one_query_whatever_the_period(to, django_assert_num_queries):
    for hours in range(48):
        count(to, Stage.DELIVERED, 1, at=NOW - timedelta(hours=hours), ms=50)

    with django_assert_num_queries(1):
        assert read(to, PERIODS["14d"], NOW).delivered == 48


def test_an_unknown_period_is_the_usual_one():
    assert period_of("for ever") is numbers.USUAL
