"""Whose turn it is."""

import pytest

from apps_catalog.lifecycle import create_app
from testbench.claims import RUNS_PER_COMPANY, claim, waiting
from testbench.execution import work_on
from testbench.lifecycle import start_suite

pytestmark = pytest.mark.django_db
VALUES = {"apiKey": "k"}


def queue_runs(company, owner, number, url, name="App"):
    runs = []
    for index in range(number):
        app = create_app(owner, company, f"{name} {'ABCDEFGH'[index] * 3}")
        component, _ = app.components.update_or_create(kind="subscription_webhook", defaults={"endpoint": url})
        runs.append(start_suite(owner, component, VALUES))
    return runs


def test_a_company_holds_only_so_many_workers(alice, company, receiver):
    runs = queue_runs(company, alice, RUNS_PER_COMPANY + 1, receiver.url)
    held = [claim(run.pk) for run in runs]
    assert [one is not None for one in held] == [True] * RUNS_PER_COMPANY + [False]
    work_on(held[0])
    assert claim(runs[-1].pk) is not None


def test_a_run_is_claimed_once(alice, company, receiver):
    (run,) = queue_runs(company, alice, 1, receiver.url)
    assert claim(run.pk) is not None
    assert claim(run.pk) is None


def test_each_companys_first_run_comes_before_anybodys_second(alice, company, charlie, other_company, receiver):
    noisy = queue_runs(company, alice, 5, receiver.url, "Noisy")
    quiet = queue_runs(other_company, charlie, 1, receiver.url, "Quiet")
    assert waiting() == [noisy[0].pk, quiet[0].pk, noisy[1].pk]
    claim(noisy[0].pk)
    claim(noisy[1].pk)
    assert waiting() == [quiet[0].pk]


def test_looking_for_waiting_runs_takes_two_queries(alice, company, receiver, django_assert_num_queries):
    queue_runs(company, alice, 4, receiver.url)
    with django_assert_num_queries(2):
        waiting()
