"""GitHub and a reviewer at the same moment: whoever comes first, approval there and decision here agree in the end."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps_catalog.models import App
from apps_catalog.states import Stage
from pulls.models import PullRequest
from reviews import decisions
from reviews.models import Submission
from reviews.refusals import Refused
from reviews.states import SubmissionState
from reviews.tests.pulls import by_pull, github, handed_in, looked_at  # noqa: F401
from runtime.github.pulls import Verdict
from tests.counts import count
from tests.racing import Crew
from trains.models import Passenger

ROUNDS = count(3, 100)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def at_once(db) -> Iterator[Callable[..., list[Any]]]:
    with Crew() as crew:
        yield crew.at_once


def test_approving_against_a_dismissal(looked_at, github, rita, settings, at_once) -> None:  # noqa: F811
    settings.UNDO_SECONDS = 600
    for _ in range(ROUNDS):
        _as_before(looked_at)
        github.approve()
        submission = Submission.objects.select_related("app").get(pk=looked_at.pk)
        answers = at_once(github.dismiss_all, lambda one=submission: decisions.approve(one, rita))
        refused = [one for one in answers if isinstance(one, Exception)]
        assert all(isinstance(one, Refused) for one in refused), refused
        assert PullRequest.objects.get(number=1).verdict == Verdict.NONE
        # Approved first: GitHub took it back. Dismissed first: it could not be approved.
        assert Submission.objects.get(pk=looked_at.pk).is_waiting
        assert not Passenger.objects.travelling().exists()


def test_approving_against_a_push(looked_at, github, rita, at_once) -> None:  # noqa: F811
    for _ in range(ROUNDS):
        _as_before(looked_at)
        github.approve()
        submission = Submission.objects.select_related("app").get(pk=looked_at.pk)
        at_once(github.push, lambda one=submission: decisions.approve(one, rita))
        found = Submission.objects.get(pk=looked_at.pk)
        assert (found.state, App.objects.get(pk=found.app_id).stage) == (SubmissionState.WAITING, Stage.IN_REVIEW)
        assert not Passenger.objects.travelling().exists()


def _as_before(submission: Submission) -> None:
    """Nobody works on it: the claim of the round before would keep nobody from it, but be honest."""
    Submission.objects.filter(pk=submission.pk).update(claimed_by=None, claimed_until=None)
