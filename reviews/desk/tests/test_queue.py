"""The queue: who sees it, in which order, and at what cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps_catalog.lifecycle import create_app
from partners.models import AccessRequest, Policy
from partners.states import RequestState
from partners.waits import access_wait
from reviews.desk import queue
from reviews.desk.queue import queue_page
from reviews.desk.tests.test_submission_page import own
from reviews.models import Release, Submission
from reviews.waits import release_wait, review_wait

DESK = "/admin/review/"


def text_of(response):
    return response.content.decode()


def ask_for_access(user, **fields):
    now = timezone.now()
    defaults = {"company_name": "Newcomer", "state": RequestState.SUBMITTED, "submitted_at": now, "due_at": now}
    return AccessRequest.objects.create(applicant=user, **defaults | fields)


def hand_in_more(company, count):
    """Waiting submissions and releases of `count` further Apps."""
    now = timezone.now()
    for number in range(count):
        app = create_app(company.members.first(), company, f"Extra {company.name} {'abcdefghij'[number % 10]}{number}")
        version = app.versions.create(number=1, manifest={"name": app.name, "listing": {}}, digest="0" * 64)
        due = now + timedelta(hours=number)
        Submission.objects.create(app=app, version=version, policy=Policy.current(), due_at=due)
        Release.objects.create(app=app, due_at=due)


def test_everything_that_waits_stands_in_one_list_by_due_date(desk, rita, submission, carol):
    ask_for_access(carol, due_at=timezone.now() - timedelta(days=1))
    page = queue_page(rita)
    assert [(row.kind, row.is_overdue) for row in page.rows] == [("Access request", True), ("Submission", False)]
    shown = text_of(desk.get(DESK))
    assert shown.index("Newcomer") < shown.index("Acme Analytics")
    assert "Overdue" in shown
    assert "First version" in shown
    assert "0 of 7 steps judged" in shown
    assert reverse("review-access", args=[AccessRequest.objects.get().pk]) in shown


def test_a_line_says_what_the_page_of_the_partner_says(desk, rita, submission, asked, carol):
    """The shares come from the running total, and are those of the calendar."""
    start = timezone.now() - timedelta(days=3)
    ask_for_access(carol, submitted_at=start, due_at=start + timedelta(days=9))
    Submission.objects.update(state="waiting", submitted_at=start, due_at=start + timedelta(days=6))
    Release.objects.update(requested_at=start, due_at=start + timedelta(days=8))
    waits = [access_wait(AccessRequest.objects.get()), review_wait(Submission.objects.get())]
    waits.append(release_wait(Release.objects.get()))
    shown = text_of(desk.get(DESK))
    assert sorted(row.used for row in queue_page(rita).rows) == sorted(str(wait.percent) for wait in waits)
    for wait in waits:
        assert f"{wait.percent} % used. Segment acts next." in shown


def test_a_release_request_leads_to_its_page(desk, asked):
    shown = text_of(desk.get(DESK))
    assert reverse("review-release", args=[asked.pk]) in shown
    assert "Asks to go public" in shown


def test_search_and_kinds_narrow_the_list(desk, rita, submission, carol):
    ask_for_access(carol)
    assert [row.name for row in queue_page(rita, text="analytics").rows] == ["Acme Analytics"]
    assert [row.name for row in queue_page(rita, text="acme").rows] == ["Acme Analytics"]
    assert [row.name for row in queue_page(rita, kind="access").rows] == ["Newcomer"]
    assert "Nothing here" in text_of(desk.get(DESK, {"q": "nothing like this"}))
    assert desk.get(DESK, {"q": "a'b%", "kind": "<x>", "page": "²"}).status_code == 200
    assert desk.get(DESK, {"q": "a\0b"}).status_code == 400


def test_recent_decisions_have_a_tab_of_their_own(desk, in_beta, other_company):
    hand_in_more(other_company, 1)
    assert "Decided recently" not in text_of(desk.get(DESK))
    assert "Decided recently" in text_of(desk.get(DESK, {"kind": "decided"}))


def test_recent_decisions_are_shown_when_nothing_waits(desk, in_beta):
    shown = text_of(desk.get(DESK))
    assert "Decided recently" in shown
    assert "Approved" in shown
    assert "Nothing waits" in shown


def test_pages(desk, rita, company, monkeypatch):
    monkeypatch.setattr(queue, "PAGE_SIZE", 4)
    hand_in_more(company, 5)
    first, second, third = (queue_page(rita, number) for number in (1, 2, 3))
    assert (len(first.rows), len(second.rows), len(third.rows)) == (4, 4, 2)
    assert first.has_next
    assert second.has_next
    assert not third.has_next
    due = [row.due_at for page in (first, second, third) for row in page.rows]
    assert due == sorted(due)
    assert 'rel="next"' in text_of(desk.get(DESK))
    assert 'rel="prev"' in text_of(desk.get(DESK, {"page": 2}))


def test_ones_own_company_is_marked(client_for, insider, submission):
    assert "Your own company" in text_of(client_for(insider).get(DESK))


def test_the_queue_costs_the_same_with_few_and_many(desk, company, submission, other_company):
    desk.get(DESK)
    with CaptureQueriesContext(connection) as few:
        desk.get(DESK)
    hand_in_more(company, 8)
    hand_in_more(other_company, 8)
    with CaptureQueriesContext(connection) as many:
        desk.get(DESK)
    assert len(own(many)) == len(own(few)) <= 11, "\n".join(own(many))


# --- Who gets in ------------------------------------------------------------------------------------------


@pytest.fixture
def addresses(submission):
    run = submission.evidence["runs"][0]
    return [
        DESK,
        f"{DESK}{submission.pk}/",
        f"{DESK}{submission.pk}/runs/",
        f"{DESK}{submission.pk}/runs/{run}/",
    ]


def test_reviewers_and_admins_get_in(client_for, rita, adam, addresses):
    for user in (rita, adam):
        assert [client_for(user).get(address).status_code for address in addresses] == [200] * 4


def test_other_staff_do_not(client_for, plain_staff, addresses):
    assert {client_for(plain_staff).get(address).status_code for address in addresses} == {403}


def test_everybody_else_meets_the_door_of_the_admin(client, client_for, alice, carol, addresses):
    for address in addresses:
        for visitor in (client, client_for(alice), client_for(carol)):
            answer = visitor.get(address)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/login/?next=")
    assert client_for(alice).get("/admin/login/").status_code == 403


def test_what_is_not_there_is_404(desk):
    nothing = "00000000-0000-0000-0000-000000000000"
    for address in (f"{nothing}/", f"{nothing}/runs/", f"{nothing}/runs/{nothing}/", "releases/999999/"):
        assert desk.get(DESK + address).status_code == 404
