"""reviews.queries: the desk's lists in order, in a constant number of queries, with one's own company marked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps_catalog.lifecycle import create_app
from apps_catalog.models import App
from partners.models import Membership
from reviews import enquiries, queries, submissions
from reviews.models import Release, Submission
from reviews.states import EnquiryKind
from reviews.tests.conftest import finish_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def several(alice, company, rita) -> list[Submission]:
    """Three waiting submissions, due in reverse order of their making."""
    made = []
    for number in range(3):
        app = finish_work(create_app(alice, company, f"{'Red Green Blue'.split()[number]} Tool"), alice)
        submission = submissions.submit(app, alice)
        Submission.objects.filter(pk=submission.pk).update(due_at=timezone.now() + timedelta(days=3 - number))
        enquiries.ask(app, rita, EnquiryKind.REPLAY)
        made.append(submission)
    return made


def read(rows) -> list[str]:
    return [f"{app} of {company}" for app, company in rows.values_list("app__name", "app__company__name")]


def test_the_queue_is_ordered_by_due_date_and_costs_one_query(several, rita, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        found = read(queries.review_queue())
    assert found == ["Blue Tool of Acme", "Green Tool of Acme", "Red Tool of Acme"]


def test_own_apps_are_marked_and_decided_ones_are_gone(several, rita, alice, company) -> None:
    Membership.objects.create(company=company, user=rita)
    submissions.withdraw(several[0], alice)
    assert read(queries.review_queue()) == ["Blue Tool of Acme", "Green Tool of Acme"]
    assert [row.pk for row in queries.recent_decisions()] == [several[0].pk]


def test_deleted_apps_are_nobodys_work(several, rita) -> None:
    App.objects.update(deleted_at=timezone.now())
    assert not queries.review_queue()
    assert not queries.overdue_submissions(timezone.now() + timedelta(days=30))


def test_overdue(several, asked: Release) -> None:
    now = timezone.now()
    assert not queries.overdue_submissions(now)
    late = queries.overdue_submissions(now + timedelta(days=1, minutes=1))
    assert [row.app.name for row in late] == ["Blue Tool"]
    assert not queries.overdue_releases(asked.due_at)
    assert list(queries.overdue_releases(asked.due_at + timedelta(seconds=1))) == [asked]


def test_releases_that_wait(several, asked: Release, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert read(queries.release_queue()) == ["Acme Analytics of Acme"]


def test_one_submission_with_all_its_page_needs(several, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(5):
        found = queries.submission_for_review(several[0].pk)
        assert found is not None
        _ = list(found.verdicts.all()), list(found.findings.all()), list(found.app.enquiries.all()), found.policy
