"""The applicant's verbs."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from notifications.models import Notice, OutboxMessage
from partners import lifecycle
from partners.models import AccessRequest, AgreementVersion, ClosedDay, Intake
from partners.states import Document, RequestState
from partners.tests.conftest import ANSWERS


def agree_and_submit(access_request: AccessRequest) -> None:
    lifecycle.submit(access_request, access_request.applicant, AgreementVersion.objects.in_force())


def test_a_second_start_finds_the_first_draft(draft, dora):
    assert lifecycle.start(dora).pk == draft.pk


def test_saving_counts_revisions_and_refuses_an_old_one(draft, dora):
    lifecycle.save_answers(draft, dora, {"use_cases": "One"}, 0)

    with pytest.raises(lifecycle.StaleRevision) as stale:
        lifecycle.save_answers(draft, dora, {"use_cases": "Two"}, 0)

    assert (stale.value.row.use_cases, stale.value.row.revision) == ("One", 1)


def test_saving_the_same_twice_is_no_conflict(draft, dora):
    lifecycle.save_answers(draft, dora, {"use_cases": "One"}, 0)
    lifecycle.save_answers(draft, dora, {"use_cases": "One"}, 0)

    assert draft.revision == 1


def test_answers_never_set_anything_else(draft, dora):
    lifecycle.save_answers(draft, dora, {"state": "approved", "company_name": "Lens"}, 0)

    assert (draft.state, draft.company_name) == ("draft", "Lens")


def test_submitting_promises_a_date_on_the_business_clock(draft):
    ClosedDay.objects.create(day="2026-11-30", reason="Office move")
    # Thanksgiving is Thursday the 26th; Monday is closed by the admin.
    with time_machine.travel(datetime(2026, 11, 27, 20, 0, tzinfo=UTC), tick=False):
        agree_and_submit(draft)

    # Friday noon in Los Angeles, one business day later.
    assert draft.due_at == datetime(2026, 12, 1, 20, 0, tzinfo=UTC)


def test_submitting_thanks_by_mail_and_by_notice(submitted, dora):
    mail = OutboxMessage.objects.get(kind="access_received")

    assert mail.recipient == dora.email
    assert "/apply/status/" in mail.text
    assert "/apply/status/" in mail.html
    assert Notice.objects.get(user=dora).url == "/apply/status/"


def test_submitting_keeps_what_the_address_says(draft, dora):
    dora.email = "dora@gmail.com"
    dora.save()
    agree_and_submit(draft)

    assert [signal["kind"] for signal in draft.signals] == ["free_mail"]


@pytest.mark.parametrize("field", ["company_name", "company_website"])
def test_name_and_website_are_needed(draft, dora, field):
    lifecycle.save_answers(draft, dora, {field: "  "}, 0)

    with pytest.raises(ValidationError) as error:
        agree_and_submit(draft)

    assert field in error.value.message_dict
    assert OutboxMessage.objects.count() == 0


def test_the_other_answers_may_wait(draft, dora):
    lifecycle.save_answers(draft, dora, {"use_cases": "", "heard_from": ""}, 0)
    agree_and_submit(draft)

    assert draft.state == RequestState.SUBMITTED
    assert len(draft.unanswered) == 2


def test_both_documents_are_needed_and_kept_with_version_and_time(draft, dora):
    first, second = AgreementVersion.objects.in_force()
    with pytest.raises(ValidationError, match="Privacy Policy"):
        lifecycle.submit(draft, dora, [first])
    assert draft.acceptances.count() == 0

    lifecycle.submit(draft, dora, [first, second])

    kept = {(a.agreement.document, a.agreement.version, a.user) for a in draft.acceptances.all()}
    assert kept == {(document, "2026-01", dora) for document in Document.values}


def test_a_newer_version_has_to_be_accepted_anew(brought_to, dora):
    access_request = brought_to("more_asked")
    newer = AgreementVersion.objects.create(
        document=Document.PRIVACY_POLICY, version="2026-02", url="https://example.com/privacy"
    )
    with pytest.raises(ValidationError, match="2026-02"):
        lifecycle.submit(access_request, dora)

    lifecycle.submit(access_request, dora, [newer])

    assert access_request.acceptances.count() == 3


def test_a_closed_intake_makes_a_waitlist(draft):
    Intake.objects.update(accepting=False)
    agree_and_submit(draft)

    assert (draft.state, draft.due_at) == (RequestState.WAITLISTED, None)
    assert OutboxMessage.objects.get().kind == "access_waitlisted"


def test_an_answer_goes_to_the_reviewer_even_while_intake_is_closed(brought_to, dora):
    access_request = brought_to("more_asked")
    Intake.objects.update(accepting=False)

    lifecycle.submit(access_request, dora)

    assert access_request.state == RequestState.SUBMITTED
    assert access_request.message == ""


def test_amending_keeps_place_and_date_and_assesses_again(submitted, dora):
    due = submitted.due_at
    lifecycle.amend(submitted, dora, {"company_website": "https://elsewhere.example.net"}, submitted.revision)

    submitted.refresh_from_db()
    assert (submitted.state, submitted.due_at) == (RequestState.SUBMITTED, due)
    assert [signal["kind"] for signal in submitted.signals] == ["different_domain"]


def test_amending_away_what_is_needed_is_refused_and_nothing_is_lost(submitted, dora):
    with pytest.raises(ValidationError):
        lifecycle.amend(submitted, dora, {"company_name": ""}, submitted.revision)

    submitted.refresh_from_db()
    assert submitted.company_name == ANSWERS["company_name"]


def test_withdrawing_takes_back_what_is_not_mailed_yet(submitted, dora):
    lifecycle.withdraw(submitted, dora)

    assert list(OutboxMessage.objects.values_list("state", flat=True)) == ["dropped"]
    assert Notice.objects.count() == 0


def test_applying_again_copies_the_answers(brought_to, dora):
    old = brought_to("declined")
    new = lifecycle.apply_again(old, dora)

    assert new.pk != old.pk
    assert (new.state, new.answers) == (RequestState.DRAFT, old.answers)
    assert lifecycle.apply_again(old, dora).pk == new.pk
    assert new.acceptances.count() == 0


def test_an_approved_request_is_not_tried_again(brought_to, dora):
    with pytest.raises(PermissionDenied):
        lifecycle.apply_again(brought_to("approved"), dora)
