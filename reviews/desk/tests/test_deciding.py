"""Every button of the page: once, twice, too late, and with mistakes."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps_catalog.models import App
from audit.models import Record
from reviews import decisions, submissions
from reviews.desk.tests.conftest import freshly
from reviews.models import Enquiry
from reviews.states import ReviewStep

ALL_PASS = {f"step-{step.value}-outcome": "pass" for step in ReviewStep}
FINDING = {"finding-0-step": "log_in", "finding-0-observed": "No door.", "finding-0-todo": "Open it."}


def text_of(response):
    return response.content.decode()


def acts(action):
    return Record.objects.filter(action=action).count()


@pytest.fixture
def second(client_for, adam) -> Client:
    """Another reviewer."""
    return freshly(client_for(adam))


# --- Steps ------------------------------------------------------------------------------------------------


def test_a_step_is_saved_by_itself_and_the_rest_stays_typed(desk, submission, address):
    typed = {
        "act": "save:log_in", "step-log_in-outcome": "pass", "step-log_in-evidence": "In.",
        "step-api_key-evidence": "half a sent", "message": "Dear partner", **FINDING, "finding_rows": "3",
    }  # fmt: skip
    answer = desk.post(address, typed)
    assert answer.status_code == 303
    assert answer["Location"] == f"{address}#step-log_in"
    assert [(v.step, v.outcome, v.evidence) for v in submission.verdicts.all()] == [("log_in", "pass", "In.")]
    shown = text_of(desk.get(address))
    for words in ("half a sent", "Dear partner", "No door.", "Open it.", "Not saved"):
        assert words in shown, words


def test_the_same_verdict_twice_is_one(desk, submission, address):
    saved = {"act": "save:log_in", "step-log_in-outcome": "pass", "step-log_in-evidence": "In."}
    assert [desk.post(address, saved).status_code for _ in range(2)] == [303, 303]
    assert acts("submission.step_judged") == 1


def test_a_step_with_mistakes_comes_back(desk, submission, address):
    for fields, complaint in (
        ({}, "Choose whether this step passes or fails."),
        ({"step-log_in-outcome": "fail"}, "Say what failed"),
        ({"step-log_in-outcome": "perhaps"}, "Select a valid choice"),
        ({"step-log_in-outcome": "pass", "step-log_in-evidence": "x" * 100_000}, "Use at most 5,000 characters"),
    ):
        answer = desk.post(address, {"act": "save:log_in", "message": "Kept", **fields})
        assert answer.status_code == 422
        assert complaint in text_of(answer)
        assert "Kept" in text_of(answer)
        assert fields.get("step-log_in-evidence", "") in text_of(answer)
    assert not submission.verdicts.exists()
    assert desk.post(address, {"act": "save:nonsense"}).status_code == 404


def test_a_verdict_of_somebody_else_is_not_overwritten_unseen(desk, second, submission, address):
    second.post(address, {"act": "save:log_in", "step-log_in-outcome": "pass", "step-log_in-evidence": "Theirs."})
    mine = {
        "act": "save:log_in",
        "step-log_in-outcome": "fail",
        "step-log_in-evidence": "Mine.",
        "step-log_in-seen": "",
    }
    answer = desk.post(address, mine)
    assert answer.status_code == 409
    assert "Another reviewer judged this meanwhile" in text_of(answer)
    assert "Mine." in text_of(answer)
    verdict = submission.verdicts.get()
    assert verdict.evidence == "Theirs."
    assert desk.post(address, mine | {"step-log_in-seen": verdict.at.isoformat()}).status_code == 303
    assert submission.verdicts.get().evidence == "Mine."


def test_a_failed_step_suggests_a_finding(desk, address):
    desk.post(address, {"act": "save:log_in", "step-log_in-outcome": "fail", "step-log_in-evidence": "Wrong password."})
    shown = text_of(desk.get(address))
    assert shown.count("Wrong password.") == 2


def test_another_row_without_scripts(desk, address):
    assert text_of(desk.get(address)).count('aria-label="Finding ') == 3
    desk.post(address, {"act": "row", "finding_rows": "3", **FINDING, "step-log_in-evidence": "typed"})
    shown = text_of(desk.get(address))
    assert shown.count('aria-label="Finding ') == 4
    assert "No door." in shown
    assert "typed" in shown


# --- Approve ------------------------------------------------------------------------------------------------


def test_approve_saves_what_is_on_the_page_and_decides(desk, submission, address):
    answer = desk.post(address, {"act": "approve", "message": "Well done.", **ALL_PASS})
    assert answer.status_code == 303
    submission.refresh_from_db()
    assert (submission.state, submission.message) == ("approved", "Well done.")
    assert App.objects.get(pk=submission.app_id).stage == "private_beta"


def test_approve_says_what_is_missing(desk, submission, address):
    answer = desk.post(address, {"act": "approve", "message": "Kept", "step-log_in-outcome": "pass"})
    assert answer.status_code == 422
    assert "Still to judge" in text_of(answer)
    assert "Kept" in text_of(answer)
    submission.refresh_from_db()
    assert submission.is_waiting
    assert not submission.verdicts.exists()


def test_approving_twice_is_once(desk, judged, address):
    assert [desk.post(address, {"act": "approve"}).status_code for _ in range(2)] == [303, 303]
    assert acts("submission.approved") == 1
    assert "nothing happened twice" in text_of(desk.get(address))


def test_the_second_reviewer_is_told_who_and_when(desk, second, judged, address):
    second.post(address, {"act": "approve"})
    answer = desk.post(address, {"act": "reject", "message": "My long reason", **FINDING, "finding_rows": "3"})
    assert answer.status_code == 409
    assert "already approved (Adam" in text_of(answer)
    judged.refresh_from_db()
    assert judged.state == "approved"
    assert acts("submission.rejected") == 0


def test_approve_against_withdraw(desk, judged, address, client_for, alice):
    withdraw = reverse("app-withdraw", args=[judged.app.slug])
    assert client_for(alice).post(withdraw, {"submission": str(judged.pk)}).status_code == 303
    answer = desk.post(address, {"act": "approve"})
    assert answer.status_code == 409
    assert "already withdrawn" in text_of(answer)
    assert App.objects.get(pk=judged.app_id).stage == "building"


def test_withdrawn_in_the_middle_of_an_approval(desk, judged, address, alice):
    """The page read “waiting”; the partner is faster than the verb."""
    real = decisions.approve

    def late(submission, actor, message="", **seen):
        submissions.withdraw(type(judged).objects.get(pk=judged.pk), alice)
        real(submission, actor, message, **seen)

    with mock.patch.object(decisions, "approve", late):
        answer = desk.post(address, {"act": "approve", "message": "Kept?"})
    # Both ran in one transaction here, so the withdrawal is undone with the approval.
    assert answer.status_code == 409
    assert acts("submission.approved") == 0


def test_approval_asks_for_a_fresh_log_in(client_for, rita, judged, address):
    client = client_for(rita)
    answer = client.post(address, {"act": "approve", "message": "After the password."})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    resumed = client.post(answer["Location"], {"password": "correct horse battery staple", "next": address})
    assert resumed.status_code == 303
    assert resumed["Location"] == address
    judged.refresh_from_db()
    assert (judged.state, judged.message) == ("approved", "After the password.")


# --- Request changes, reject, undo --------------------------------------------------------------------------


def test_request_changes(desk, submission, address):
    rows = {**FINDING, "finding-2-step": "docs_match", "finding-2-observed": "Old.", "finding-2-todo": "Renew."}
    answer = desk.post(address, {"act": "request_changes", "finding_rows": "3", "message": "Two things.", **rows})
    assert answer.status_code == 303
    submission.refresh_from_db()
    assert submission.state == "changes_requested"
    assert [finding.step for finding in submission.findings.all()] == ["log_in", "docs_match"]
    assert App.objects.get(pk=submission.app_id).stage == "building"


def test_request_changes_needs_a_whole_finding(desk, submission, address):
    none = desk.post(address, {"act": "request_changes", "finding_rows": "3", "message": "Kept"})
    assert none.status_code == 422
    assert "Name at least one finding" in text_of(none)
    assert "Kept" in text_of(none)
    half = desk.post(address, {"act": "request_changes", "finding_rows": "3", "finding-1-observed": "Only this"})
    assert half.status_code == 422
    assert "Say what the partner should do." in text_of(half)
    assert "Only this" in text_of(half)
    submission.refresh_from_db()
    assert submission.is_waiting


def test_reject_needs_a_reason(desk, submission, address):
    empty = desk.post(address, {"act": "reject", **FINDING, "finding_rows": "3"})
    assert empty.status_code == 422
    assert "Give the reason" in text_of(empty)
    assert "No door." in text_of(empty)
    assert desk.post(address, {"act": "reject", "message": "Not a fit."}).status_code == 303
    assert desk.post(address, {"act": "reject", "message": "Not a fit."}).status_code == 303
    submission.refresh_from_db()
    assert submission.state == "rejected"
    assert acts("submission.rejected") == 1


def test_undo_while_possible(desk, judged, address, settings):
    settings.UNDO_SECONDS = 600
    desk.post(address, {"act": "approve"})
    assert "Undo the decision" in text_of(desk.get(address))
    assert [desk.post(address, {"act": "undo"}).status_code for _ in range(2)] == [303, 303]
    judged.refresh_from_db()
    assert judged.is_waiting
    assert acts("submission.decision_undone") == 1


def test_no_undo_after_the_interval(desk, judged, address, settings):
    settings.UNDO_SECONDS = 0
    desk.post(address, {"act": "approve"})
    assert "cannot be undone any more" in text_of(desk.get(address))
    answer = desk.post(address, {"act": "undo"})
    assert answer.status_code == 422
    assert "cannot be undone any more" in text_of(answer)


def test_an_unknown_act_decides_nothing(desk, submission, address):
    assert desk.post(address, {"act": "explode", "message": "Kept"}).status_code == 422
    assert desk.post(address).status_code == 422


def test_a_decision_forgets_the_drafts(desk, submission, address):
    desk.post(address, {"act": "row", "finding_rows": "3", "message": "Typed"})
    desk.post(address, {"act": "reject", "message": "A reason."})
    assert f"desk:{submission.pk}" not in desk.session


# --- Ask ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["replay", "oauth"])
def test_asking_twice_is_asking_once(desk, submission, address, kind):
    answers = [desk.post(address, {"act": f"ask:{kind}", "message": "Typed"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert Enquiry.objects.get().kind == kind
    assert acts("enquiry.asked") == 1
    shown = text_of(desk.get(answers[0]["Location"]))
    assert "Waiting for the answer" in shown
    assert "Typed" in shown
    assert desk.post(address, {"act": "ask:money"}).status_code == 404


def test_cross_site_posts_are_refused(rita, address):
    client = Client(enforce_csrf_checks=True)
    client.force_login(rita)
    assert client.post(address, {"act": "approve"}).status_code == 403


def test_only_reviewers_post(client_for, plain_staff, alice, address):
    assert client_for(plain_staff).post(address, {"act": "approve"}).status_code == 403
    assert client_for(alice).post(address, {"act": "approve"}).status_code == 302


# --- In the bar: hold, undo, the rule of a finding ------------------------------------------------------------


def a_hold(**changed):
    until = (timezone.now() + timedelta(days=3)).date().isoformat()
    sent = {"hold-reason": "Send a key.", "hold-until": until, "hold-waits_for": "partner"}
    return {"act": "hold", "message": "Half a word", **sent, **changed}


def test_a_hold_loses_nothing_and_is_lifted_in_the_bar(desk, submission, address, settings):
    settings.UNDO_SECONDS = 600
    faulty = desk.post(address, a_hold(**{"hold-until": "2001-01-01"}))
    assert faulty.status_code == 422
    for words in (
        "Choose a day in the next 30 days.",
        "Send a key.",
        "Half a word",
        '<details class="desk__hold" open>',
    ):
        assert words in text_of(faulty), words
    assert [desk.post(address, a_hold()).status_code for _ in range(2)] == [303, 303]
    assert acts("submission.held") == 1
    held = text_of(desk.get(address))
    for words in ("Lift the hold", "Half a word", "The partner is not told <span data-countdown="):
        assert words in held, words
    assert [desk.post(address, {"act": "unhold"}).status_code for _ in range(2)] == [303, 303]
    assert acts("submission.unheld") == 1
    assert "Put it on hold" in text_of(desk.get(address))


def test_undo_says_until_when(desk, judged, address, settings):
    settings.UNDO_SECONDS = 600
    desk.post(address, {"act": "approve"})
    judged.refresh_from_db()
    until = judged.decided_at + timedelta(seconds=600)
    assert re.search(rf'data-countdown="(600|59\d)">until <time [^>]*>{until:%H:%M:%S} UTC', text_of(desk.get(address)))


def test_a_finding_from_a_rule(desk, submission, address):
    first = {"act": "finding:log_in_works", "finding_rows": "3", "finding-0-observed": "Mine.", "message": "Kept"}
    answer = desk.post(address, first)
    assert (answer.status_code, answer["Location"]) == (303, f"{address}#finding-1")
    shown = text_of(desk.get(address))
    assert 'value="log_in_works" list="rules"' in shown
    for words in ("Mine.", "Kept", "Reset it and enter it again.</textarea>", '<option value="log_in_works">'):
        assert words in shown, words
    desk.post(address, {"act": "finding:log_in_works:2", "finding_rows": "3"})
    assert "Turn it off for the test account.</textarea>" in text_of(desk.get(address))
    assert desk.post(address, {"act": "finding:nonsense"}).status_code == 404


def test_a_rule_brings_its_step_and_has_to_exist(desk, submission, address):
    row = {
        "act": "request_changes",
        "finding_rows": "3",
        "finding-0-observed": "No door.",
        "finding-0-todo": "Open it.",
    }
    unknown = desk.post(address, {**row, "finding-0-step": "log_in", "finding-0-rule_id": "nonsense"})
    assert unknown.status_code == 422
    assert text_of(unknown).count("There is no such rule.") == 2  # in the summary, and at the field
    assert desk.post(address, {**row, "finding-0-rule_id": "log_in_works"}).status_code == 303
    assert [(one.step, one.rule_id) for one in submission.findings.all()] == [("log_in", "log_in_works")]
