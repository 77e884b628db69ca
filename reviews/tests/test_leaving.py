"""reviews.leaving: what is exported, and what a deletion takes with it."""

import json

import pytest
from django.core.exceptions import PermissionDenied

from accounts import leaving as people
from apps_catalog.models import App, CatalogEntry
from apps_catalog.states import Stage
from audit.models import Record
from partners import lifecycle as partners
from partners.export import company_data
from reviews import beta, enquiries, submissions
from reviews.models import BetaInvite, Submission, Verification
from reviews.states import EnquiryKind, SubmissionState
from tests.sandbox import verified

pytestmark = pytest.mark.django_db


def test_the_export_of_a_company_has_its_reviews(in_beta: App, alice, carol, rita, company) -> None:
    verified(in_beta, carol, "Works.")
    beta.invite(in_beta, alice, "someone@customer.example")
    asked = enquiries.ask(in_beta, rita, EnquiryKind.OAUTH)
    enquiries.answer(asked, alice, {"plan": "working"}, 0)
    (found,) = company_data(company)["reviews"]
    assert found["app"] == in_beta.slug
    assert found["submissions"][0]["state"] == "approved"
    assert found["verifications"][0]["note"] == "Works."
    assert found["answers"] == [{"kind": "oauth", "answer": {"plan": "working"}}]
    text = json.dumps(found)
    assert "token" not in text
    assert carol.email not in text


def test_the_export_of_a_person_has_what_they_said(in_beta: App, carol) -> None:
    verified(in_beta, carol, "Works.")
    beta.report_problem(in_beta, carol, "Slow.")
    found = people.export(carol)["reviews"]
    assert [one["note"] for one in found["verifications"]] == ["Works."]
    assert [one["text"] for one in found["problems"]] == ["Slow."]


def test_a_person_who_leaves_is_forgotten_and_their_word_stays(in_beta: App, alice, carol) -> None:
    beta.invite(in_beta, alice, carol.email)
    verified(in_beta, carol, "Works.")
    for part in people._parts:
        part.erase(carol)
    carol.delete()
    assert not BetaInvite.objects.exists()
    assert Verification.objects.get().user is None


def test_asking_to_delete_the_company_takes_its_submission_out_of_the_queue(submission, company, alice) -> None:
    assert partners.request_deletion(company, alice)
    submission.refresh_from_db()
    assert submission.state == SubmissionState.WITHDRAWN
    assert submission.app.stage == Stage.BUILDING
    assert not Submission.objects.waiting().exists()
    assert Record.objects.get(action="submission.withdrawn").actor == "system"
    assert partners.keep(company, alice)
    assert not Submission.objects.waiting().exists()


def test_a_company_on_its_way_out_hands_in_nothing(ready: App, company, alice) -> None:
    partners.request_deletion(company, alice)
    with pytest.raises(PermissionDenied):
        submissions.submit(App.objects.get(pk=ready.pk), alice)


def test_deleting_an_app_takes_its_reviews_along(in_beta: App, carol) -> None:
    verified(in_beta, carol, "Works.")
    CatalogEntry.objects.all().delete()
    App.objects.update(live_version=None)
    in_beta.delete()
    assert not Submission.objects.exists()
    assert not Verification.objects.exists()
