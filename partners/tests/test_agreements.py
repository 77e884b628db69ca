"""Agreements by version after joining (S4): a newer one in force is accepted anew, by an owner, once."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from audit.models import Record
from partners import agreements
from partners.models import Acceptance, AccessRequest, AgreementVersion, Company
from reviews import facts
from reviews.checklist import checklist

pytestmark = pytest.mark.django_db


@pytest.fixture
def joined(company: Company, alice) -> Company:
    """Came in by a request with both documents in force."""
    request = AccessRequest.objects.create(applicant=alice, company=company, state="approved")
    for version in AgreementVersion.objects.in_force():
        Acceptance.objects.create(user=alice, request=request, agreement=version)
    return company


def newer(document: str = "program_agreement", *, version: str = "2027-01", days: int = 0) -> AgreementVersion:
    at = timezone.now() + timedelta(days=days)
    url = f"https://acme.example/{version}"
    return AgreementVersion.objects.create(document=document, version=version, url=url, effective_at=at)


def page(company: Company) -> str:
    return reverse("company-page", args=[company.slug])


def send(client, company: Company, *versions: AgreementVersion):
    boxes = {f"agreement_{version.pk}": "on" for version in versions}
    return client.post(reverse("company-agreements", args=[company.slug]), boxes)


def test_what_was_accepted_stands_on_the_page_and_nothing_is_asked(joined, alice, client_for):
    newer(days=3)
    shown = client_for(alice).get(page(joined)).content.decode()
    assert "Version 2026-01, accepted by Alice" in shown
    assert "A newer version of an agreement is in force" not in shown


def test_an_owner_accepts_a_newer_version(joined, alice, bob, client_for):
    version = newer()
    assert "I accept the Segment Partner Program Agreement" in client_for(alice).get(page(joined)).content.decode()
    looked = client_for(bob).get(page(joined)).content.decode()
    assert "An owner of the company accepts it on this page." in looked
    assert "I accept" not in looked
    assert send(client_for(bob), joined, version).status_code == 403

    assert send(client_for(alice), joined, version).status_code == 303
    assert send(client_for(alice), joined, version).status_code == 303
    kept = Acceptance.objects.get(agreement=version)
    assert (kept.user, kept.request.company) == (alice, joined)
    assert Record.objects.filter(action="company.agreements_accepted").count() == 1
    assert "Version 2027-01, accepted by Alice" in client_for(alice).get(page(joined)).content.decode()


def test_a_box_left_empty_is_said(joined, alice, client_for):
    version = newer()
    answer = send(client_for(alice), joined)
    assert answer.status_code == 422
    assert "Please read and accept this document." in answer.content.decode()
    assert not Acceptance.objects.filter(agreement=version).exists()


def test_one_that_changed_between_reading_and_clicking_is_asked_anew(joined, alice):
    read, meanwhile = newer(), newer(version="2027-02")
    with pytest.raises(ValidationError, match="2027-02"):
        agreements.accept(joined, alice, [read])
    assert [one.pk for one in agreements.accept(joined, alice, [meanwhile])] == [meanwhile.pk]


def test_an_archived_company_accepts_nothing(joined, alice):
    joined.archived_at = timezone.now()
    joined.save()
    with pytest.raises(PermissionDenied):
        agreements.accept(joined, alice, [newer()])


def test_a_company_that_segment_set_up_is_asked_for_nothing(company, alice, client_for):
    newer()
    assert agreements.of_company(company) is None
    assert "agreement" not in client_for(alice).get(page(company)).content.decode().lower()
    assert agreements.accept(company, alice, []) == []


def test_the_checklist_opens_and_closes_with_it(joined, app, alice):
    def item():
        made = checklist(type(app).objects.get(pk=app.pk))
        return next(one for step in made.steps for one in step.items if one.id == "agreements")

    assert item().state == "done"
    version = newer()
    assert facts.load(app).access.is_outdated
    assert (item().state, item().url) == ("open", page(joined))
    assert "An owner accepts it" in item().reason
    agreements.accept(joined, alice, [version])
    assert item().state == "done"
