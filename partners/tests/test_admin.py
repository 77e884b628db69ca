"""The vetting page and queue, and the switches."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Record
from notifications.models import OutboxMessage
from partners import lifecycle
from partners.models import AccessRequest, AgreementVersion, ClosedDay, Company, Intake, Invitation, Membership, Policy
from partners.states import Criterion, RequestState
from partners.tests.conftest import ANSWERS, MET
from partners.vetting import open_decisions
from tests.cast import make_company, make_user

QUEUE = "/admin/partners/accessrequest/"
HTML = "<script>alert(1)</script>"


def url_of(access_request: AccessRequest) -> str:
    return f"{QUEUE}{access_request.pk}/change/"


def decide(client: Client, seen: AccessRequest, decision: str, verdicts=MET, **changes: str):
    form = {"state": seen.state, "revision": seen.revision, "judged_revision": seen.judged_revision, "message": ""}
    for criterion, (outcome, evidence) in verdicts.items():
        form |= {f"outcome_{criterion}": outcome, f"evidence_{criterion}": evidence}
    return client.post(f"{QUEUE}{seen.pk}/decide/", form | {"decision": decision} | changes)


@pytest.fixture(autouse=True)
def _no_undo(settings):
    settings.UNDO_SECONDS = 0
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def reviewer(rita, client_for) -> Client:
    return client_for(rita)


def test_the_page_shows_answers_signals_criteria_and_decisions(reviewer, submitted, rita):
    page = reviewer.get(url_of(submitted)).content.decode()

    assert all(answer in page for answer in ANSWERS.values())
    assert all(str(criterion.label) in page for criterion in Criterion)
    assert "both belong to example.com" in page
    for decision in open_decisions(rita, submitted):
        assert f'value="{decision.verb}"' in page


@pytest.mark.parametrize("state", RequestState.values)
def test_the_page_offers_exactly_what_the_table_allows(state, brought_to, reviewer, rita):
    access_request = brought_to(state)
    page = reviewer.get(url_of(access_request)).content.decode()

    offered = {
        verb for verb in ("approve", "ask_more", "waitlist", "admit", "decline", "undo") if f'value="{verb}"' in page
    }
    assert offered == {decision.verb for decision in open_decisions(rita, access_request)}


def test_approving_saves_the_verdicts_and_makes_the_company(reviewer, submitted):
    response = decide(reviewer, submitted, "approve")

    assert (response.status_code, response["Location"]) == (303, url_of(submitted))
    submitted.refresh_from_db()
    assert submitted.state == RequestState.APPROVED
    assert submitted.company.name == "Ledger Lens"


def test_approving_with_an_open_criterion_saves_nothing_and_keeps_what_was_typed(reviewer, submitted):
    response = decide(reviewer, submitted, "approve", MET | {"eligible": ("not_met", "They are a customer.")})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Approval needs all four criteria met" in page
    assert "They are a customer." in page
    assert (submitted.verdicts.count(), Company.objects.count()) == (0, 0)


@pytest.mark.parametrize("decision", ["decline", "ask_more"])
def test_a_message_is_needed_and_sent(decision, reviewer, submitted):
    assert decide(reviewer, submitted, decision).status_code == 422
    assert decide(reviewer, submitted, decision, message="Please explain.").status_code == 303
    assert "Please explain." in OutboxMessage.objects.latest("created_at").text


def test_verdict_and_evidence_belong_together(reviewer, submitted):
    response = decide(reviewer, submitted, "save", {"eligible": ("met", ""), "use_cases": ("", "Something")})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Say what this verdict rests on." in page
    assert "Choose a verdict for this evidence." in page


def test_verdicts_are_saved_without_a_decision(reviewer, submitted, rita):
    assert decide(reviewer, submitted, "save", {"eligible": ("met", "Asked.")}).status_code == 303

    verdict = submitted.verdicts.get()
    assert (verdict.outcome, verdict.evidence, verdict.by) == ("met", "Asked.", rita)


def test_the_second_reviewer_reads_who_was_first_and_keeps_the_text(reviewer, submitted, adam, client_for):
    decide(reviewer, submitted, "decline", message="No.")
    response = decide(client_for(adam), submitted, "ask_more", message="What about this?")

    page = response.content.decode()
    assert response.status_code == 409
    assert "Rita was faster: the request is declined since" in page
    assert "What about this?" in page
    assert OutboxMessage.objects.exclude(kind="access_received").count() == 1


def test_a_double_click_decides_once(reviewer, submitted):
    first = decide(reviewer, submitted, "decline", message="No.")
    second = decide(reviewer, submitted, "decline", message="No.")

    assert (first.status_code, second.status_code) == (303, 409)
    assert OutboxMessage.objects.filter(kind="access_declined").count() == 1


def test_answers_that_changed_meanwhile_are_read_again(reviewer, submitted, dora):
    seen = AccessRequest.objects.get(pk=submitted.pk)
    lifecycle.amend(submitted, dora, {"use_cases": "Quite another thing"}, submitted.revision)
    response = decide(reviewer, seen, "decline", message="No.")

    page = response.content.decode()
    assert response.status_code == 409
    assert "changed the answers" in page
    assert "Quite another thing" in page
    assert f'name="revision" value="{submitted.revision}"' in page


def test_verdicts_of_another_reviewer_are_compared(reviewer, submitted, adam, client_for):
    decide(reviewer, submitted, "save", {"eligible": ("met", "Asked them.")})
    response = decide(client_for(adam), submitted, "save", {"eligible": ("unclear", "Not so sure.")})

    page = response.content.decode()
    assert response.status_code == 409
    assert "Asked them." in page
    assert "Not so sure." in page


def test_an_applicant_who_withdrew_is_not_decided(reviewer, submitted, dora):
    seen = AccessRequest.objects.get(pk=submitted.pk)
    lifecycle.withdraw(submitted, dora)

    response = decide(reviewer, seen, "decline", message="No.")
    assert (response.status_code, "applicant withdrew" in response.content.decode()) == (409, True)


@pytest.mark.parametrize("decision", ["publish", "", "judge", "admit"])
def test_what_is_not_on_offer_is_refused(decision, reviewer, submitted):
    assert decide(reviewer, submitted, decision, message="x").status_code in (409, 422)
    submitted.refresh_from_db()
    assert submitted.state == RequestState.SUBMITTED


def test_states_cannot_be_posted_into_the_admin(reviewer, submitted):
    assert reviewer.post(url_of(submitted), {"state": "approved"}).status_code == 405
    assert decide(reviewer, submitted, "save", {}, state="approved").status_code in (303, 409)

    submitted.refresh_from_db()
    assert submitted.state == RequestState.SUBMITTED


def test_a_reviewer_with_a_stake_only_looks(reviewer, submitted, rita):
    company = Company.objects.create(name="Lens Labs", slug="labs", website="https://example.com")
    Membership.objects.create(company=company, user=rita, role="viewer")

    assert "not yours to judge" in reviewer.get(url_of(submitted)).content.decode()
    assert decide(reviewer, submitted, "decline", message="No.").status_code == 403


@pytest.mark.parametrize("who", ["alice", "dora", "carol"])
def test_partners_never_see_the_desk(who, submitted, request, client_for):
    client = client_for(request.getfixturevalue(who))

    assert client.get(url_of(submitted)).status_code in (302, 403, 404)
    assert decide(client, submitted, "approve").status_code in (302, 403, 404)
    submitted.refresh_from_db()
    assert submitted.state == RequestState.SUBMITTED


def test_staff_who_do_not_review_do_not_decide(submitted, client_for):
    helper = make_user("helper", domain="segment.example", is_staff=True)

    assert client_for(helper).get(url_of(submitted)).status_code == 403
    assert decide(client_for(helper), submitted, "approve").status_code == 403


def test_known_companies_and_earlier_tries_are_shown(reviewer, submitted, alice, carol):
    Company.objects.create(name="LEDGER-LENS Inc.", slug="x", website="https://other.test")
    earlier = lifecycle.start(carol, ANSWERS | {"company_name": "Lens"})
    lifecycle.submit(earlier, carol, AgreementVersion.objects.in_force())
    page = reviewer.get(url_of(submitted)).content.decode()

    assert "Known company" in page
    assert "LEDGER-LENS Inc." in page
    assert "Asked before" in page
    assert carol.email in page


def test_html_from_the_applicant_is_text(reviewer, submitted, dora):
    lifecycle.amend(submitted, dora, {name: HTML for name in ANSWERS if "website" not in name}, submitted.revision)

    for url in (url_of(submitted), QUEUE):
        assert HTML not in reviewer.get(url).content.decode()


def test_unknown_requests_are_404(reviewer):
    assert reviewer.get(f"{QUEUE}99999/change/").status_code == 404
    assert reviewer.get(f"{QUEUE}abc/change/").status_code == 404


class TestQueue:
    def fill(self, number: int) -> None:
        now = timezone.now()
        for index in range(number):
            AccessRequest.objects.create(
                applicant=make_user(f"q{AccessRequest.objects.count()}"),
                state="submitted",
                company_name=f"Company {index}",
                submitted_at=now,
                due_at=now + timedelta(hours=index - 1),
            )

    def test_shows_what_waits_by_due_date_and_marks_what_is_overdue(self, reviewer, draft):
        self.fill(3)
        page = reviewer.get(QUEUE).content.decode()

        places = [page.index(f"Company {index}") for index in range(3)]
        assert places == sorted(places)
        assert page.count("Overdue") >= 1
        assert "Ledger Lens" not in page

    @pytest.mark.parametrize("queue", ["waiting", "applicant", "waitlist", "closed", "drafts", "all", "nonsense"])
    def test_has_a_list_for_each_turn(self, queue, reviewer, draft):
        page = reviewer.get(QUEUE, {"queue": queue})

        assert page.status_code == 200
        assert ("Ledger Lens" in page.content.decode()) == (queue in ("drafts", "all"))

    def test_costs_the_same_for_few_and_many(self, reviewer, db):
        self.fill(1)
        reviewer.get(QUEUE)
        with CaptureQueriesContext(connection) as few:
            reviewer.get(QUEUE)
        self.fill(8)
        with CaptureQueriesContext(connection) as many:
            reviewer.get(QUEUE)

        assert len(few) == len(many)


class TestSwitches:
    @pytest.fixture
    def admin(self, adam, client_for) -> Client:
        return client_for(adam)

    def test_a_reviewer_closes_the_intake(self, reviewer, db):
        intake = Intake.objects.get()
        response = reviewer.post(f"/admin/partners/intake/{intake.pk}/change/", {"notice": "Back soon."})

        intake.refresh_from_db()
        assert (response.status_code, intake.accepting, intake.notice) == (302, False, "Back soon.")
        assert Record.objects.filter(action="intake.closed").exists()
        assert reviewer.get("/admin/partners/intake/add/").status_code == 403

    def test_changing_the_policy_makes_a_new_version(self, admin, db):
        old = Policy.current()
        page = admin.get(f"/admin/partners/policy/{old.pk}/change/")
        form = {
            field.name: getattr(old, field.name)
            for field in Policy._meta.fields
            if field.editable and field.name not in ("id", "created_by")
        }
        response = admin.post(
            page.request["PATH_INFO"], form | {"review_days": 5, "oauth_required": "", "note": "More time."}
        )

        assert response.status_code == 302
        new = Policy.current()
        assert new.pk != old.pk
        old.refresh_from_db()
        assert (old.review_days, new.review_days, new.created_by.email) == (3, 5, "adam@segment.example")
        assert admin.post(f"/admin/partners/policy/{old.pk}/change/", form).status_code == 403

    def test_a_new_policy_starts_from_the_one_in_force(self, admin, db):
        Policy.objects.create(review_days=7)

        assert 'name="review_days" value="7"' in admin.get("/admin/partners/policy/add/").content.decode()

    def test_documents_are_added_never_edited(self, admin, db):
        version = AgreementVersion.objects.first()
        admin.post(f"/admin/partners/agreementversion/{version.pk}/change/", {"version": "x"})

        version.refresh_from_db()
        assert version.version == "2026-01"

    @pytest.mark.parametrize(
        "model", ["company", "membership", "invitation", "agreementversion", "policy", "closedday", "intake"]
    )
    def test_every_list_and_page_opens_in_constant_queries(self, model, admin, company, alice, bob):
        ClosedDay.objects.create(day="2026-12-24")
        lifecycle.invite(company, alice, "new@acme.example", "viewer")
        url = f"/admin/partners/{model}/"
        assert admin.get(url).status_code == 200
        with CaptureQueriesContext(connection) as few:
            admin.get(url)
        for number in range(3):
            other = make_company(f"More {number}", make_user(f"o{number}"))
            Invitation.objects.create(
                company=other, email="x@y.example", token_hash=str(number), expires_at=timezone.now()
            )
        with CaptureQueriesContext(connection) as many:
            page = admin.get(url)

        assert len(few) == len(many)
        assert page.status_code == 200
        row = {"company": company.pk, "intake": Intake.objects.get().pk}.get(model, 1)
        assert admin.get(f"{url}{row}/change/", follow=True).status_code == 200


def test_a_request_whose_applicant_is_gone_can_still_be_read(reviewer, submitted, dora):
    dora.delete()

    page = reviewer.get(url_of(submitted))
    queue = reviewer.get(QUEUE)

    assert (page.status_code, queue.status_code) == (200, 200)
    assert "deleted account" in page.content.decode()
    assert "deleted account" in queue.content.decode()
