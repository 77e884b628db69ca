"""What two people do at the same moment, with threads on PostgreSQL."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Chain, Record
from audit.recording import verify
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from partners import lifecycle
from partners.models import AccessRequest, AgreementVersion, Company, Membership
from partners.states import OPEN, Role
from partners.tests.conftest import ANSWERS, MET
from tests.cast import make_company, make_user
from tests.counts import count

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _first_rows(db):
    """A transactional test empties the tables, and with them what the migrations put there."""
    for document in ("program_agreement", "privacy_policy"):
        AgreementVersion.objects.get_or_create(
            document=document, version="2026-01", defaults={"url": "https://example.com"}
        )


@pytest.fixture
def reviewers(settings):
    settings.UNDO_SECONDS = 600
    return [make_user(f"reviewer{i}", domain="segment.example", is_staff=True, is_superuser=True) for i in range(2)]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment; returns what each answered or raised."""
    gate, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int) -> None:
        try:
            gate.wait(10)
            answers[index] = acts[index]() or "done"
        except Exception as error:  # the loser's exception is what the test is about
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[index]) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def new_request(number: int) -> AccessRequest:
    applicant = make_user(f"applicant{number}", domain=f"company{number}.example")
    access_request = lifecycle.start(applicant, ANSWERS | {"company_name": f"Company {number}"})
    lifecycle.submit(access_request, applicant, AgreementVersion.objects.in_force())
    return access_request


def test_of_two_reviewers_one_wins_and_one_mail_goes_out(reviewers):
    for number in range(count(5, 200)):
        access_request = new_request(number)
        lifecycle.judge(access_request, reviewers[0], MET, 0)
        mine, theirs = (AccessRequest.objects.get(pk=access_request.pk) for _ in range(2))
        mails, records = OutboxMessage.objects.count(), Record.objects.count()

        answers = at_once(
            lambda one=mine: lifecycle.approve(one, reviewers[0]),
            lambda other=theirs: lifecycle.decline(other, reviewers[1], "No."),
        )

        assert sum(isinstance(answer, StaleState) for answer in answers) == 1, answers
        assert OutboxMessage.objects.count() == mails + 1
        assert Record.objects.count() == records + 1
        access_request.refresh_from_db()
        assert (access_request.company is not None) == (access_request.state == "approved")
    assert not [fault for chain in Chain.objects.all() for fault in verify(chain)]


def test_fifty_clicks_approve_once(reviewers):
    access_request = new_request(0)
    lifecycle.judge(access_request, reviewers[0], MET, 0)
    rows = [AccessRequest.objects.get(pk=access_request.pk) for _ in range(count(10, 50))]

    answers = at_once(*[lambda row=row: lifecycle.approve(row, reviewers[0]) for row in rows])

    assert sum(isinstance(answer, Company) for answer in answers) == 1
    assert (Company.objects.count(), Membership.objects.count()) == (1, 1)


def test_withdrawing_while_it_is_approved(reviewers):
    for number in range(count(5, 100)):
        access_request = new_request(number)
        lifecycle.judge(access_request, reviewers[0], MET, 0)
        seen = AccessRequest.objects.get(pk=access_request.pk)
        applicant = access_request.applicant

        answers = at_once(
            lambda row=access_request, who=applicant: lifecycle.withdraw(row, who),
            lambda row=seen: lifecycle.approve(row, reviewers[0]),
        )

        assert sum(isinstance(answer, StaleState) for answer in answers) == 1, answers
        stored = AccessRequest.objects.get(pk=access_request.pk)
        assert (stored.company is not None) == (stored.state == "approved")


def test_two_tabs_start_one_draft(db):
    dora = make_user("dora", domain="lens.example.com")
    for _ in range(count(5, 50)):
        at_once(*[lambda: lifecycle.start(dora, ANSWERS)] * 4)
        access_request = AccessRequest.objects.get(applicant=dora, state__in=OPEN)
        lifecycle.withdraw(access_request, dora)


def test_two_tabs_send_one_request(db):
    for number in range(count(5, 50)):
        applicant = make_user(f"applicant{number}")
        draft = lifecycle.start(applicant, ANSWERS)
        rows = [AccessRequest.objects.get(pk=draft.pk) for _ in range(3)]
        agreed = AgreementVersion.objects.in_force()

        answers = at_once(*[partial(lifecycle.submit, row, applicant, agreed) for row in rows])

        assert answers.count("done") == 1, answers
        assert OutboxMessage.objects.filter(kind="access_received", recipient=applicant.email).count() == 1


@pytest.mark.parametrize("verb", ["leave", "demote each other", "remove each other"])
def test_the_last_two_owners_cannot_both_go(verb):
    for number in range(count(5, 100)):
        one, two = make_user(f"one{number}"), make_user(f"two{number}")
        company = make_company(f"Company {number}", one)
        Membership.objects.create(company=company, user=two, role=Role.OWNER)
        first, second = (Membership.objects.get(company=company, user=user) for user in (one, two))
        acts = {
            "leave": (partial(lifecycle.leave, company, one), partial(lifecycle.leave, company, two)),
            "demote each other": (
                partial(lifecycle.change_role, second, one, Role.VIEWER),
                partial(lifecycle.change_role, first, two, Role.VIEWER),
            ),
            "remove each other": (
                partial(lifecycle.remove_member, second, one),
                partial(lifecycle.remove_member, first, two),
            ),
        }

        answers = at_once(*acts[verb])

        assert sum(isinstance(answer, Exception) for answer in answers) == 1, answers
        assert company.memberships.filter(role=Role.OWNER).count() == 1


def test_a_link_clicked_ten_times_at_once_joins_once():
    alice, carol = make_user("alice"), make_user("carol")
    company = make_company("Acme", alice)
    invitation = lifecycle.invite(company, alice, carol.email, Role.VIEWER)

    answers = at_once(*[lambda: lifecycle.accept_invitation(invitation, carol)] * 10)

    assert all(isinstance(answer, Membership) for answer in answers), answers
    assert Record.objects.filter(action="member.joined").count() == 1


def test_the_budget_of_invitations_holds_against_a_burst():
    alice = make_user("alice")
    company = make_company("Acme", alice)
    for number in range(18):
        lifecycle.invite(company, alice, f"early{number}@acme.example", Role.VIEWER)

    at_once(*[lambda n=n: lifecycle.invite(company, alice, f"late{n}@acme.example", Role.VIEWER) for n in range(8)])

    assert company.invitations.filter(revoked_at=None).count() == 20


def test_keeping_a_company_at_the_moment_of_its_purge():
    for number in range(count(5, 50)):
        owner = make_user(f"owner{number}")
        company = make_company(f"Company {number}", owner)
        lifecycle.request_deletion(company, owner)
        later = timezone.now() + timedelta(days=100)

        kept, purged = at_once(
            partial(lifecycle.keep, company, owner),
            partial(lifecycle.purge_companies, later),
        )

        is_there = Company.objects.filter(pk=company.pk).exists()
        assert is_there == (kept is True), (kept, purged)
        Company.objects.filter(pk=company.pk).delete()
