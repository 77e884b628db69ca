"""reviews.submissions: what is frozen, what is promised, and what happens twice."""

import pytest
from django.core.exceptions import PermissionDenied

from apps_catalog import lifecycle
from apps_catalog.models import App
from apps_catalog.states import Stage
from audit.models import Record
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from partners.models import Policy
from reviews import decisions, submissions
from reviews.models import Submission
from reviews.refusals import NotReady, Refused
from reviews.states import Attested, SubmissionState
from reviews.tests.conftest import number_live, pass_all

pytestmark = pytest.mark.django_db


def test_an_unfinished_app_is_not_submitted_and_every_open_item_is_named(app: App, alice) -> None:
    with pytest.raises(NotReady) as refusal:
        submissions.submit(app, alice)
    ids = [item.id for item in refusal.value.items]
    assert {"choices", "component", "proof", "logo", "test_account", *Attested.values} <= set(ids)
    assert all(item.reason and item.url for item in refusal.value.items)
    assert not Submission.objects.exists()
    assert app.versions.count() == 0


def test_submitting_freezes_a_version_and_moves_the_stage(ready: App, alice) -> None:
    made = submissions.submit(ready, alice, "  First version.  ")
    ready.refresh_from_db()
    assert ready.stage == Stage.IN_REVIEW
    assert made.state == SubmissionState.WAITING
    assert made.note == "First version."
    assert made.version.number == 1
    assert made.version.manifest["listing"]["website"] == "https://acme.example"
    assert made.policy == Policy.current()
    assert made.due_at > made.submitted_at
    assert [str(run.pk) for run in ready.runs.filter(kept=True)] == made.evidence["runs"]
    assert {entry["item"] for entry in made.evidence["checklist"]} > {"proof", "logo"}


def test_the_partner_goes_on_editing_while_the_reviewer_sees_the_frozen_version(submission, alice) -> None:
    app = App.objects.get(pk=submission.app_id)
    lifecycle.save_listing(alice, app, {"website": "https://new.acme.example"}, app.listing.revision)
    submission.version.refresh_from_db()
    assert submission.version.manifest["listing"]["website"] == "https://acme.example"


def test_submitting_twice_is_submitting_once(ready: App, alice, rita) -> None:
    first = submissions.submit(ready, alice, "one")
    second = submissions.submit(App.objects.get(pk=ready.pk), alice, "two")
    assert second == first
    assert second.note == "one"
    assert ready.versions.count() == 1
    assert Record.objects.filter(action="submission.submitted").count() == 1
    kinds = list(OutboxMessage.objects.values_list("kind", flat=True))
    assert kinds.count("submission_received") == 1
    assert kinds.count("submission_to_review") == 1


@pytest.mark.parametrize(
    ("who", "may"), [("alice", True), ("bob", True), ("viv", False), ("rita", False), ("charlie", False)]
)
def test_who_may_submit_and_withdraw(ready: App, who, may, request) -> None:
    actor = request.getfixturevalue(who)
    if not may:
        with pytest.raises(PermissionDenied):
            submissions.submit(ready, actor)
        made = submissions.submit(ready, request.getfixturevalue("alice"))
        with pytest.raises(PermissionDenied):
            submissions.withdraw(made, actor)
        return
    made = submissions.submit(ready, actor)
    submissions.withdraw(made, actor)
    assert made.state == SubmissionState.WITHDRAWN


def test_withdrawing_leads_back_to_building_and_can_be_followed_by_another(submission, alice) -> None:
    submissions.withdraw(submission, alice)
    app = App.objects.get(pk=submission.app_id)
    assert app.stage == Stage.BUILDING
    with pytest.raises(StaleState):
        submissions.withdraw(submission, alice)
    again = submissions.submit(app, alice, "Second try.")
    assert again.version.number == 2


def test_an_update_of_a_live_app_leaves_the_stage_alone(in_beta: App, alice, rita) -> None:
    update = submissions.submit(in_beta, alice, "Better texts.")
    in_beta.refresh_from_db()
    assert in_beta.stage == Stage.PRIVATE_BETA
    assert number_live(in_beta) == 1
    pass_all(update, rita)
    decisions.approve(update, rita)
    in_beta.refresh_from_db()
    assert number_live(in_beta) == 2
    assert in_beta.stage == Stage.PRIVATE_BETA


def test_a_deprecated_app_cannot_be_submitted(in_beta: App, alice) -> None:
    lifecycle.move_stage(in_beta, "deprecate", alice)
    with pytest.raises(Refused):
        submissions.submit(in_beta, alice)


def test_the_policy_in_force_at_submission_judges(submission, alice) -> None:
    Policy.objects.create(customers_to_verify=9, note="Stricter.")
    submission.refresh_from_db()
    assert submission.policy.customers_to_verify == 1


def test_an_app_that_was_deleted_meanwhile_is_not_submitted(ready: App, alice) -> None:
    """The page was loaded before; the lock shows the deletion."""
    lifecycle.delete_app(alice, App.objects.get(pk=ready.pk))
    assert ready.deleted_at is None
    with pytest.raises(Refused, match="deleted"):
        submissions.submit(ready, alice)


def test_an_update_has_to_meet_the_policy_of_the_day(in_beta: App, alice) -> None:
    Policy.objects.create(oauth_required=True)
    with pytest.raises(NotReady) as refusal:
        submissions.submit(in_beta, alice, "Update.")
    assert [item.id for item in refusal.value.items] == ["oauth"]
