"""Names and words of people at GitHub go with the App, with the company, and from what belongs to nobody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps_catalog.lifecycle import delete_app, erase_deleted
from pulls import leaving
from pulls.models import CheckSuite, Delivery, PullRequest, PullReview, Repository
from runtime.github.pulls import Verdict

pytestmark = pytest.mark.django_db
LATER = timedelta(days=181)


@pytest.fixture
def told(linked, teller):
    """The linked pull request, reviewed and checked."""
    teller.review("approved", body="Well done, Bob.")
    teller.suite("success")
    teller.catch_up()
    linked.refresh_from_db()
    return linked


def is_forgotten(pull: PullRequest) -> bool:
    pull.refresh_from_db()
    texts = (pull.title, pull.body, pull.author, pull.verdict)
    return texts == ("", "", "", Verdict.NONE) and not pull.is_seen and not PullReview.objects.exists()


def test_what_belongs_to_an_app_stays(told):
    leaving.purge(timezone.now() + LATER)
    assert not is_forgotten(told)
    assert CheckSuite.objects.count() == 1


def test_what_belongs_to_nobody_is_forgotten_after_half_a_year(told):
    PullRequest.objects.update(app=None)
    leaving.purge(timezone.now() + LATER - timedelta(days=2))
    assert not is_forgotten(told)
    assert leaving.purge(timezone.now() + LATER) == 1
    assert is_forgotten(told)
    assert not CheckSuite.objects.exists()  # nobody's newest commit any more
    assert leaving.purge(timezone.now() + LATER) == 0
    assert Delivery.objects.count() == 3  # ids count for ever


def test_what_comes_up_again_is_told_again(told, teller):
    PullRequest.objects.update(app=None)
    leaving.purge(timezone.now() + LATER)
    teller.later().source.edit(1)
    teller.catch_up()
    told.refresh_from_db()
    assert told.is_seen


def test_suites_of_the_released_branch_stay(told, repository):
    Repository.objects.filter(pk=repository.pk).update(branch_sha=told.head_sha)
    PullRequest.objects.update(app=None)
    leaving.purge(timezone.now() + LATER)
    assert CheckSuite.objects.exists()


def test_an_app_takes_its_names_along(told, pull_app, alice, settings):
    delete_app(alice, pull_app)
    assert leaving.purge(timezone.now()) == 0  # it can be brought back
    over = timezone.now() + timedelta(days=settings.DELETION_GRACE_DAYS + 1)
    leaving.purge(over)
    erase_deleted(over)
    assert is_forgotten(told)


def test_a_company_takes_its_names_along_and_its_data_before(told, company, pull_app):
    (data,) = leaving.company_data(company)
    assert (data["app"], data["address"], data["reviews"]) == (pull_app.slug, told.url, "Approved")
    assert [(one["who"], one["did"]) for one in data["told"]] == [
        ("github-actions", "passed"), ("reviewer-one", "approved"),
    ]  # fmt: skip
    assert leaving.erase(company) == 1
    assert is_forgotten(told)
