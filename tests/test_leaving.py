"""A company and a person leave, with everything that packages above hold about them (PRODUCT, Leaving)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import leaving
from accounts.models import User
from apps_catalog import lifecycle
from apps_catalog.models import App, AppVersion, Asset, CatalogEntry, Category
from audit.models import Chain, Record
from audit.recording import verify
from devcenter.purging import purge
from notifications.models import Notice, OutboxMessage
from partners import export
from partners import lifecycle as partners
from partners.models import Company, Invitation
from partners.states import Role
from reviews import beta, enquiries
from reviews.models import BetaInvite, Problem, Release, Submission, Verification
from reviews.states import EnquiryKind
from reviews.tests.conftest import (  # noqa: F401  (fixtures)
    asked,
    fill_listing,
    in_beta,
    judged,
    listed,
    ready,
    submission,
)
from testbench.models import SuiteRun

pytestmark = pytest.mark.django_db

LATER = timedelta(days=100)
OF_THE_COMPANY = (
    AppVersion, CatalogEntry, SuiteRun, Submission, Verification, BetaInvite, Problem, Release, Invitation,
)  # fmt: skip


@pytest.fixture
def full(listed: App, alice: User, bob: User, carol: User, rita: User, company: Company) -> App:  # noqa: F811
    """A company with a public App and everything that can hang on one, beside an App that was never submitted."""
    beta.invite(listed, alice, "someone@customer.example")
    beta.invite(listed, alice, carol.email)
    beta.accept(BetaInvite.objects.get(email=carol.email), carol)
    beta.report_problem(listed, carol, "Slow.")
    enquiries.ask(listed, rita, EnquiryKind.OAUTH)
    partners.invite(company, alice, "new@acme.example", Role.VIEWER)
    lifecycle.create_app(alice, company, "Never Submitted")
    return listed


def purge_later() -> dict[str, int]:
    gone, failed = purge(timezone.now() + LATER)
    assert failed == {}
    return gone


def chains_are_whole() -> bool:
    return not [fault for chain in Chain.objects.all() for fault in verify(chain)]


# --- A company ----------------------------------------------------------------------------------------


def test_a_company_goes_with_all_that_hangs_on_it(full: App, alice: User, company: Company) -> None:
    partners.request_deletion(company, alice)
    assert purge(timezone.now())[0]["companies"] == 0
    assert App.objects.filter(company=company).count() == 2

    assert purge_later()["companies"] == 1
    assert not Company.objects.filter(pk=company.pk).exists()
    assert {model.__name__: model.objects.count() for model in OF_THE_COMPANY if model.objects.exists()} == {}
    assert not Asset.objects.exists()


def test_the_catalog_no_longer_shows_it(full: App, alice: User, company: Company) -> None:
    address, client = reverse("catalog-entry", args=[full.slug]), Client()
    assert client.get(address).status_code == 200
    partners.request_deletion(company, alice)
    purge_later()
    assert client.get(address).status_code == 404
    assert full.name not in client.get(reverse("catalog")).content.decode()
    assert sum(Category.objects.values_list("listed_count", flat=True)) == 0


def test_its_customers_are_told(full: App, alice: User, carol: User, charlie: User, company: Company) -> None:
    partners.request_deletion(company, alice)
    purge_later()
    told = OutboxMessage.objects.get(kind="app_ended")
    assert told.recipient == carol.email
    assert full.name in told.subject
    assert "Acme has left" in told.text
    assert "Acme has left" in told.html
    assert Notice.objects.filter(user=carol, kind="app_ended").count() == 1


def test_the_record_stays_whole_and_names_nobody(full: App, alice: User, carol: User, company: Company) -> None:
    chain = company.chain
    partners.request_deletion(company, alice)
    purge_later()
    assert chains_are_whole()
    actions = list(Record.objects.filter(chain_id=chain).values_list("action", flat=True))
    assert actions[0] == "company.deleted"
    assert actions.count("app.erased") == 2
    said = json.dumps(list(Record.objects.values_list("data", "actor", "target")))
    assert [person.email for person in (alice, carol) if person.email in said] == []


def test_slugs_of_submitted_apps_stay_taken(
    full: App, alice: User, charlie: User, company: Company, other_company: Company
) -> None:
    partners.request_deletion(company, alice)
    purge_later()
    for look_alike in ("Acme Analytics", "Acme  AnaIytics"):
        with pytest.raises(ValidationError):
            lifecycle.create_app(charlie, other_company, look_alike)
    assert lifecycle.create_app(charlie, other_company, "Never Submitted").slug == "never-submitted"


def test_what_holds_the_slug_is_seen_by_nobody(full: App, alice: User, rita: User, company: Company) -> None:
    partners.request_deletion(company, alice)
    purge_later()
    stone = App.objects.get(slug=full.slug)
    assert (stone.name, stone.created_by, stone.company.is_house) == (full.slug, None, True)
    assert not App.objects.visible_to(rita).filter(pk=stone.pk).exists()
    assert not App.objects.recently_deleted(alice).exists()


def test_pictures_that_others_show_stay(
    full: App, alice: User, charlie: User, company: Company, other_company: Company
) -> None:
    fill_listing(lifecycle.create_app(charlie, other_company, "Rival Reports"), charlie)
    partners.request_deletion(company, alice)
    purge_later()
    assert Asset.objects.count() == 2


def test_an_app_that_was_erased_before_does_not_stand_in_the_way(full: App, alice: User, company: Company) -> None:
    App.objects.filter(pk=full.pk).update(stage="deprecated")
    full.refresh_from_db()
    lifecycle.delete_app(alice, full)
    purge_later()
    assert App.objects.get(pk=full.pk).erased_at
    partners.request_deletion(company, alice)
    assert purge_later()["companies"] == 1
    assert App.objects.get(slug=full.slug).company.is_house


def test_the_export_holds_every_app(full: App, alice: User, company: Company) -> None:
    found: dict[str, Any] = {app["slug"]: app for app in export.company_data(company)["apps"]}
    assert set(found) == {"acme-analytics", "never-submitted"}
    assert found["acme-analytics"]["live_version"] == 1
    assert found["acme-analytics"]["draft"]["listing"]["support_email"] == "support@acme.example"
    assert "sealed" not in json.dumps(found)


# --- A person -------------------------------------------------------------------------------------------


def test_the_last_owner_hands_over_first(full: App, alice: User, bob: User, company: Company) -> None:
    with pytest.raises(leaving.Stays, match="only owner of Acme"):
        leaving.request_deletion(alice)
    partners.hand_over(company, alice, company.memberships.get(user=bob))
    leaving.request_deletion(alice)


def test_whoever_became_the_last_owner_meanwhile_stays(full: App, alice: User, bob: User, company: Company) -> None:
    partners.change_role(company.memberships.get(user=bob), alice, Role.OWNER)
    leaving.request_deletion(alice)
    partners.leave(company, bob)
    assert purge_later()["accounts"] == 0
    assert User.objects.filter(pk=alice.pk).exists()


def test_a_person_named_everywhere_leaves_and_what_they_did_stays(
    full: App, alice: User, bob: User, carol: User, rita: User, company: Company
) -> None:
    partners.hand_over(company, alice, company.memberships.get(user=bob))
    everybody = (alice, carol, rita)
    addresses = [person.email for person in everybody]
    submissions, verdicts = Submission.objects.count(), Verification.objects.count()
    for person in everybody:
        leaving.request_deletion(person)
    assert purge_later()["accounts"] == 3

    assert not User.objects.filter(email__in=addresses).exists()
    assert not OutboxMessage.objects.filter(recipient__in=addresses).exists()
    assert (Submission.objects.count(), Verification.objects.count()) == (submissions, verdicts)
    assert CatalogEntry.objects.filter(slug=full.slug).exists()
    assert chains_are_whole()
    assert Record.objects.filter(actor=f"user:{alice.pk}").exists()


def test_all_packages_say_what_they_hold_about_a_person(full: App, carol: User) -> None:
    found = leaving.export(carol)
    assert {"account", "notices", "partners", "reviews"} <= set(found)
    json.dumps(found)
