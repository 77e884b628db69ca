"""Runs in the admin: to look at only."""

import pytest
from django.urls import reverse

from testbench.tests.runs import KEY

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client_for, adam, settings):
    settings.STAFF_SECOND_FACTOR = False
    return client_for(adam)


def test_runs_can_be_looked_at_and_nothing_else(desk, finished):
    run = finished()
    shown = desk.get(reverse("admin:testbench_suiterun_change", args=[run.pk]))
    assert shown.status_code == 200
    assert "core-1-page-home" in shown.text
    assert KEY not in shown.text
    for verb, args in (("add", []), ("delete", [run.pk])):
        assert desk.get(reverse(f"admin:testbench_suiterun_{verb}", args=args)).status_code == 403
    assert desk.post(reverse("admin:testbench_suiterun_change", args=[run.pk]), {"verdict": "red"}).status_code == 403


@pytest.mark.parametrize("model", ["suiterun", "caseresult"])
def test_lists_cost_the_same_with_one_run_and_many(desk, finished, model, django_assert_max_num_queries):
    finished()
    url = reverse(f"admin:testbench_{model}_changelist")
    desk.get(url)
    with django_assert_max_num_queries(20) as one:
        assert desk.get(url).status_code == 200
    finished()
    finished()
    with django_assert_max_num_queries(len(one)):
        desk.get(url)
