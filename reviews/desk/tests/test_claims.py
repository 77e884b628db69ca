"""Claims on the pages of the desk: who may decide, what the other sees, the heartbeat, and taking over."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Record
from notifications.models import Notice
from partners import claims
from partners.models import AccessRequest
from partners.states import RequestState
from reviews.desk.tests.conftest import freshly
from reviews.models import Probe, Submission
from reviews.states import ProbeReason, ReviewStep, SubmissionState

PASSED = {f"step-{step.value}-outcome": "pass" for step in ReviewStep}


def text_of(response):
    return response.content.decode()


@pytest.fixture
def others(client_for, adam):
    """Another reviewer's client."""
    return freshly(client_for(adam))


@pytest.fixture
def access_request(carol):
    now = timezone.now()
    return AccessRequest.objects.create(
        applicant=carol, company_name="Newcomer", state=RequestState.SUBMITTED, submitted_at=now, due_at=now
    )


@pytest.fixture(params=["submission", "release", "access"])
def case(request):
    """(row, address of the page, address of its claim) of every kind."""
    if request.param == "submission":
        row, names = request.getfixturevalue("submission"), ("review-submission", "review-claim")
    elif request.param == "release":
        row, names = request.getfixturevalue("asked"), ("review-release", "review-release-claim")
    else:
        row, names = request.getfixturevalue("access_request"), ("review-access", "review-access-claim")
    return row, *(reverse(name, args=[row.pk]) for name in names)


def test_a_claim_is_shown_to_others_given_back_and_taken_over(case, desk, others, rita, adam):
    row, page, claim = case
    assert "Nobody works on this" in text_of(desk.get(page))
    assert desk.post(claim, {"claim": "take"}).status_code == 303
    assert "You work on this until" in text_of(desk.get(page))

    shown = text_of(others.get(page))
    assert "<strong>Rita</strong> works on this until" in shown
    assert "Rita works on this until" in shown[shown.index("desk__bar") :]
    assert "data-claim-url" not in shown  # no heartbeat for somebody else's claim
    assert others.post(claim, {"claim": "take"}).status_code == 409

    refused = others.post(claim, {"claim": "take_over", "claim_reason": " "})
    assert refused.status_code == 422
    assert "Say why you take it over" in text_of(refused)
    assert others.post(claim, {"claim": "take_over", "claim_reason": "They are away."}).status_code == 303
    row.refresh_from_db()
    assert row.is_claimed_by(adam)
    notice = Notice.objects.get(user=rita, kind=claims.TAKEN_OVER)
    assert (notice.url, "They are away." in notice.text) == (page, True)
    assert Record.objects.filter(action=claims.TAKEN_OVER).count() == 1

    others.post(claim, {"claim": "give_back"})
    row.refresh_from_db()
    assert not row.is_claimed


def test_the_heartbeat_renews_only_ones_own_claim(case, desk, others, rita):
    row, _, claim = case
    json_please = {"headers": {"Accept": "application/json"}}
    assert json.loads(text_of(desk.post(claim, {"claim": "renew"}, **json_please)))["is_mine"] is False
    desk.post(claim, {"claim": "take"})
    type(row).objects.update(claimed_until=timezone.now() + timedelta(seconds=5))

    beat = desk.post(claim, {"claim": "renew"}, **json_please).json()
    row.refresh_from_db()
    assert beat == {"is_mine": True, "by": "Rita", "until": timezone.localtime(row.claimed_until).isoformat()}
    assert row.claimed_until > timezone.now() + timedelta(minutes=14)
    assert others.post(claim, {"claim": "renew"}, **json_please).json() == {**beat, "is_mine": False}


def test_deciding_without_the_claim_is_refused_and_says_who_has_it(submission, address, desk, others, rita):
    claims.take(submission, rita)
    refused = others.post(address, PASSED | {"act": "reject", "message": "Not a fit."})
    assert refused.status_code == 409
    assert "Rita works on this until" in text_of(refused)
    assert "Not a fit." in text_of(refused)
    assert Submission.objects.get().state == SubmissionState.WAITING

    Submission.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))  # it ran out by itself
    assert others.post(address, PASSED | {"act": "reject", "message": "Not a fit."}).status_code == 303
    assert Submission.objects.get().state == SubmissionState.REJECTED


def test_deciding_on_an_access_request_without_the_claim_is_refused(access_request, desk, others, adam):
    claims.take(access_request, adam)
    address = reverse("review-access", args=[access_request.pk])
    data = {"state": "submitted", "revision": 0, "judged_revision": 0, "message": "Why?", "decision": "ask_more"}
    refused = desk.post(address, data)
    assert refused.status_code == 409
    assert "Adam works on this until" in text_of(refused)
    assert "Why?" in text_of(refused)
    assert others.post(address, data).status_code == 303
    access_request.refresh_from_db()
    assert access_request.state == RequestState.MORE_ASKED


def test_releasing_without_the_claim_is_refused_and_says_who_has_it(asked, desk, others, rita):
    address = reverse("review-release", args=[asked.pk])
    claims.take(asked, rita)
    refused = others.post(address, {"act": "release"})
    assert refused.status_code == 409
    assert "Rita works on this until" in text_of(refused)
    asked.refresh_from_db()
    assert asked.released_at is None
    assert desk.post(address, {"act": "release"}).status_code == 303


def test_any_act_on_a_free_submission_claims_it_and_others_save_without_it(submission, address, desk, others, rita):
    desk.post(address, {"act": "save:log_in", "step-log_in-outcome": "pass"})
    submission.refresh_from_db()
    assert submission.is_claimed_by(rita)
    assert others.post(address, {"act": "save:api_key", "step-api_key-outcome": "pass"}).status_code == 303
    submission.refresh_from_db()
    assert submission.is_claimed_by(rita)


def test_claiming_keeps_what_was_typed(submission, address, desk):
    desk.post(reverse("review-claim", args=[submission.pk]), {"claim": "take", "message": "Half a sentence"})
    assert "Half a sentence" in text_of(desk.get(address))


def test_nobody_claims_what_they_may_not_judge(submission, insider, desk, client_for, alice):
    claim = reverse("review-claim", args=[submission.pk])
    assert desk.post(claim, {"claim": "take"}).status_code == 403
    assert desk.post(reverse("review-access-claim", args=[0]), {"claim": "take"}).status_code == 404
    assert client_for(alice).post(claim, {"claim": "take"}).status_code in (302, 403)
    assert desk.get(claim).status_code == 405


def test_the_switch_of_the_keys_is_kept_per_person(submission, address, desk, others):
    assert "data-keys-on" in text_of(desk.get(address))
    back = desk.post(reverse("review-keys"), {"keys": "off", "back_to": address})
    assert (back.status_code, back["Location"]) == (303, address)
    assert "data-keys-on" not in text_of(desk.get(address))
    assert "data-keys-on" in text_of(others.get(address))
    away = desk.post(reverse("review-keys"), {"keys": "on", "back_to": "//elsewhere.example/"})
    assert away["Location"] == reverse("review-desk")
    assert "data-keys-on" in text_of(desk.get(address))


def test_whoever_takes_a_submission_up_has_its_addresses_looked_at(submission, desk, rita):
    desk.post(reverse("review-claim", args=[submission.pk]), {"claim": "take"})

    probe = Probe.objects.get(submission=submission)
    assert (probe.why, probe.requested_by) == (ProbeReason.PICK_UP, rita)
