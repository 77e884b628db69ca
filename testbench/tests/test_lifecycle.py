"""Starting, cancelling, repeating and purging runs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.models import Record
from leases.transitions import StaleState
from testbench.lifecycle import cancel, keep, purge_runs, rerun, start_single, start_suite
from testbench.models import SuiteRun
from testbench.states import RunState
from testbench.tests.runs import VALUES, work
from testbench.values import remember

pytestmark = pytest.mark.django_db

EVENT = {"type": "track", "event": "Signed up", "userId": "user-1"}


def test_a_run_is_queued_with_its_plan_its_audit_record_and_a_wake_up(
    webhook, alice, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        run = start_suite(alice, webhook, VALUES)
    run.refresh_from_db()
    assert (run.state, run.planned, run.endpoint) == (RunState.QUEUED, 9, webhook.endpoint)
    assert run.due_at is not None
    assert run.open_secrets() == (VALUES, None)
    assert Record.objects.get(action="suite.started").actor == f"user:{alice.pk}"
    assert len(callbacks) == 1


def test_a_double_click_is_one_run(webhook, alice, bob):
    first = start_suite(alice, webhook, VALUES)
    assert start_suite(bob, webhook, VALUES) == first
    assert SuiteRun.objects.count() == 1
    assert Record.objects.filter(action="suite.started").count() == 1


def test_a_single_event_and_a_reviewers_run_do_not_wait_for_a_suite(webhook, alice, rita):
    first = start_suite(alice, webhook, VALUES)
    single = start_single(alice, webhook, VALUES, EVENT)
    submission = uuid4()
    review = start_suite(rita, webhook, VALUES, submission_id=submission)
    assert len({first.pk, single.pk, review.pk}) == 3
    assert start_suite(rita, webhook, VALUES, submission_id=submission) == review


def test_after_a_run_is_over_the_next_may_start(webhook, alice):
    first = work(start_suite(alice, webhook, VALUES))
    assert start_suite(alice, webhook, VALUES) != first


@pytest.mark.parametrize("who, allowed", [("bob", True), ("viv", False), ("charlie", False), ("rita", False)])
def test_who_may_run_a_suite(request, webhook, who, allowed):
    person = request.getfixturevalue(who)
    if allowed:
        assert start_suite(person, webhook, VALUES)
    else:
        with pytest.raises(PermissionDenied):
            start_suite(person, webhook, VALUES)


def test_only_reviewers_run_suites_for_a_submission(webhook, alice):
    with pytest.raises(PermissionDenied):
        start_suite(alice, webhook, VALUES, submission_id=uuid4())


@pytest.mark.parametrize(
    "values, words",
    [
        ({}, "API key"),
        ({"apiKey": ""}, "API key"),
        ({"apiKey": "k", "note": "x" * 9000}, "too long"),
        ({"apiKey": "k", "ratio": float("nan")}, "cannot be sent"),
        ({"apiKey": "\ud800"}, "cannot be sent"),
    ],
)
def test_values_that_cannot_be_sent_are_refused_with_a_reason(webhook, alice, values, words):
    with pytest.raises(ValidationError, match=words):
        start_suite(alice, webhook, values)


def test_an_unknown_group_is_refused_with_the_known_ones(webhook, alice):
    with pytest.raises(ValidationError, match="core, deletion"):
        start_suite(alice, webhook, VALUES, ["load"])


def test_without_an_endpoint_there_is_nothing_to_run(webhook, alice):
    webhook.endpoint = ""
    with pytest.raises(ValidationError, match="endpoint"):
        start_suite(alice, webhook, VALUES)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("actions_destination", "cannot be tested"),
        ("subscription_function", "Write the code"),
        ("web_plugin", "Write the code"),
    ],
)
def test_what_cannot_be_tested_says_why(app, alice, kind, why):
    with pytest.raises(ValidationError, match=why):
        start_suite(alice, app.components.create(kind=kind), VALUES)


def test_cancelling_wipes_the_settings_and_happens_once(webhook, alice):
    run = start_suite(alice, webhook, VALUES)
    cancel(run, alice)
    run.refresh_from_db()
    assert (run.state, run.settings_sealed, run.due_at) == (RunState.CANCELLED, "", None)
    with pytest.raises(StaleState):
        cancel(run, alice)


def test_partners_do_not_cancel_a_reviewers_run(webhook, alice, rita):
    run = start_suite(rita, webhook, VALUES, submission_id=uuid4())
    with pytest.raises(PermissionDenied):
        cancel(run, alice)
    cancel(run, rita)


def test_running_again_needs_remembered_values(webhook, alice):
    run = work(start_suite(alice, webhook, VALUES, ["core"]))
    with pytest.raises(ValidationError, match="not kept"):
        rerun(run, alice)
    remember(webhook, VALUES)
    run.component.refresh_from_db()
    again = rerun(run, alice)
    assert again.groups == ["core"]
    assert again.open_secrets()[0] == VALUES
    ids = {case.event["messageId"] for one in (run, again) for case in one.cases}
    assert len(ids) == 16


def test_a_single_event_is_repeated_as_it_was(webhook, alice):
    remember(webhook, VALUES)
    run = work(start_single(alice, webhook, VALUES, EVENT))
    assert rerun(run, alice).cases[0].event == EVENT


def test_the_purge_keeps_recent_runs_proofs_and_what_a_review_rests_on(webhook, alice, rita):
    old_proof = work(start_suite(alice, webhook, VALUES))
    newest_proof = work(start_suite(alice, webhook, VALUES))
    partial = work(start_suite(alice, webhook, VALUES, ["core"]))
    review = work(start_suite(rita, webhook, VALUES, submission_id=uuid4()))
    waiting = start_suite(alice, webhook, VALUES)
    assert purge_runs(timezone.now() + timedelta(days=89)) == 0
    assert purge_runs(timezone.now() + timedelta(days=91)) == 2
    left = set(SuiteRun.objects.values_list("pk", flat=True))
    assert left == {newest_proof.pk, review.pk, waiting.pk}
    assert old_proof.pk not in left
    assert partial.pk not in left


def test_a_run_that_a_review_rests_on_is_kept_for_good(webhook, alice):
    kept = work(start_suite(alice, webhook, VALUES))
    assert keep([str(kept.pk)]) == 1
    later = work(start_suite(alice, webhook, VALUES))
    newest = work(start_suite(alice, webhook, VALUES))
    assert purge_runs(timezone.now() + timedelta(days=91)) == 1
    left = set(SuiteRun.objects.values_list("pk", flat=True))
    assert left == {kept.pk, newest.pk}
    assert later.pk not in left


def test_the_purge_removes_the_runs_of_a_component_that_was_never_proven(webhook, alice):
    work(start_suite(alice, webhook, VALUES, ["core"]))
    assert purge_runs(timezone.now() + timedelta(days=91)) == 1
