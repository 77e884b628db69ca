"""Policy as data: an App is judged by the version in force when it was submitted, whatever came after (D48)."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps_catalog.models import App
from apps_catalog.states import Stage
from partners import lifecycle as partners
from partners.models import AccessRequest, AgreementVersion, Policy
from reviews import decisions, enquiries, releases, submissions
from reviews.checklist import checklist
from reviews.states import EnquiryKind
from reviews.tests.conftest import pass_all
from reviews.thresholds import missing_for_public, policy_for
from tests.cast import went_through
from tests.sandbox import verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(in_beta: App) -> Policy:
    """Stricter and elsewhere in everything, since the App was approved."""
    return Policy.objects.create(
        customers_to_verify=9, public_beta_days=0, review_days=10, access_days=10, oauth_required=True,
        release_weekday=Policy.Weekday.FRIDAY, cutoff_weekday=Policy.Weekday.MONDAY, description_limit=10,
    )  # fmt: skip


def test_a_promised_review_date_stays(submission):
    promised = submission.due_at
    Policy.objects.create(review_days=10)
    submission.refresh_from_db()
    assert (submission.due_at, submission.policy.review_days) == (promised, 3)


def test_thresholds_and_release_day_are_those_of_the_approved_submission(in_beta, changed, carol, alice):
    verified(in_beta, carol, "It works.")
    assert missing_for_public(in_beta, policy_for(in_beta)) == []

    asked = releases.ask_to_go_public(in_beta, alice)

    assert asked.due_at == releases.next_release(in_beta.submissions.get().policy, asked.requested_at)
    assert asked.due_at != releases.next_release(changed, asked.requested_at)


def test_the_days_of_the_public_beta_are_those_of_the_approved_submission(in_beta, changed, carol, alice, rita):
    verified(in_beta, carol, "It works.")
    releases.release(releases.ask_to_go_public(in_beta, alice), rita)

    assert App.objects.get(pk=in_beta.pk).stage == Stage.PUBLIC_BETA
    assert releases.advance_stages(timezone.now() + timedelta(days=13)) == 0
    assert releases.advance_stages(timezone.now() + timedelta(days=15)) == 1


def test_the_checklist_of_a_live_app_stays_by_its_policy(in_beta, changed):
    assert checklist(in_beta).item("oauth").optional
    assert not [item for item in checklist(in_beta).blocking if item.id == "description"]


def test_the_next_submission_is_judged_by_the_policy_of_its_day(in_beta, alice, rita):
    Policy.objects.create(customers_to_verify=9, review_days=10)
    update = submissions.submit(in_beta, alice, "Update.")
    assert update.policy.review_days == 10
    assert policy_for(in_beta).customers_to_verify == 1  # until it is approved

    pass_all(update, rita)
    decisions.approve(update, rita)
    assert policy_for(in_beta).customers_to_verify == 9


def test_an_undone_decision_on_access_brings_back_the_promise_that_was_made(carol, rita, settings):
    settings.UNDO_SECONDS = 600
    made = partners.start(carol, {"company_name": "C", "company_website": "https://customer.example"})
    partners.submit(made, carol, AgreementVersion.objects.in_force())
    promised = made.due_at
    Policy.objects.create(access_days=10)
    for decide in (
        lambda row: partners.decline(row, rita, "No."),
        lambda row: partners.ask_more(row, rita, "Which product?"),
        lambda row: partners.waitlist(row, rita),
    ):
        decide(made)
        partners.undo(made, rita)
        made = AccessRequest.objects.get(pk=made.pk)
        assert made.due_at == promised


def test_the_version_in_force_at_a_moment():
    first = Policy.current()
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        second = Policy.objects.create(note="Two days later.")
    assert Policy.in_force(second.created_at - timedelta(seconds=1)) == first
    assert Policy.in_force(second.created_at) == second
    assert Policy.in_force(first.created_at - timedelta(days=1)) == first


def test_the_evidence_names_the_policy_and_its_numbers(submission):
    Policy.objects.create(customers_to_verify=9)
    frozen = json.loads(submission.frozen.document)["submission"]["policy"]
    assert (frozen["number"], frozen["customers_to_verify"]) == (submission.policy_id, "1")


def test_a_policy_that_requires_enable_with_segment_holds_back_until_an_install_went_through(
    in_beta: App, alice, rita, source
):
    policy = Policy.objects.create(oauth_required=True, customers_to_verify=0)
    asked = enquiries.ask(in_beta, rita, EnquiryKind.OAUTH)
    enquiries.answer(asked, alice, {"plan": "working", "when": "", "notes": ""}, 0)
    assert [text.split(":")[0] for text in missing_for_public(in_beta, policy)] == ["Enable with Segment has to work"]
    went_through(in_beta, alice, source)
    assert missing_for_public(in_beta, policy) == []
