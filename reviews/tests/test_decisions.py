"""reviews.decisions: every state × verb, who may decide, what undo restores."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps_catalog.models import App, CatalogEntry
from apps_catalog.states import Stage
from audit.models import Record
from leases.transitions import StaleState
from notifications.models import Notice, OutboxMessage
from notifications.states import MessageState
from partners.lifecycle import request_deletion
from partners.models import Membership
from reviews import appeals, decisions, releases, submissions
from reviews.checklist import checklist
from reviews.choices import available
from reviews.decisions import FindingDraft
from reviews.items import ItemState
from reviews.models import Appeal, Release, StepVerdict, Submission
from reviews.refusals import NotReady, Refused
from reviews.states import APPEALABLE, DECIDED, MOVES, ReviewStep, StepOutcome, SubmissionState
from reviews.tests.conftest import number_live, pass_all
from tests.cast import make_user
from tests.sandbox import verified

pytestmark = pytest.mark.django_db
FINDING = FindingDraft(ReviewStep.LOG_IN, "The password is refused.", "Send a password that works.")


def act(verb: str, submission: Submission, alice, rita) -> None:
    {
        "approve": lambda: decisions.approve(submission, rita),
        "request_changes": lambda: decisions.request_changes(submission, rita, [FINDING]),
        "reject": lambda: decisions.reject(submission, rita, "Not a fit."),
        "withdraw": lambda: submissions.withdraw(submission, alice),
        "undo": lambda: decisions.undo(submission, rita),
        "overturn": lambda: overturn(submission, alice),
    }[verb]()


def overturn(submission: Submission, alice) -> None:
    """By another reviewer, who is asked by an appeal; without a decision to appeal against, as if there were one."""
    other = make_user("ruth", domain="segment.example", is_staff=True)
    other.groups.add(Group.objects.get(name="Reviewers"))
    if submission.state in APPEALABLE:
        appeals.overturn(appeals.appeal(submission, alice, "Look again."), other, "You are right.")
        return
    made = Appeal.objects.create(
        submission=submission, text="?", decision="rejected", decided_at=timezone.now(), due_at=timezone.now()
    )
    appeals.overturn(made, other, "You are right.")


# The verb that brings a waiting submission into each state.
REACHED_BY = {
    SubmissionState.WAITING: None,
    SubmissionState.APPROVED: "approve",
    SubmissionState.CHANGES_REQUESTED: "request_changes",
    SubmissionState.REJECTED: "reject",
    SubmissionState.WITHDRAWN: "withdraw",
}


# What GitHub and the release train do: test_github_verdicts.
NOBODYS = {"reopen", "roll_back"}


@pytest.mark.parametrize("verb", sorted(MOVES.keys() - NOBODYS))
@pytest.mark.parametrize("state", list(SubmissionState))
def test_every_verb_in_every_state(state, verb, judged, alice, rita, settings) -> None:
    settings.UNDO_SECONDS = 600
    if reached_by := REACHED_BY[state]:
        act(reached_by, judged, alice, rita)
    from_, to = MOVES[verb]
    stale = Submission.objects.get(pk=judged.pk)
    if state in from_:
        act(verb, stale, alice, rita)
        assert Submission.objects.get(pk=judged.pk).state == to
        return
    before = Record.objects.count(), OutboxMessage.objects.count(), stale.app.stage
    with pytest.raises(StaleState):
        act(verb, stale, alice, rita)
    after = Submission.objects.get(pk=judged.pk)
    assert after.state == state
    assert (Record.objects.count(), OutboxMessage.objects.count(), after.app.stage) == before


STAGE_AFTER = {
    "approve": Stage.PRIVATE_BETA, "request_changes": Stage.BUILDING,
    "reject": Stage.BUILDING, "withdraw": Stage.BUILDING,
}  # fmt: skip


@pytest.mark.parametrize("verb", sorted(STAGE_AFTER))
def test_the_stage_after_each_verb_on_a_first_submission(verb, judged, alice, rita) -> None:
    act(verb, judged, alice, rita)
    assert App.objects.get(pk=judged.app_id).stage == STAGE_AFTER[verb]


@pytest.mark.parametrize("verb", sorted(STAGE_AFTER))
def test_a_live_app_keeps_its_stage_and_its_version_until_an_update_is_approved(verb, in_beta, alice, rita) -> None:
    update = submissions.submit(in_beta, alice, "Update.")
    pass_all(update, rita)
    act(verb, update, alice, rita)
    app = App.objects.get(pk=in_beta.pk)
    assert app.stage == Stage.PRIVATE_BETA
    assert number_live(app) == (2 if verb == "approve" else 1)


def test_available_is_what_the_verbs_allow(submission, rita, alice, settings) -> None:
    settings.UNDO_SECONDS = 600
    blocked = {choice.verb: choice.blocked for choice in available(submission, rita)}
    assert set(blocked) == {"approve", "request_changes", "reject", "hold"}
    assert blocked["approve"].startswith("Still to judge")
    pass_all(submission, rita)
    assert not any(choice.blocked for choice in available(submission, rita))
    decisions.approve(submission, rita)
    assert [choice.verb for choice in available(submission, rita)] == ["undo"]
    assert available(submission, alice) == []


def test_approval_needs_every_step(submission, rita) -> None:
    with pytest.raises(NotReady, match="Still to judge"):
        decisions.approve(submission, rita)
    pass_all(submission, rita)
    decisions.record_step(submission, rita, ReviewStep.LOG_IN, StepOutcome.FAIL, "Refused.")
    with pytest.raises(NotReady, match="Failed: Log in"):
        decisions.approve(submission, rita)
    assert Submission.objects.get(pk=submission.pk).state == SubmissionState.WAITING
    assert StepVerdict.objects.filter(submission=submission).count() == len(ReviewStep)


def test_approval_opens_the_private_beta_unlisted(judged, rita) -> None:
    decisions.approve(judged, rita, "Well done.")
    app = App.objects.get(pk=judged.app_id)
    entry = CatalogEntry.objects.get(app=app)
    assert app.live_version == judged.version
    assert entry.listed_at is None
    mail = OutboxMessage.objects.get(kind="private_beta_approved")
    assert mail.recipient == "alice@acme.example"
    assert "Well done." in mail.text
    assert f"/apps/{app.slug}/beta/" in mail.text


def test_changes_need_a_finding_and_the_partner_reads_it(submission, rita) -> None:
    with pytest.raises(NotReady, match="finding"):
        decisions.request_changes(submission, rita, [FindingDraft(ReviewStep.LOG_IN, " ", "x")])
    decisions.request_changes(submission, rita, [FINDING], "Nearly there.")
    mail = OutboxMessage.objects.get(kind="changes_requested")
    for text in (FINDING.observed, FINDING.todo, "Nearly there.", ReviewStep.LOG_IN.label):
        assert text in mail.text
    assert submission.findings.get().todo == FINDING.todo


def test_a_rejection_needs_a_reason(submission, rita) -> None:
    with pytest.raises(NotReady, match="reason"):
        decisions.reject(submission, rita, "  ")
    decisions.reject(submission, rita, "It duplicates another App.")
    assert "It duplicates another App." in OutboxMessage.objects.get(kind="rejected").text


@pytest.mark.parametrize("who", ["alice", "bob", "viv", "charlie", "carol"])
def test_only_reviewers_decide(who, judged, request) -> None:
    actor = request.getfixturevalue(who)
    for verb in (
        lambda: decisions.approve(judged, actor),
        lambda: decisions.request_changes(judged, actor, [FINDING]),
        lambda: decisions.reject(judged, actor, "No."),
        lambda: decisions.undo(judged, actor),
        lambda: decisions.record_step(judged, actor, ReviewStep.LOG_IN, StepOutcome.PASS),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert Submission.objects.get(pk=judged.pk).state == SubmissionState.WAITING


def test_a_reviewer_never_judges_their_own_company(judged, rita, adam, company) -> None:
    for person in (rita, adam):
        Membership.objects.create(company=company, user=person)
        assert available(judged, person) == []
        with pytest.raises(PermissionDenied):
            decisions.approve(judged, person)


def test_a_decided_submission_takes_no_more_verdicts(judged, rita) -> None:
    decisions.approve(judged, rita)
    with pytest.raises(StaleState):
        decisions.record_step(judged, rita, ReviewStep.LOG_IN, StepOutcome.FAIL)


def test_the_second_decider_learns_who_and_when(judged, rita, adam) -> None:
    late = Submission.objects.get(pk=judged.pk)
    decisions.approve(judged, rita)
    with pytest.raises(StaleState) as error:
        decisions.reject(late, adam, "No.")
    words = decisions.who_was_first(error.value)
    assert "approved" in words
    assert "Rita" in words
    assert str(timezone.now().year) in words


# --- Undo -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(DECIDED))
def test_undo_restores_the_stage_and_drops_the_mail(state, judged, alice, rita, settings) -> None:
    settings.UNDO_SECONDS = 600
    act(str(REACHED_BY[state]), judged, alice, rita)
    held = OutboxMessage.objects.get(dedupe_key__startswith="decision:")
    assert held.due_at
    assert held.due_at > timezone.now()
    decisions.undo(judged, rita)
    app = App.objects.get(pk=judged.app_id)
    assert app.stage == Stage.IN_REVIEW
    assert app.live_version is None
    assert not CatalogEntry.objects.filter(app=app).exists()
    assert not judged.findings.exists()
    held.refresh_from_db()
    assert held.state == MessageState.DROPPED
    assert not Notice.objects.filter(message=held).exists()


def test_a_decision_after_an_undo_is_told(judged, rita, settings) -> None:
    settings.UNDO_SECONDS = 600
    decisions.approve(judged, rita)
    decisions.undo(judged, rita)
    decisions.approve(judged, rita)
    queued = OutboxMessage.objects.filter(kind="private_beta_approved", state=MessageState.QUEUED)
    assert queued.count() == 1
    decisions.undo(judged, rita)
    assert App.objects.get(pk=judged.app_id).live_version is None


def test_undoing_an_update_puts_the_former_version_back(in_beta, alice, rita, settings) -> None:
    settings.UNDO_SECONDS = 600
    update = submissions.submit(in_beta, alice, "Update.")
    pass_all(update, rita)
    decisions.approve(update, rita)
    decisions.undo(update, rita)
    app = App.objects.get(pk=in_beta.pk)
    assert number_live(app) == 1
    assert app.entry.version.number == 1
    assert app.stage == Stage.PRIVATE_BETA


def test_undo_ends_with_the_interval_or_with_the_next_submission(judged, alice, rita, settings) -> None:
    settings.UNDO_SECONDS = 600
    decisions.request_changes(judged, rita, [FINDING])
    Submission.objects.filter(pk=judged.pk).update(decided_at=timezone.now() - timedelta(seconds=601))
    with pytest.raises(Refused, match="told"):
        decisions.undo(judged, rita)
    Submission.objects.filter(pk=judged.pk).update(decided_at=timezone.now())
    submissions.submit(App.objects.get(pk=judged.app_id), alice, "Done.")
    with pytest.raises(Refused, match="submitted again"):
        decisions.undo(judged, rita)


def test_undoing_an_approval_takes_the_request_to_go_public_back(judged, alice, carol, rita, settings) -> None:
    """Within the interval the partner may have come so far already."""
    settings.UNDO_SECONDS = 600
    decisions.approve(judged, rita)
    app = App.objects.get(pk=judged.app_id)
    verified(app, carol, "It works.")
    releases.ask_to_go_public(app, alice)
    decisions.undo(judged, rita)
    assert not Release.objects.filter(app=app).exists()
    assert not OutboxMessage.objects.filter(kind="release_requested", state=MessageState.QUEUED).exists()
    assert checklist(App.objects.get(pk=app.pk)).item("asked_public").state == ItemState.OPEN


def test_who_submits_again_within_the_interval_hears_of_the_decision_first(judged, alice, rita, settings) -> None:
    settings.UNDO_SECONDS = 600
    decisions.request_changes(judged, rita, [FINDING])
    submissions.submit(App.objects.get(pk=judged.app_id), alice, "Done.")
    mails = OutboxMessage.objects.filter(recipient=alice.email)
    asked = mails.get(kind="changes_requested")
    receipt = mails.filter(kind="submission_received").latest("created_at")
    assert asked.due_at
    assert receipt.due_at
    assert asked.due_at <= receipt.due_at <= timezone.now()


def test_nothing_of_a_company_on_its_way_out_is_opened(judged, company, alice, rita) -> None:
    request_deletion(company, alice)
    again = Submission.objects.get(pk=judged.pk)
    assert again.state == SubmissionState.WITHDRAWN
    with pytest.raises(StaleState):
        decisions.approve(again, rita)
