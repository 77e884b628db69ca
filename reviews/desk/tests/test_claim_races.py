"""Two reviewers at once: one of them has the claim, and one of them decides."""

from functools import partial

import pytest
from django.utils import timezone

from leases.transitions import StaleState
from notifications.models import Notice
from partners import claims
from partners.claims import Claimed
from reviews import decisions
from reviews.models import Submission
from reviews.tests.test_races import at_once, fresh  # noqa: F401
from tests.counts import count

ROUNDS = count(3, 200)
pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def test_of_two_claims_at_once_one_holds(submission, rita, adam, at_once):  # noqa: F811
    for _ in range(ROUNDS):
        Submission.objects.update(claimed_by=None, claimed_until=None)
        answers = at_once(*(partial(claims.take, fresh(submission), who) for who in (rita, adam)))
        assert [isinstance(each, Claimed) for each in answers].count(True) == 1
        assert fresh(submission).is_claimed_by(adam if answers[0] else rita)


def test_of_two_who_take_over_at_once_one_has_it_and_tells(submission, rita, adam, alice, at_once):  # noqa: F811
    for _ in range(ROUNDS):
        Notice.objects.all().delete()
        Submission.objects.update(claimed_by=alice, claimed_until=timezone.now() + claims.LEASE)
        take_over = partial(claims.take_over, reason="Away.", target=submission.app, url="/")
        seen = [Submission.objects.select_related("claimed_by", "app").get(pk=submission.pk) for _ in range(2)]
        answers = at_once(partial(take_over, seen[0], rita), partial(take_over, seen[1], adam))
        assert [isinstance(each, Claimed) for each in answers].count(True) == 1, answers
        assert Notice.objects.filter(user=alice).count() == 1


def test_of_two_who_decide_at_once_one_does_and_has_the_claim(submission, rita, adam, at_once):  # noqa: F811
    answers = at_once(
        partial(decisions.reject, fresh(submission), rita, "No."),
        partial(decisions.reject, fresh(submission), adam, "No."),
    )
    assert [isinstance(each, StaleState) for each in answers].count(True) == 1, answers
    now = fresh(submission)
    assert now.is_claimed_by(now.decided_by)
