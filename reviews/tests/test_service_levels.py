"""Service levels: recomputed from the record, in business hours, and public."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.urls import reverse

from audit.recording import record
from partners import lifecycle as partners
from partners.models import AgreementVersion
from reviews import appeals, decisions, holds, releases, service_levels, submissions
from reviews.decisions import FindingDraft
from reviews.lateness import run_clock
from reviews.models import ServiceLevels
from reviews.service_levels import KINDS, Event, Span, compute, figures, refresh, refresh_when_old, spans
from reviews.states import ReviewStep, Side
from reviews.tests.conftest import pass_all
from runtime.business_time import us_federal_calendar

OFFICE = us_federal_calendar(ZoneInfo("America/Los_Angeles"))
# Monday, 9:00 in the office.
MONDAY = datetime(2026, 10, 5, 16, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FINDING = FindingDraft(ReviewStep.LOG_IN, "seen", "todo")


def told(*events: tuple[str, float]) -> list[Span]:
    """The spans of reviews of one submission; times in hours after MONDAY, due 24 hours after each start."""
    made = [(f"submission.{name}", MONDAY + after * HOUR) for name, after in events]
    return spans((Event(name, "1", at, at + DAY) for name, at in made), KINDS["review"])


def test_a_wait_ends_with_the_answer_and_the_next_one_is_another():
    found = told(("submitted", 0), ("changes_requested", 2), ("submitted", 10), ("approved", 40))
    assert [(span.answered_at - span.started_at) / HOUR for span in found if span.answered_at] == [2, 30]
    assert [span.is_late(MONDAY) for span in found] == [False, True]


def test_a_decision_taken_back_makes_its_wait_go_on():
    found = told(("submitted", 0), ("rejected", 2), ("decision_undone", 3), ("approved", 9))
    assert [(span.answered_at - span.started_at) / HOUR for span in found if span.answered_at] == [9]


def test_a_hold_for_the_partner_moves_the_date_and_does_not_count():
    def hold(at: float, until: float, due: float) -> Event:
        return Event("submission.held", "1", MONDAY + at * HOUR, MONDAY + due * HOUR, MONDAY + until * HOUR)

    def event(name: str, at: float, due: float = 24) -> Event:
        return Event(f"submission.{name}", "1", MONDAY + at * HOUR, MONDAY + due * HOUR)

    def waited(*events: Event) -> tuple[float, bool]:
        (span,) = spans(events, KINDS["review"])
        return span.waited(MONDAY, lambda since, to: (to - since) / HOUR), span.is_late(MONDAY)

    begun = event("submitted", 0)
    assert waited(begun, hold(2, 50, 72), event("approved", 60)) == (12, False)
    assert waited(begun, hold(2, 50, 72), event("unheld", 10, 32), event("approved", 30)) == (22, False)
    assert waited(begun, hold(2, 50, 72), event("approved", 12)) == (2, False)
    assert waited(begun, hold(30, 50, 72), event("approved", 60)) == (40, True)  # missed before the hold


def test_what_was_withdrawn_is_nobodys_answer():
    assert told(("submitted", 0), ("withdrawn", 2)) == []


def test_an_answer_without_a_start_and_a_second_answer_count_nothing():
    assert told(("approved", 1)) == []
    assert len(told(("submitted", 0), ("approved", 1), ("approved", 2))) == 1
    assert told(("decision_undone", 1)) == []


def test_figures_count_business_hours_and_the_calendar():
    # Seven answers within the day, one over a weekend and Columbus Day, 12 October.
    quick = [Span(MONDAY, MONDAY + DAY, MONDAY + number * HOUR) for number in range(1, 8)]
    slow = Span(MONDAY + 4 * DAY, MONDAY + 5 * DAY, MONDAY + 7 * DAY + HOUR)  # Friday 9:00 to Monday 10:00
    waiting = Span(MONDAY, MONDAY + DAY)
    found = figures([*quick, slow, waiting], OFFICE, MONDAY + 20 * DAY)
    assert (found["answered"], found["median_hours"], found["p90_hours"]) == (8, 4.5, 8.0)
    assert (found["late"], found["kept_percent"], found["waiting"], found["waiting_late"]) == (1, 87, 1, 1)
    assert found["median_elapsed_hours"] == 4.5


def test_only_the_last_ninety_days_count():
    old = Span(MONDAY, None, MONDAY + HOUR)
    found = figures([old], OFFICE, MONDAY + 91 * DAY)
    assert (found["answered"], found["median_hours"], found["kept_percent"]) == (0, None, None)


# --- From real records -----------------------------------------------------------------------------------------


def test_a_review_with_an_undo_and_changes_is_computed_from_the_record(ready, alice, rita, settings, db):
    settings.UNDO_SECONDS = 600
    with time_machine.travel(MONDAY, tick=False) as clock:
        first = submissions.submit(ready, alice)
        clock.shift(2 * HOUR)
        decisions.reject(first, rita, "No.")
        clock.shift(60)
        decisions.undo(first, rita)
        clock.shift(HOUR - timedelta(seconds=60))
        decisions.request_changes(first, rita, [FINDING])
        clock.shift(DAY)
        second = submissions.submit(type(ready).objects.get(pk=ready.pk), alice)
        clock.shift(7 * DAY)
        pass_all(second, rita)
        decisions.approve(second, rita)
        found = compute(datetime.now(UTC))["review"]
    assert (found["answered"], found["late"], found["waiting"]) == (2, 1, 0)
    # Three hours, and a week of forty hours without the holiday (12 October 2026).
    assert (found["median_hours"], found["p90_hours"]) == (17.5, 32.0)


def test_a_request_for_access_is_two_waits_when_more_was_asked(carol, rita, db):
    with time_machine.travel(MONDAY, tick=False) as clock:
        made = partners.start(carol, {"company_name": "C", "company_website": "https://customer.example"})
        partners.submit(made, carol, AgreementVersion.objects.in_force())
        clock.shift(HOUR)
        partners.ask_more(made, rita, "Which product?")
        clock.shift(3 * DAY)
        partners.submit(made, carol)
        clock.shift(3 * HOUR)
        partners.decline(made, rita, "No.")
        found = compute(datetime.now(UTC))["access"]
    assert (found["answered"], found["median_hours"], found["late"]) == (2, 2.0, 0)


def test_a_hold_and_an_overturned_decision_are_read_from_the_record(submission, alice, rita, adam, settings):
    settings.UNDO_SECONDS = 0
    holds.hold(submission, rita, "The log-in is locked.", submission.submitted_at + 20 * DAY, Side.PARTNER)
    (held,) = spans(service_levels._events(submission.submitted_at - DAY), KINDS["review"])
    assert (held.due_at, len(held.pauses)) == (submission.due_at, 1)
    holds.unhold(submission, rita)
    decisions.reject(submission, rita, "No.")
    appeals.overturn(appeals.appeal(submission, alice, "Look again."), adam, "Right.")
    found = compute(datetime.now(UTC))["review"]
    assert (found["answered"], found["waiting"]) == (1, 1)


def test_a_release_counts_against_its_release_day(asked, rita):
    releases.release(asked, rita)
    found = compute(datetime.now(UTC))["release"]
    assert (found["answered"], found["late"]) == (1, 0)


def test_a_new_date_does_not_make_a_wait_less_late(submission, rita):
    now = submission.due_at + HOUR
    list(run_clock(now))
    with time_machine.travel(now + HOUR, tick=False):
        submission.refresh_from_db()
        decisions.reject(submission, rita, "No.")
        assert compute(datetime.now(UTC))["review"]["late"] == 1


# --- The page ----------------------------------------------------------------------------------------------------


def test_the_page_says_that_nothing_is_measured_yet(client, db):
    page = client.get(reverse("service-levels")).content.decode()
    assert "Not measured yet" in page


def test_the_page_shows_the_figures_and_what_is_promised(client, submission, rita):
    decisions.reject(submission, rita, "No.")
    refresh()
    page = client.get(reverse("service-levels")).content.decode()
    assert "3 business days" in page
    assert "100 % of the promised dates kept" in page
    assert "Nothing was answered in the last 90 days" in page  # access and releases


def test_the_page_costs_two_queries_whatever_the_record_holds(client, alice, company, django_assert_num_queries):
    refresh()
    client.get(reverse("service-levels"))
    for number in range(30):
        record(alice, "submission.submitted", company, chain=company.chain, submission=str(number))
    refresh()
    with django_assert_num_queries(2):
        client.get(reverse("service-levels"))


def test_figures_are_computed_once_an_hour(db):
    now = datetime.now(UTC)
    assert refresh_when_old(now)
    assert not refresh_when_old(now + timedelta(minutes=59))
    assert refresh_when_old(now + timedelta(minutes=61))
    assert ServiceLevels.objects.count() == 1
