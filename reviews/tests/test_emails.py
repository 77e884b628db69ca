"""What the mails of decisions have in common."""

import pytest

from notifications.models import OutboxMessage
from reviews import decisions
from reviews.decisions import FindingDraft
from reviews.states import ReviewStep

DECISIONS = {
    "private_beta_approved": lambda one, rita: decisions.approve(one, rita),
    "changes_requested": lambda one, rita: decisions.request_changes(
        one, rita, [FindingDraft(ReviewStep.LOG_IN, "seen", "todo")]
    ),
    "rejected": lambda one, rita: decisions.reject(one, rita, "No."),
}


@pytest.mark.parametrize("kind", DECISIONS)
def test_every_decision_quotes_the_evidence_and_says_where_to_check_it(kind, judged, rita):
    DECISIONS[kind](judged, rita)
    mail = OutboxMessage.objects.filter(kind=kind).first()
    for body in (mail.text, mail.html):
        assert judged.evidence_digest[:12] in body
        assert judged.evidence_digest not in body
        assert "/docs/review/#what-is-kept-of-a-submission" in body
    assert "\n\n\n" not in mail.text
