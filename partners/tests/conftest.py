"""What the tests of this package start from."""

from collections.abc import Callable

import pytest

from accounts.models import User
from partners import lifecycle
from partners.models import AccessRequest, AgreementVersion
from partners.states import Criterion, CriterionOutcome
from tests.cast import make_user

ANSWERS = {
    "company_name": "Ledger Lens",
    "company_website": "https://www.lens.example.com",
    "data_today": "Customers put a script on their site.",
    "data_from_segment": "In the timeline of each person.",
    "use_cases": "They look for reasons why people leave.",
    "heard_from": "From a customer.",
}
MET = {criterion.value: (CriterionOutcome.MET.value, "Seen on their site.") for criterion in Criterion}


@pytest.fixture
def dora(db) -> User:
    """An applicant, who belongs to no company yet."""
    return make_user("dora", domain="lens.example.com")


@pytest.fixture
def draft(dora) -> AccessRequest:
    return lifecycle.start(dora, ANSWERS)


@pytest.fixture
def submitted(draft, dora) -> AccessRequest:
    lifecycle.submit(draft, dora, AgreementVersion.objects.in_force())
    return draft


@pytest.fixture
def brought_to(draft, dora, rita, settings) -> Callable[[str], AccessRequest]:
    """Bring the request into any of its states, by the verbs that lead there."""
    settings.UNDO_SECONDS = 0

    def bring(state: str) -> AccessRequest:
        if state == "draft":
            return draft
        if state == "withdrawn":
            lifecycle.withdraw(draft, dora)
            return draft
        lifecycle.submit(draft, dora, AgreementVersion.objects.in_force())
        if state == "more_asked":
            lifecycle.ask_more(draft, rita, "Which product?")
        elif state == "waitlisted":
            lifecycle.waitlist(draft, rita)
        elif state == "declined":
            lifecycle.decline(draft, rita, "Not a company.")
        elif state == "approved":
            lifecycle.judge(draft, rita, MET, 0)
            lifecycle.approve(draft, rita)
        assert draft.state == state
        return draft

    return bring
