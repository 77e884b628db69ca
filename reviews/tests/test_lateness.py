"""Promises that were not kept: one apology with a new date, one word to the team, one reminder, and no more."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from audit.models import Record
from leases.transitions import StaleState
from notifications.models import Notice, OutboxMessage
from partners import lateness
from partners import lifecycle as partners
from partners.models import AccessRequest, AgreementVersion, Policy
from reviews import decisions, releases, submissions
from reviews.decisions import FindingDraft
from reviews.lateness import KINDS, run_clock
from reviews.models import Release, ServiceLevels, Submission
from reviews.states import ReviewStep
from reviews.tasks import run_sla_clock
from reviews.tests.conftest import finish_work
from reviews.waits import release_wait, review_wait
from tests.counts import count
from tests.racing import at_once

pytestmark = pytest.mark.django_db
SOON, MINUTE = timedelta(days=30), timedelta(minutes=1)


def mails(kind: str) -> list[str]:
    return list(OutboxMessage.objects.filter(kind=kind).order_by("recipient").values_list("recipient", flat=True))


def steps(now) -> list[tuple[str, str]]:
    return [(step.kind, step.step) for step in run_clock(now)]


@pytest.fixture
def access_request(carol) -> AccessRequest:
    answers = {"company_name": "Carol’s Customers", "company_website": "https://customer.example"}
    made = partners.start(carol, answers)
    partners.submit(made, carol, AgreementVersion.objects.in_force())
    return made


@pytest.fixture(params=["access", "submission", "release"])
def waiting(request):
    """A row that waits for Segment, of each kind."""
    names = {"access": "access_request", "submission": "submission", "release": "asked"}
    return request.getfixturevalue(names[request.param])


def test_a_promise_that_still_holds_moves_nothing(waiting, rita):
    assert steps(waiting.due_at) == []


def test_a_missed_date_gets_an_apology_a_new_date_and_word_to_the_team_once(waiting, rita, alice, bob, viv, carol):
    promised, now = waiting.due_at, waiting.due_at + MINUTE

    assert [step for _, step in steps(now)] == [lateness.APOLOGY]
    assert steps(now + MINUTE) == []

    waiting.refresh_from_db()
    assert waiting.promised_at == promised
    assert waiting.due_at > now
    partner = [carol.email] if isinstance(waiting, AccessRequest) else [alice.email, bob.email]
    assert (mails("wait_late"), mails("wait_overdue")) == (partner, [rita.email])
    late = Record.objects.get(action__endswith=".late")
    assert (late.data["promised"], late.data["due"]) == (promised.isoformat(), waiting.due_at.isoformat())
    assert Notice.objects.filter(kind="wait_late").count() == len(partner)


def test_when_the_new_date_passes_the_team_is_reminded_once_and_the_partner_not_again(waiting, rita, carol):
    list(run_clock(waiting.due_at + MINUTE))
    waiting.refresh_from_db()
    apologies, now = mails("wait_late"), waiting.due_at + MINUTE

    assert [step for _, step in steps(now)] == [lateness.REMINDER]
    assert steps(now + SOON) == []

    first = waiting.promised_at
    waiting.refresh_from_db()
    assert (waiting.promised_at, waiting.chased_at) == (first, now)
    assert mails("wait_late") == apologies
    assert mails("wait_overdue") == [rita.email] * 2


def test_a_dry_run_names_the_steps_and_changes_nothing(waiting, rita):
    now, before = waiting.due_at + MINUTE, OutboxMessage.objects.count()
    planned = list(run_clock(now, dry_run=True))
    waiting.refresh_from_db()
    assert (len(planned), waiting.promised_at, OutboxMessage.objects.count()) == (1, None, before)
    assert planned[0].due_at == next(iter(run_clock(now))).due_at


def test_a_decision_that_came_first_leaves_the_clock_nothing_to_do(submission, rita):
    """The worker read the row before the reviewer decided."""
    kind, now = KINDS[1], submission.due_at + MINUTE
    read_before = kind.late(now)[0]
    decisions.request_changes(submission, rita, [FindingDraft(ReviewStep.LOG_IN, "seen", "todo")])
    assert not lateness._take(kind, read_before, lateness.APOLOGY, now, now)
    assert mails("wait_late") == []


def test_a_request_that_is_asked_about_waits_for_the_applicant(access_request, rita):
    due = access_request.due_at
    partners.ask_more(access_request, rita, "Which product?")
    assert steps(due + SOON) == []


def test_answering_again_makes_a_fresh_promise(access_request, carol, rita):
    list(run_clock(access_request.due_at + MINUTE))
    access_request.refresh_from_db()
    partners.ask_more(access_request, rita, "Which product?")
    partners.submit(access_request, carol)
    access_request.refresh_from_db()
    assert (access_request.promised_at, access_request.chased_at) == (None, None)
    assert access_request.due_at > timezone.now()


def test_one_row_that_fails_leaves_the_others_alone(submission, access_request, rita, monkeypatch):
    def fail(row):
        raise RuntimeError("no")

    monkeypatch.setattr("reviews.lateness.KINDS", (lateness.ACCESS, replace_apology(KINDS[1], fail)))
    now = max(submission.due_at, access_request.due_at) + MINUTE
    found = {step.kind: step.error for step in run_clock(now)}
    assert found == {"access": "", "submission": "RuntimeError: no"}
    submission.refresh_from_db()
    assert submission.promised_at is None


def replace_apology(kind, fail):
    return type(kind)(**{name: getattr(kind, name) for name in kind.__slots__} | {"apologise": fail})


def test_the_command_and_the_beat_do_the_same(submission, rita):
    with time_machine.travel(submission.due_at + MINUTE, tick=False):
        planned = command("--dry-run")
        run_sla_clock()
        assert [step["id"] for step in planned["steps"]] == [str(submission.pk)]
        assert command()["steps"] == []
        assert ServiceLevels.objects.get().figures["review"]["waiting_late"] == 1
    assert mails("wait_overdue") == [rita.email]


def command(*options: str) -> dict:
    out = StringIO()
    call_command("run_sla_clock", "--json", *options, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_the_new_date_of_a_review_is_by_the_policy_it_was_submitted_under(submission):
    Policy.objects.create(late_days=5)
    now = submission.due_at + MINUTE
    step = next(iter(run_clock(now)))
    assert step.due_at - now < timedelta(days=5)


# --- What people are told ----------------------------------------------------------------------------------


def test_a_late_wait_says_both_dates_and_a_fresh_one_how_much_is_used(submission):
    with time_machine.travel(submission.submitted_at, tick=False):
        wait = review_wait(submission)
        assert (wait.percent, wait.is_late, wait.acts_next) == (0, False, "Segment")
    now = submission.due_at + MINUTE
    list(run_clock(now))
    submission.refresh_from_db()
    with time_machine.travel(now, tick=False):
        wait = review_wait(submission)
    assert (wait.is_late, wait.promised_at < wait.due_at, wait.tone) == (True, True, "warning")


def test_a_wait_for_the_partner_stands_still(submission, rita):
    decisions.request_changes(submission, rita, [FindingDraft(ReviewStep.LOG_IN, "seen", "todo")])
    wait = review_wait(submission)
    assert (wait.is_paused, wait.due_at, wait.acts_next) == (True, None, "You")
    assert "until you submit again" in wait.pauses


def test_nobody_waits_for_what_is_decided_or_released(asked, rita):
    submission = Submission.objects.get()
    releases.release(asked, rita)
    assert review_wait(submission) is None
    assert release_wait(asked) is None


def test_the_pages_show_the_wait(submission, alice, client_for):
    now, slug = submission.due_at + MINUTE, submission.app.slug
    list(run_clock(now))
    with time_machine.travel(now, tick=False):
        client = client_for(alice)
        for path in (f"/apps/{slug}/", f"/apps/{slug}/review/"):
            page = client.get(path).content.decode()
            assert "We are late, and we are sorry" in page
            assert "Acts next" in page


# --- Two at once ---------------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_clocks_and_a_decision_at_once(app, alice, rita):
    """The step is taken once, by one of the clocks, or not at all when the partner was quicker."""
    finish_work(app, alice)
    written = 0
    for number in range(count(5, 200)):
        app.refresh_from_db()
        made = submissions.submit(app, alice)
        now = made.due_at + MINUTE
        OutboxMessage.objects.all().delete()

        answers = at_once(
            lambda now=now: steps(now), lambda now=now: steps(now), lambda made=made: submissions.withdraw(made, alice)
        )

        assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, StaleState)]
        taken = sum(len(one) for one in answers[:2])
        assert (taken, len(mails("wait_late")), len(mails("wait_overdue"))) == (taken, taken, taken), number
        assert taken in (0, 1)
        written += taken
        assert Record.objects.filter(action="submission.late").count() == written


def test_a_release_is_never_promised_twice_for_the_same_day(asked: Release, rita):
    now = asked.due_at + MINUTE
    step = next(iter(run_clock(now)))
    assert step.due_at == releases.next_release(Policy.current(), now)
