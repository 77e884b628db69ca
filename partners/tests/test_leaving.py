"""Export, archive, deletion and its undo, and what stands in the way of a person who leaves."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import leaving as accounts_leaving
from accounts.models import User
from audit.models import Chain, Record
from audit.recording import verify
from notifications.models import OutboxMessage
from partners import export, lifecycle
from partners.models import AccessRequest, Company, Membership
from partners.states import Role
from partners.timeline import timeline_of


@pytest.fixture
def registry(monkeypatch):
    """The registered parts, restored after the test."""
    monkeypatch.setattr(export, "_parts", {})
    return export


def test_the_export_holds_what_the_company_owns(company, alice, bob, registry):
    lifecycle.invite(company, alice, "new@acme.example", Role.VIEWER)
    registry.register("apps", lambda company: [{"of": company.slug}])

    data = lifecycle.export_company(company, alice)

    assert {member["email"] for member in data["members"]} == {alice.email, bob.email}
    assert data["invitations"][0]["email"] == "new@acme.example"
    assert data["apps"] == [{"of": "acme"}]
    assert data["activity"][-1]["action"] == "company.exported"
    assert "token_hash" not in json.dumps(data)


def test_the_export_holds_the_answers_but_not_the_reviewers_notes(brought_to, dora):
    access_request = brought_to("approved")

    text = json.dumps(lifecycle.export_company(access_request.company, dora))

    assert "Customers put a script" in text
    assert "Seen on their site" not in text


def test_deletion_tells_everybody_and_can_be_taken_back(company, alice, bob):
    assert lifecycle.request_deletion(company, alice)
    assert not lifecycle.request_deletion(company, alice)
    assert {m.recipient for m in OutboxMessage.objects.filter(kind="company_deletion")} == {alice.email, bob.email}

    assert lifecycle.keep(company, alice)
    assert lifecycle.purge_companies(timezone.now() + timedelta(days=100)) == 0
    assert Company.objects.filter(pk=company.pk).exists()


def test_a_company_goes_after_the_grace_period_and_not_before(brought_to, dora, settings):
    company = brought_to("approved").company
    lifecycle.request_deletion(company, dora)
    ends = timezone.now() + timedelta(days=settings.DELETION_GRACE_DAYS)

    assert lifecycle.purge_companies(ends - timedelta(hours=1)) == 0
    assert lifecycle.purge_companies(ends + timedelta(hours=1)) == 1
    assert (Company.objects.count(), AccessRequest.objects.count()) == (0, 0)


def test_packages_above_erase_their_part_first(company, alice, registry):
    erased: list[str] = []
    registry.register("apps", lambda company: [], erase=lambda company: erased.append(company.slug))
    lifecycle.request_deletion(company, alice)

    assert lifecycle.purge_companies(timezone.now() + timedelta(days=100)) == 1
    assert erased == ["acme"]


def test_packages_above_close_their_part_when_deletion_is_asked_for(company, alice, registry):
    closed: list[str] = []
    registry.register("apps", lambda company: [], close=lambda company: closed.append(company.slug))

    lifecycle.request_deletion(company, alice)
    lifecycle.request_deletion(company, alice)

    assert closed == ["acme"]


def test_one_company_that_cannot_go_does_not_stop_the_others(app, company, alice, other_company, charlie, registry):
    lifecycle.request_deletion(company, alice)
    lifecycle.request_deletion(other_company, charlie)

    # `app` protects its company, and nobody has registered how to erase it.
    assert lifecycle.purge_companies(timezone.now() + timedelta(days=100)) == 1
    assert list(Company.objects.all()) == [company]


def test_the_only_owner_cannot_delete_the_account(company, alice, bob):
    assert any("Acme" in sentence for sentence in accounts_leaving.obstacles(alice))
    assert not any("Acme" in sentence for sentence in accounts_leaving.obstacles(bob))

    lifecycle.request_deletion(company, alice)
    assert not any("Acme" in sentence for sentence in accounts_leaving.obstacles(alice))


def test_a_persons_export_names_companies_and_requests(submitted, dora):
    part = accounts_leaving.export(dora)["partners"]

    assert part["access_requests"][0]["answers"]["company_name"] == "Ledger Lens"
    assert len(part["access_requests"][0]["accepted"]) == 2


def test_exporting_costs_the_same_for_few_and_many_members(company, alice, bob):
    with CaptureQueriesContext(
        connection,
    ) as few:
        export.company_data(company)
    for number in range(5):
        lifecycle.invite(company, alice, f"new{number}@acme.example", Role.VIEWER)
    with CaptureQueriesContext(connection) as many:
        export.company_data(company)

    assert len(few) == len(many)


def erase_account(user: User) -> None:
    """What the daily purge does once the grace period is over."""
    accounts_leaving.request_deletion(user)
    assert accounts_leaving.purge_accounts(timezone.now() + timedelta(days=100)) == 1


class TestAFounderWhoDeletesTheAccount:
    @pytest.fixture
    def left(self, brought_to, dora, bob) -> AccessRequest:
        """The request of a company that lives on with another owner."""
        access_request = brought_to("approved")
        Membership.objects.create(company=access_request.company, user=bob, role=Role.OWNER)
        erase_account(dora)
        access_request.refresh_from_db()
        return access_request

    def test_leaves_the_request_and_what_was_accepted_to_the_company(self, left):
        assert left.applicant is None
        assert left.company_name == "Ledger Lens"
        accepted = left.acceptances.select_related("agreement")
        assert {one.agreement.document for one in accepted} == {"program_agreement", "privacy_policy"}
        assert all(one.user is None and one.at for one in accepted)
        assert export.company_data(left.company)["access_request"]["state"] == "approved"

    def test_is_still_known_to_the_audit_record_by_id(self, left):
        chain = left.company.chain
        entry = Record.objects.get(chain_id=chain, action="access.applicant_left")
        founder = Record.objects.get(action="access.started").actor

        assert entry.data["user"] == int(founder.removeprefix("user:"))
        assert set(entry.data["agreements"]) == set(left.acceptances.values_list("agreement_id", flat=True))
        assert left.chain == chain
        assert all(not list(verify(one)) for one in Chain.objects.all())

    def test_is_told_to_staff_only(self, left):
        assert "deleted" in timeline_of(left, for_staff=True)[0].text
        assert not any("deleted" in entry.text for entry in timeline_of(left))

    def test_takes_along_what_led_to_no_company(self, brought_to, dora):
        brought_to("declined")
        erase_account(dora)

        assert not AccessRequest.objects.exists()

    def test_takes_along_a_request_that_still_waits(self, submitted, dora):
        erase_account(dora)

        assert not AccessRequest.objects.exists()
