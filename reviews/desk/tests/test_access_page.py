"""The page of an access request at the desk: what it shows and offers in each state."""

import pytest
from django.urls import reverse

from partners.models import Company
from partners.states import Criterion, RequestState
from partners.tests.conftest import ANSWERS, MET, brought_to, dora, draft, submitted  # noqa: F401
from partners.vetting import DECISIONS, open_decisions

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def address_of(access_request):
    return reverse("review-access", args=[access_request.pk])


def form_of(seen, decision, verdicts=MET, **changes):
    form = {"state": seen.state, "revision": seen.revision, "judged_revision": seen.judged_revision, "message": ""}
    for criterion, (outcome, evidence) in verdicts.items():
        form |= {f"outcome_{criterion}": outcome, f"evidence_{criterion}": evidence}
    return form | {"decision": decision} | changes


@pytest.mark.parametrize("state", RequestState.values)
def test_the_bar_says_what_each_open_decision_does(state, brought_to, desk, rita):  # noqa: F811
    access_request = brought_to(state)
    shown = text_of(desk.get(address_of(access_request)))
    open_now = open_decisions(rita, access_request)
    assert {verb for verb in DECISIONS if f'name="decision" value="{verb}"' in shown} == {one.verb for one in open_now}
    assert all(one.consequence in shown for one in open_now)
    assert ('name="claim"' in shown) is bool(open_now)


def test_answers_signals_and_criteria_are_on_the_page(desk, submitted):  # noqa: F811
    Company.objects.create(name="Ledger Lens Ltd", slug="other-lens")
    shown = text_of(desk.get(address_of(submitted)))
    assert all(answer in shown for answer in ANSWERS.values())
    assert all(criterion.label in shown for criterion in Criterion)
    for words in ("both belong to example.com", "Known company", "Being checked", "The applicant sent the request."):
        assert words in shown, words
    stock = text_of(desk.get(reverse("admin:partners_accessrequest_change", args=[submitted.pk])))
    assert address_of(submitted) in stock


def test_judging_and_deciding_come_back_to_the_page(desk, submitted, rita):  # noqa: F811
    refused = desk.post(address_of(submitted), form_of(submitted, "decline"))
    assert refused.status_code == 422
    assert "Seen on their site." in text_of(refused)

    done = desk.post(address_of(submitted), form_of(submitted, "approve"))
    assert (done.status_code, done["Location"]) == (303, address_of(submitted))
    submitted.refresh_from_db()
    assert submitted.state == RequestState.APPROVED
    assert submitted.is_claimed_by(rita)

    late = desk.post(address_of(submitted), form_of(submitted, "waitlist", state="submitted"))
    assert late.status_code == 409


def test_staff_who_do_not_review_and_partners_stay_outside(submitted, plain_staff, alice, client_for):  # noqa: F811
    assert client_for(plain_staff).get(address_of(submitted)).status_code == 403
    assert client_for(alice).get(address_of(submitted)).status_code == 302
