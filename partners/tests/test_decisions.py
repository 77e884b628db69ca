"""The reviewer's verbs: criteria, mails, conflicts of interest, undo."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps_catalog.lifecycle import create_app
from audit.models import Chain
from audit.recording import SYSTEM, verify
from leases.transitions import StaleState
from notifications.models import Notice, OutboxMessage
from partners import lifecycle, rules
from partners.decisions import undo_until
from partners.models import AccessRequest, Company, Membership
from partners.queries import overdue_requests, waitlist
from partners.states import Criterion, CriterionOutcome, RequestState, Role
from partners.tasks import check_mail_servers
from partners.tests.conftest import MET
from partners.vetting import open_decisions
from tests.cast import make_company


def judge(access_request: AccessRequest, rita, **changes: tuple[str, str]) -> None:
    lifecycle.judge(access_request, rita, MET | changes, access_request.judged_revision)


def test_approval_makes_the_company_and_welcomes_its_owner(submitted, dora, rita, settings):
    settings.UNDO_SECONDS = 0
    judge(submitted, rita)
    company = lifecycle.approve(submitted, rita)

    assert (company.name, company.slug, company.website) == ("Ledger Lens", "ledger-lens", submitted.company_website)
    assert Membership.objects.get(company=company).role == Role.OWNER
    assert (submitted.state, submitted.company, submitted.decided_by) == (RequestState.APPROVED, company, rita)
    mail = OutboxMessage.objects.get(kind="access_approved")
    assert (mail.recipient, mail.subject) == (dora.email, "Welcome to the Segment Developer Center")
    assert all(not list(verify(chain)) for chain in Chain.objects.all())


@pytest.mark.parametrize("outcome", [CriterionOutcome.NOT_MET, CriterionOutcome.UNCLEAR])
@pytest.mark.parametrize("criterion", Criterion)
def test_approval_needs_all_four_criteria(criterion, outcome, submitted, rita):
    judge(submitted, rita, **{criterion.value: (outcome.value, "Doubtful.")})

    with pytest.raises(ValidationError, match=str(criterion.label)):
        lifecycle.approve(submitted, rita)

    assert Company.objects.count() == 0


def test_a_verdict_needs_evidence(submitted, rita):
    with pytest.raises(ValidationError):
        judge(submitted, rita, eligible=("met", " "))

    assert submitted.verdicts.count() == 0


def test_saving_the_same_verdicts_again_changes_nothing(submitted, rita):
    judge(submitted, rita)
    lifecycle.judge(submitted, rita, MET, 0)

    assert submitted.judged_revision == 1


def test_two_reviewers_do_not_overwrite_each_other_unseen(submitted, rita, adam):
    judge(submitted, rita)

    with pytest.raises(lifecycle.StaleVerdicts):
        lifecycle.judge(submitted, adam, MET | {"eligible": ("unclear", "Not sure.")}, 0)


def test_two_companies_of_one_name_get_two_addresses(submitted, rita, alice):
    make_company("Ledger Lens", alice)
    judge(submitted, rita)

    assert lifecycle.approve(submitted, rita).slug == "ledger-lens-2"


def test_a_name_without_latin_letters_still_gets_an_address(submitted, dora, rita):
    lifecycle.amend(submitted, dora, {"company_name": "レンズ"}, submitted.revision)
    judge(submitted, rita)

    assert lifecycle.approve(submitted, rita).slug == "company"


@pytest.mark.parametrize("verb", ["decline", "ask_more"])
def test_the_applicant_reads_the_reason(verb, submitted, rita):
    with pytest.raises(ValidationError):
        getattr(lifecycle, verb)(submitted, rita, "  ")

    getattr(lifecycle, verb)(submitted, rita, "Tell us <b>more</b> & soon.")

    mail = OutboxMessage.objects.latest("created_at")
    assert "Tell us <b>more</b> & soon." in mail.text
    assert "Tell us &lt;b&gt;more&lt;/b&gt; &amp; soon." in mail.html


def test_the_clock_stops_while_the_applicant_is_asked(submitted, dora, rita):
    lifecycle.ask_more(submitted, rita, "Which product?")
    assert submitted.due_at is None

    lifecycle.submit(submitted, dora)
    assert submitted.due_at > timezone.now()


def test_admitting_starts_the_clock(brought_to):
    access_request = brought_to("waitlisted")
    lifecycle.admit(access_request, SYSTEM)

    assert access_request.state == RequestState.SUBMITTED
    assert access_request.due_at > timezone.now()
    assert OutboxMessage.objects.filter(kind="access_admitted").count() == 1


def test_nobody_judges_their_own_request(submitted, dora):
    dora.is_staff = dora.is_superuser = True
    dora.save()

    with pytest.raises(PermissionDenied):
        lifecycle.decline(submitted, dora, "No.")


def test_a_member_of_the_same_company_does_not_judge_it(submitted, rita):
    company = Company.objects.create(name="Other", slug="other", website="https://app.example.com")
    Membership.objects.create(company=company, user=rita, role=Role.VIEWER)

    with pytest.raises(PermissionDenied):
        lifecycle.decline(submitted, rita, "No.")


def test_a_decision_on_answers_that_changed_meanwhile_is_refused(submitted, dora, rita):
    seen = AccessRequest.objects.get(pk=submitted.pk)
    lifecycle.amend(submitted, dora, {"use_cases": "Something else"}, submitted.revision)

    with pytest.raises(lifecycle.StaleRevision):
        lifecycle.decline(seen, rita, "No.")


def test_the_slower_reviewer_learns_who_was_first(submitted, rita, adam):
    seen = AccessRequest.objects.get(pk=submitted.pk)
    lifecycle.decline(submitted, rita, "No.")

    with pytest.raises(StaleState) as stale:
        lifecycle.ask_more(seen, adam, "What?")

    assert stale.value.row.decided_by == rita


class TestUndo:
    @pytest.fixture(autouse=True)
    def _interval(self, settings):
        settings.UNDO_SECONDS = 600

    @pytest.mark.parametrize("verb", ["decline", "ask_more", "waitlist"])
    def test_restores_the_state_and_drops_the_mail(self, verb, submitted, rita):
        arguments = ["Because."] if verb in ("decline", "ask_more") else []
        getattr(lifecycle, verb)(submitted, rita, *arguments)
        lifecycle.undo(submitted, rita)

        submitted.refresh_from_db()
        assert (submitted.state, submitted.message) == (RequestState.SUBMITTED, "")
        assert submitted.due_at is not None
        assert not OutboxMessage.objects.filter(state="queued").exclude(kind="access_received").exists()

    def test_takes_an_unused_company_back(self, submitted, rita):
        judge(submitted, rita)
        lifecycle.approve(submitted, rita)
        lifecycle.undo(submitted, rita)

        assert (submitted.state, Company.objects.count()) == (RequestState.SUBMITTED, 0)
        lifecycle.approve(AccessRequest.objects.get(pk=submitted.pk), rita)
        assert OutboxMessage.objects.filter(kind="access_approved", state="queued").count() == 1

    def test_leaves_a_company_in_use_alone(self, submitted, dora, rita):
        judge(submitted, rita)
        company = lifecycle.approve(submitted, rita)
        create_app(dora, company, "Ledger Lens")

        with pytest.raises(ValidationError, match="already uses"):
            lifecycle.undo(submitted, rita)

        submitted.refresh_from_db()
        assert (submitted.state, submitted.company) == (RequestState.APPROVED, company)

    def test_ends_with_its_interval(self, submitted, rita):
        lifecycle.decline(submitted, rita, "No.")
        assert undo_until(submitted) is not None

        with time_machine.travel(timezone.now() + timedelta(seconds=601)), pytest.raises(ValidationError):
            lifecycle.undo(submitted, rita)

    def test_the_message_and_its_notice_wait(self, submitted, dora, rita):
        lifecycle.decline(submitted, rita, "No.")

        mail = OutboxMessage.objects.get(kind="access_declined")
        assert mail.due_at > timezone.now() + timedelta(seconds=590)
        assert Notice.objects.get(kind="access_declined").visible_at == mail.due_at

    def test_the_receipt_still_goes_out(self, submitted, rita):
        """The mail server may have been away since the request came in."""
        lifecycle.decline(submitted, rita, "No.")
        lifecycle.undo(submitted, rita)

        assert OutboxMessage.objects.get(kind="access_received").state == "queued"

    def test_a_question_that_was_answered_within_the_interval_is_told_before_the_receipt(self, submitted, dora, rita):
        lifecycle.ask_more(submitted, rita, "Which product?")
        lifecycle.submit(submitted, dora)

        question = OutboxMessage.objects.get(kind="access_more_asked")
        receipt = OutboxMessage.objects.filter(kind="access_received").latest("created_at")
        assert question.due_at <= receipt.due_at <= timezone.now()
        assert Notice.objects.get(message=question).visible_at == question.due_at

    def test_who_is_admitted_at_once_does_not_hear_of_the_waitlist_later(self, submitted, rita):
        lifecycle.waitlist(submitted, rita)
        lifecycle.admit(submitted, rita)

        told = {mail.kind: mail.due_at for mail in OutboxMessage.objects.all()}
        assert told["access_waitlisted"] <= told["access_admitted"] <= timezone.now()

    def test_leaves_a_decline_alone_once_the_applicant_applies_again(self, submitted, dora, rita):
        """Two open requests of one person cannot be."""
        lifecycle.decline(submitted, rita, "No.")
        again = lifecycle.apply_again(submitted, dora)

        with pytest.raises(ValidationError, match="applied again"):
            lifecycle.undo(submitted, rita)

        submitted.refresh_from_db()
        assert (submitted.state, again.state) == (RequestState.DECLINED, RequestState.DRAFT)
        assert OutboxMessage.objects.get(kind="access_declined").state == "queued"


class TestWithoutAnApplicant:
    """The row outlives the account; whoever reaches it then finds nothing to do."""

    @pytest.fixture
    def orphan(self, submitted, dora) -> AccessRequest:
        dora.delete()
        submitted = AccessRequest.objects.get(pk=submitted.pk)
        assert submitted.applicant is None
        return submitted

    @pytest.mark.parametrize("verb", [lifecycle.approve, lifecycle.waitlist])
    def test_nothing_is_decided(self, verb, orphan, rita):
        judge(orphan, rita)

        with pytest.raises(ValidationError, match="account is deleted"):
            verb(orphan, rita)

        assert open_decisions(rita, orphan) == []
        assert (overdue_requests(timezone.now() + timedelta(days=30)).count(), waitlist().count()) == (0, 0)
        assert check_mail_servers() == 0

    def test_nobody_is_the_applicant(self, orphan):
        assert orphan.chain == f"access:{orphan.pk}"
        assert not rules.can_withdraw(AnonymousUser(), orphan)
        assert not AccessRequest.objects.visible_to(AnonymousUser()).exists()


def test_undo_leaves_a_company_alone_that_its_founder_handed_over(submitted, dora, bob, rita, settings):
    settings.UNDO_SECONDS = 600
    judge(submitted, rita)
    company = lifecycle.approve(submitted, rita)
    Membership.objects.create(company=company, user=bob, role=Role.OWNER)
    lifecycle.leave(company, dora)

    with pytest.raises(ValidationError, match="already uses"):
        lifecycle.undo(submitted, rita)

    assert Company.objects.filter(pk=company.pk).exists()


@pytest.mark.postgres
def test_undo_holds_the_company_before_it_looks(submitted, rita, settings):
    settings.UNDO_SECONDS = 600
    judge(submitted, rita)
    lifecycle.approve(submitted, rita)

    with CaptureQueriesContext(connection) as queries:
        lifecycle.undo(submitted, rita)

    asked = [query["sql"] for query in queries]
    holds = next(n for n, sql in enumerate(asked) if "partners_company" in sql and "FOR UPDATE" in sql)
    looks = next(n for n, sql in enumerate(asked) if 'FROM "partners_membership"' in sql and "NOT" in sql)
    assert holds < looks
