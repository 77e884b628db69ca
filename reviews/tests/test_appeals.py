"""Appeals, holds and answers: who may, what they change, and what undo brings back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from apps_catalog.models import App
from apps_catalog.states import Stage
from audit.models import Record
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from notifications.states import MessageState
from partners.models import Membership
from reviews import answers, appeals, decisions, holds, submissions
from reviews.choices import available
from reviews.decisions import FindingDraft
from reviews.models import Appeal, Submission
from reviews.refusals import NotReady, Outdated, Refused
from reviews.states import AppealState, ReviewStep, Side, SubmissionState
from reviews.waits import review_wait
from tests.cast import make_user

pytestmark = pytest.mark.django_db
FINDING = FindingDraft(
    ReviewStep.LOG_IN, "The password is refused.", "Send one that works.",
    rule_id="login-works", where="The log-in page", retest="We log in.",
)  # fmt: skip


@pytest.fixture
def ruth():
    user = make_user("ruth", domain="segment.example", is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewers"))
    return user


def decide(verb: str, submission: Submission, reviewer) -> Submission:
    if verb == "reject":
        decisions.reject(submission, reviewer, "Not a fit.")
    else:
        decisions.request_changes(submission, reviewer, [FINDING], "Nearly.")
    return Submission.objects.get(pk=submission.pk)


def queued(kind: str) -> int:
    return OutboxMessage.objects.filter(kind=kind, state=MessageState.QUEUED).count()


def snapshot(submission: Submission) -> tuple:
    now = Submission.objects.get(pk=submission.pk)
    app = App.objects.get(pk=now.app_id)
    fields = (now.state, now.decided_at, now.decided_by_id, now.message, now.due_at, now.held_until, now.hold_reason)
    findings = list(now.findings.order_by("pk").values_list("pk", "struck_at", "answer"))
    return (*fields, app.stage, app.live_version_id, findings)


# --- Every decision × undo ----------------------------------------------------------------------------

# decision → (carry it out, take it back, kind of mail that must not go)
DECISIONS = {
    "approve": (decisions.approve, decisions.undo, "private_beta_approved"),
    "request_changes": (lambda s, by: decisions.request_changes(s, by, [FINDING]), decisions.undo, "changes_requested"),
    "reject": (lambda s, by: decisions.reject(s, by, "No."), decisions.undo, "rejected"),
    "hold": (
        lambda s, by: holds.hold(s, by, "We wait.", timezone.now() + timedelta(days=2), Side.SEGMENT),
        holds.unhold,
        "review_held",
    ),
}


@pytest.mark.parametrize("name", sorted(DECISIONS))
def test_undo_brings_everything_back(name, judged, rita, settings):
    settings.UNDO_SECONDS = 600
    carry_out, take_back, kind = DECISIONS[name]
    before = snapshot(judged)
    carry_out(judged, rita)
    assert snapshot(judged) != before
    assert queued(kind) == 1

    take_back(judged, rita)

    assert snapshot(judged) == before
    assert queued(kind) == 0
    assert Record.objects.order_by("-id").first().action in ("submission.decision_undone", "submission.unheld")
    with pytest.raises(StaleState):
        take_back(judged, rita)


@pytest.mark.parametrize("verdict", ["uphold", "overturn"])
@pytest.mark.parametrize("decision", ["reject", "request_changes"])
def test_undo_of_a_verdict_on_an_appeal(decision, verdict, judged, alice, rita, ruth, settings):
    settings.UNDO_SECONDS = 600
    decided = decide(decision, judged, rita)
    appeal = appeals.appeal(decided, alice, "It works here.")
    before = snapshot(judged)
    getattr(appeals, verdict)(appeal, ruth, "I looked.")
    assert queued(f"appeal_{appeal.state}") == 1

    appeals.undo(appeal, ruth)

    assert snapshot(judged) == before
    assert Appeal.objects.get().state == AppealState.WAITING
    assert queued("appeal_upheld") == queued("appeal_overturned") == 0
    with pytest.raises(StaleState):
        appeals.undo(appeal, ruth)


# --- Appeals ------------------------------------------------------------------------------------------


def test_an_appeal_goes_to_another_reviewer_once(submission, alice, rita, ruth):
    decided = decide("reject", submission, rita)
    appeal = appeals.appeal(decided, alice, "It works here.")
    assert appeals.appeal(decided, alice, "Again.").pk == appeal.pk
    assert Appeal.objects.count() == 1
    told = OutboxMessage.objects.filter(kind="appeal_to_review").values_list("recipient", flat=True)
    assert list(told) == [ruth.email]
    for act in (appeals.uphold, appeals.overturn):
        with pytest.raises(PermissionDenied):
            act(appeal, rita, "Mine stands.")
    appeals.uphold(appeal, ruth, "I saw it, too.")
    assert OutboxMessage.objects.get(kind="appeal_upheld").recipient == "alice@acme.example"
    with pytest.raises(StaleState):
        appeals.overturn(appeal, ruth, "Or not.")
    assert "already" in appeals.why_not(Submission.objects.get(pk=submission.pk))


def test_overturned_the_submission_waits_again_and_its_findings_ask_for_nothing(submission, alice, rita, ruth):
    appeal = appeals.appeal(decide("request_changes", submission, rita), alice, "It works here.")
    appeals.overturn(appeal, ruth, "You are right.")
    now = Submission.objects.get(pk=submission.pk)
    assert now.is_waiting
    assert now.app.stage == Stage.IN_REVIEW
    assert now.findings.get().struck_at is not None
    assert now.due_at > timezone.now()
    record = Record.objects.filter(action="appeal.overturned").get()
    assert record.data["evidence"] == now.evidence_digest
    # Another decision on it can be appealed against anew.
    again = decide("reject", now, rita)
    assert appeals.why_not(again) == ""


def test_what_cannot_be_appealed_against(judged, alice, rita):
    with pytest.raises(Refused):
        appeals.appeal(judged, alice, "Faster!")
    decided = decide("request_changes", judged, rita)
    with pytest.raises(NotReady):
        appeals.appeal(decided, alice, "  ")
    with pytest.raises(PermissionDenied):
        appeals.appeal(decided, rita, "For them.")
    submissions.submit(App.objects.get(pk=judged.app_id), alice, "Fixed.")
    with pytest.raises(Refused):
        appeals.appeal(decided, alice, "And yet.")


def test_submitting_again_takes_the_appeal_back(submission, alice, rita, ruth):
    appeal = appeals.appeal(decide("request_changes", submission, rita), alice, "It works here.")
    submissions.submit(App.objects.get(pk=submission.app_id), alice, "Fixed after all.")
    with pytest.raises(StaleState):
        appeals.overturn(appeal, ruth, "You are right.")
    assert Appeal.objects.get().state == AppealState.WITHDRAWN


def test_after_an_appeal_or_an_answer_the_decision_cannot_be_undone(submission, alice, rita, settings):
    settings.UNDO_SECONDS = 600
    decided = decide("request_changes", submission, rita)
    answers.save_answers(decided, alice, {decided.findings.get().pk: "Changed."}, 0)
    with pytest.raises(Refused, match="answered"):
        decisions.undo(decided, rita)
    appeals.appeal(decided, alice, "It works here.")
    with pytest.raises(Refused, match="appealed"):
        decisions.undo(decided, rita)
    due = OutboxMessage.objects.get(kind="changes_requested").due_at
    assert due <= timezone.now()


# --- Never of a company of one's own (T24) ------------------------------------------------------------


def test_a_reviewer_judges_nothing_of_their_own_company(submission, alice, rita, ruth):
    appeal = appeals.appeal(decide("reject", submission, rita), alice, "It works here.")
    Membership.objects.create(company=submission.app.company, user=ruth, role="viewer")
    later = timezone.now() + timedelta(days=1)
    acts = {
        "approve": lambda: decisions.approve(submission, ruth),
        "request_changes": lambda: decisions.request_changes(submission, ruth, [FINDING]),
        "reject": lambda: decisions.reject(submission, ruth, "No."),
        "undo": lambda: decisions.undo(submission, ruth),
        "record_step": lambda: decisions.record_step(submission, ruth, ReviewStep.LOG_IN, "pass"),
        "hold": lambda: holds.hold(submission, ruth, "Wait.", later, Side.SEGMENT),
        "unhold": lambda: holds.unhold(submission, ruth),
        "uphold": lambda: appeals.uphold(appeal, ruth, "No."),
        "overturn": lambda: appeals.overturn(appeal, ruth, "Yes."),
        "undo_appeal": lambda: appeals.undo(appeal, ruth),
    }
    for act in acts.values():
        with pytest.raises(PermissionDenied):
            act()
    assert available(submission, ruth) == []


# --- Holds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", list(Side))
def test_a_hold_stops_the_clock_only_for_the_partner(side, submission, rita):
    due = submission.due_at
    until = timezone.now() + timedelta(days=7)
    holds.hold(submission, rita, "Send a test account.", until, side)
    now = Submission.objects.get(pk=submission.pk)
    wait = review_wait(now)
    assert now.is_held
    assert now.is_paused == (side == Side.PARTNER)
    assert wait.is_paused == now.is_paused
    assert (now.due_at > until) if side == Side.PARTNER else (now.due_at == due)
    assert "Send a test account." in OutboxMessage.objects.get(kind="review_held").text
    with pytest.raises(Refused):
        holds.hold(submission, rita, "Again.", until, side)
    holds.unhold(submission, rita)
    after = Submission.objects.get(pk=submission.pk)
    assert abs(after.due_at - due) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("reason", "days"), [("", 2), ("Wait.", -1), ("Wait.", 31)], ids=["no reason", "in the past", "too long"]
)
def test_a_hold_needs_a_reason_and_a_near_end(reason, days, submission, rita):
    with pytest.raises(NotReady):
        holds.hold(submission, rita, reason, timezone.now() + timedelta(days=days), Side.PARTNER)


def test_a_hold_ends_by_itself(submission, rita):
    holds.hold(submission, rita, "Wait.", timezone.now() + timedelta(days=1), Side.PARTNER)
    Submission.objects.filter(pk=submission.pk).update(held_until=timezone.now() - timedelta(minutes=1))
    assert not Submission.objects.get(pk=submission.pk).is_held
    decisions.reject(submission, rita, "No.")


# --- Answers, and the place in the queue ----------------------------------------------------------------


def test_answers_and_the_place_survive_a_resubmission(submission, alice, rita):
    decided = decide("request_changes", submission, rita)
    finding = decided.findings.get()
    assert (finding.rule_id, finding.where, finding.retest) == ("login-works", "The log-in page", "We log in.")
    assert answers.save_answers(decided, alice, {finding.pk: "A new password."}, 0)
    assert not answers.save_answers(decided, alice, {finding.pk: "A new password."}, 0)  # a second click
    with pytest.raises(Outdated):
        answers.save_answers(decided, alice, {finding.pk: "Another."}, 0)
    again = submissions.submit(App.objects.get(pk=submission.app_id), alice, "Fixed.")
    assert again.follows == decided
    assert again.due_at <= decided.due_at + timedelta(minutes=1)
    assert again.follows.findings.get().answer == "A new password."
    with pytest.raises(Refused):
        answers.save_answers(decided, alice, {finding.pk: "Too late."}, 1)


def test_an_overdue_review_still_leaves_a_day_for_the_new_version(submission, alice, rita):
    Submission.objects.filter(pk=submission.pk).update(due_at=timezone.now() - timedelta(days=9))
    decide("request_changes", submission, rita)
    again = submissions.submit(App.objects.get(pk=submission.app_id), alice, "Fixed.")
    assert again.due_at > timezone.now() + timedelta(hours=8)


def test_a_rejected_one_starts_at_the_end(submission, alice, rita):
    decide("reject", submission, rita)
    again = submissions.submit(App.objects.get(pk=submission.app_id), alice, "Another idea.")
    assert again.follows is None
    assert again.state == SubmissionState.WAITING


# --- Pages ----------------------------------------------------------------------------------------------


def test_the_partner_answers_each_finding_on_the_review_page(submission, alice, viv, rita, client_for):
    decided = decide("request_changes", submission, rita)
    finding, client = decided.findings.get(), client_for(alice)
    page, url = reverse("app-review", args=[decided.app.slug]), reverse("app-answers", args=[decided.app.slug])
    text = client.get(page).content.decode()
    for words in (FINDING.observed, FINDING.todo, FINDING.where, FINDING.retest, "login-works", "0 of 1 answered"):
        assert words in text
    sent = {"version": 1, "revision": 0, f"answer-{finding.pk}": "x" * 5_001}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "x" * 5_001 in refused.content.decode()
    sent[f"answer-{finding.pk}"] = "A new password."
    by_itself = client.post(url, sent, headers={"Accept": "application/json"})
    assert by_itself.json()["revision"] == 1
    sent[f"answer-{finding.pk}"] = "Mine."
    assert client.post(url, sent, headers={"Accept": "application/json"}).status_code == 409
    both = client.post(url, sent)
    assert both.status_code == 409
    assert "A new password." in both.content.decode()
    assert client.post(url, {**sent, "revision": 1}).status_code == 303
    assert client_for(viv).post(url, sent).status_code == 403
    assert client.post(url, {**sent, "version": 99}).status_code == 404


def test_the_reviewer_reads_the_answers_beside_the_new_version(submission, alice, rita, client_for):
    decided = decide("request_changes", submission, rita)
    answers.save_answers(decided, alice, {decided.findings.get().pk: "A new password."}, 0)
    again = submissions.submit(App.objects.get(pk=submission.app_id), alice, "Fixed.")
    page = client_for(rita).get(reverse("review-submission", args=[again.pk])).content.decode()
    assert "Answers to the findings on version 1" in page
    assert "A new password." in page


def test_an_appeal_on_both_sides(submission, alice, rita, ruth, client_for):
    decided = decide("reject", submission, rita)
    partner, slug = client_for(alice), decided.app.slug
    page = reverse("app-review", args=[slug])
    assert "Appeal" in partner.get(page).content.decode()
    url = reverse("app-appeal", args=[slug])
    assert partner.post(url, {"version": 1, "text": ""}).status_code == 422
    for _ in range(2):
        assert partner.post(url, {"version": 1, "text": "It works here."}).status_code == 303
    appeal = Appeal.objects.get()
    assert "Waiting for another reviewer" in partner.get(page).content.decode()
    desk = reverse("review-appeal", args=[appeal.pk])
    sent = {"act": "overturn", "reason": "You are right."}
    assert client_for(rita).post(desk, sent).status_code == 403
    assert "your own decision" in client_for(rita).get(desk).content.decode()
    other = client_for(ruth)
    assert other.get(desk).status_code == 200
    assert other.post(desk, {"act": "uphold", "reason": ""}).status_code == 422
    assert other.post(desk, sent).status_code == 303
    assert other.post(desk, sent).status_code == 409
    assert "Decision overturned" in partner.get(page).content.decode()


def test_a_hold_from_the_desk_is_seen_by_the_partner(submission, alice, rita, client_for):
    desk, url = client_for(rita), reverse("review-submission", args=[submission.pk])
    assert desk.post(url, {"act": "hold", "hold-reason": "Wait."}).status_code == 422
    until = (timezone.now() + timedelta(days=3)).date().isoformat()
    sent = {"act": "hold", "hold-reason": "Send a test account.", "hold-until": until, "hold-waits_for": "partner"}
    for _ in range(2):
        assert desk.post(url, sent).status_code == 303
    page = reverse("app-review", args=[submission.app.slug])
    text = client_for(alice).get(page).content.decode()
    assert "Send a test account." in text
    assert "the clock stands still" in text
    assert "Lift the hold" in desk.get(url).content.decode()
    assert desk.post(url, {"act": "unhold"}).status_code == 303
    assert not Submission.objects.get(pk=submission.pk).is_held
    assert client_for(alice).post(url, sent).status_code in (302, 403)
