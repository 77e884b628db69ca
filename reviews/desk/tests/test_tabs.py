"""The tabs of the queue: what each holds, and that their cost stays the same."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners import claims
from partners.models import AccessRequest
from partners.states import RequestState
from reviews.desk.queue import queue_page
from reviews.desk.tabs import TABS
from reviews.desk.tests.test_queue import DESK, ask_for_access, hand_in_more, text_of
from reviews.desk.tests.test_submission_page import own
from reviews.models import Submission, Thread
from reviews.states import Side
from reviews.waiting import turn_of

# What became of the one submission → the tabs it stands in, beside “All”.
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CASES = {
    "due in an hour": ({"due_at": HOUR}, {"soon", "unclaimed"}),
    "due in five hours": ({"due_at": 5 * HOUR}, {"unclaimed"}),
    "due in a week": ({"due_at": 7 * DAY}, {"unclaimed"}),
    "late": ({"due_at": -HOUR}, {"overdue", "unclaimed"}),
    "mine": ({"due_at": 7 * DAY, "by": "rita", "claimed_until": HOUR}, {"mine"}),
    "mine, over": ({"due_at": 7 * DAY, "by": "rita", "claimed_until": -HOUR}, {"unclaimed"}),
    "another's": ({"due_at": 7 * DAY, "by": "adam", "claimed_until": HOUR}, set()),
    "the partner's turn": ({"due_at": 7 * DAY, "turn": Side.PARTNER}, {"partner", "unclaimed"}),
    "our turn": ({"due_at": 7 * DAY, "turn": Side.SEGMENT}, {"unclaimed"}),
}
# Beside these: what only a submission can be, and the tabs of a claimed release.
HELD = {
    "held for the partner": ({"held_until": HOUR}, Side.PARTNER, True),
    "held for us": ({"held_until": HOUR}, Side.SEGMENT, False),
    "the hold is over": ({"held_until": -HOUR}, Side.PARTNER, False),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["submissions", "access"])
def test_each_tab_holds_its_own(case, kind, request, rita, adam, carol):
    given, expected = CASES[case]
    columns = {name: timezone.now() + value for name, value in given.items() if isinstance(value, timedelta)}
    if "by" in given:
        columns["claimed_by"] = {"rita": rita, "adam": adam}[given["by"]]
    if kind == "access":
        if turn := given.get("turn"):  # an applicant has no thread: the request itself says whose turn it is
            is_asked = turn == Side.PARTNER
            columns |= {"state": RequestState.MORE_ASKED, "due_at": None} if is_asked else {}
            expected = {"partner"} if is_asked else expected
        ask_for_access(carol, **columns)
    else:
        one = request.getfixturevalue("submission")
        Submission.objects.update(**columns)
        if turn := given.get("turn"):
            Thread.objects.update_or_create(app=one.app, defaults={"turn": turn})

    found = {tab for tab in TABS if tab and queue_page(rita, tab=tab, kind=kind).rows}
    assert found == expected
    assert queue_page(rita).overdue == str(int("overdue" in expected))


@pytest.mark.parametrize("case", HELD)
def test_a_hold_for_the_partner_stops_the_clock_in_the_queue(case, submission, rita, alice):
    given, side, is_stopped = HELD[case]
    until = timezone.now() + given["held_until"]
    Submission.objects.update(held_until=until, hold_waits_for=side, due_at=timezone.now() + 7 * DAY)
    row = queue_page(rita).rows[0]
    assert (row.due_at is None, row.is_theirs, row.used == "") == (is_stopped,) * 3
    assert row.turn.endswith("The partner acts next." if is_stopped else "Segment acts next.")
    assert len(queue_page(rita, tab="partner").rows) == int(is_stopped)
    assert turn_of(submission.app, alice, is_partner=True).words == f"Waiting on {'you' if is_stopped else 'us'}"


def test_a_release_is_claimed_like_the_rest(asked, rita, adam):
    claims.take(asked, rita)
    assert queue_page(rita).rows[0].claimed_by == "Rita"
    found = {name: [len(queue_page(who, tab=name).rows) for who in (rita, adam)] for name in ("mine", "unclaimed")}
    assert found == {"mine": [1, 0], "unclaimed": [0, 0]}


def test_the_queue_names_who_works_on_what(desk, submission, carol, adam):
    ask_for_access(carol)
    claims.take(submission, adam)
    shown = text_of(desk.get(DESK))
    assert shown.count("Adam") == 1
    assert "Nobody" in shown
    AccessRequest.objects.update(claimed_by=adam, claimed_until=timezone.now() - HOUR)  # a claim that is over
    assert text_of(desk.get(DESK)).count("Adam") == 1


@pytest.mark.parametrize("tab", [*TABS, "nonsense"])
def test_every_tab_costs_the_same_however_much_waits(tab, desk, submission, company, carol, rita):
    Submission.objects.update(claimed_by=rita, claimed_until=timezone.now() + HOUR, due_at=timezone.now() - HOUR)
    desk.get(DESK)
    with CaptureQueriesContext(connection) as few:
        assert desk.get(DESK, {"tab": tab}).status_code == 200
    hand_in_more(company, 5)
    ask_for_access(carol)
    with CaptureQueriesContext(connection) as more:
        desk.get(DESK, {"tab": tab})
    assert len(own(few)) <= 12
    assert len(own(more)) <= 12


def test_a_stopped_clock_says_so(desk, carol):
    ask_for_access(carol, state=RequestState.MORE_ASKED, due_at=None)
    assert "Newcomer" not in text_of(desk.get(DESK))
    assert "Clock stopped" in text_of(desk.get(DESK, {"tab": "partner"}))
