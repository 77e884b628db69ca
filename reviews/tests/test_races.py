"""Two people at once (F24, F25, T24): exactly one transition, one mail, one record; the loser learns who and when.

Real threads on a real database, PostgreSQL and SQLite. Every round starts behind a barrier, and all rounds of a test
share their threads. What led to a round is put back by plain writes where it can be: by the verbs it takes ten times
as long as the race itself.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from apps_catalog import lifecycle
from apps_catalog.models import App, CatalogEntry, Component
from apps_catalog.states import Stage
from audit.models import Chain, Record
from audit.recording import verify as verify_chain
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from reviews import beta, decisions, enquiries, launches, releases, submissions
from reviews.decisions import FindingDraft
from reviews.models import Enquiry, Finding, Release, Submission, Verification
from reviews.refusals import NotReady
from reviews.states import EnquiryKind, ReviewStep, SubmissionState
from reviews.tests.conftest import confirm_everything, finish_suite
from tests.counts import count
from tests.racing import Crew
from tests.sandbox import tried, verified

ROUNDS = count(3, 200)
# Of what has to be made anew by the verbs for each round, at ten times the price.
MADE_ANEW = count(2, 50)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
FINDING = FindingDraft(ReviewStep.LOG_IN, "seen", "todo")


@pytest.fixture
def at_once(db) -> Iterator[Callable[..., list[Any]]]:
    """`tests.racing.at_once` by one crew for all rounds of the test."""
    with Crew() as crew:
        yield crew.at_once


def fresh(submission: Submission) -> Submission:
    """A copy as another request would load it."""
    return Submission.objects.select_related("app").get(pk=submission.pk)


def losers(answers: list[Any]) -> list[StaleState]:
    """Those who came second; any other exception is a failure."""
    found = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(error, StaleState) for error in found), found
    return [error for error in found if isinstance(error, StaleState)]


DECISIONS = {
    "approve": lambda submission, person: decisions.approve(submission, person),
    "request_changes": lambda submission, person: decisions.request_changes(submission, person, [FINDING]),
    "reject": lambda submission, person: decisions.reject(submission, person, "No."),
}
ACTIONS = ("submission.approved", "submission.changes_requested", "submission.rejected", "submission.withdrawn")
MAILS = ("private_beta_approved", "update_approved", "changes_requested", "rejected")


def judge_rounds(made: Submission, play: Callable[[int], list[Any]]) -> list[str]:
    """Rounds of `play` about one submission; each must end in exactly one transition. The states reached."""
    reached, put_back = [], remembered(made, made.app)
    mails = OutboxMessage.objects.filter(kind__in=MAILS)
    decisions_on_record = Record.objects.filter(action__in=ACTIONS)
    for number in range(ROUNDS):
        answers = play(number)
        assert len(losers(answers)) == len(answers) - 1
        made = Submission.objects.select_related("decided_by").get(pk=made.pk)
        reached.append(made.state)
        assert decisions_on_record.count() == number + 1
        assert mails.count() == (0 if made.state == SubmissionState.WITHDRAWN else 1)
        for error in losers(answers):
            words = decisions.who_was_first(error)
            assert made.get_state_display() in words
            if made.decided_by:
                assert made.decided_by.display_name in words
        mails.delete()
        Finding.objects.all().delete()
        CatalogEntry.objects.all().delete()
        put_back()
    assert not list(verify_chain(Chain.objects.get(name=made.app.chain)))
    return reached


def remembered(*rows: Model) -> Callable[[], None]:
    """What puts `rows` back to how they are stored now."""
    tables = [type(row)._default_manager.filter(pk=row.pk) for row in rows]
    stored = [table.values().get() for table in tables]

    def put_back() -> None:
        for table, values in zip(tables, stored, strict=True):
            table.update(**values)

    return put_back


def test_two_reviewers_decide(judged: Submission, rita, adam, at_once) -> None:
    verbs = list(DECISIONS.values())

    def play(number: int) -> list[Any]:
        first, second = verbs[number % 3], verbs[(number + 1) % 3]
        one, two = fresh(judged), fresh(judged)
        return at_once(lambda: first(one, rita), lambda: second(two, adam))

    judge_rounds(judged, play)


def test_decide_against_withdraw(judged: Submission, alice, rita, at_once) -> None:
    def play(number: int) -> list[Any]:
        decide = list(DECISIONS.values())[number % 3]
        one, two = fresh(judged), fresh(judged)
        return at_once(lambda: decide(one, rita), lambda: submissions.withdraw(two, alice))

    assert SubmissionState.WAITING not in judge_rounds(judged, play)


def test_submit_pressed_by_many_hands_is_one_submission(ready: App, alice, bob, at_once) -> None:
    for number in range(MADE_ANEW):
        copies = [App.objects.get(pk=ready.pk) for _ in range(4)]
        answers = at_once(*(partial(submissions.submit, app, alice, "Mine.") for app in copies))
        assert {answer.pk for answer in answers} == {Submission.objects.waiting().get().pk}
        assert Record.objects.filter(action="submission.submitted").count() == number + 1
        assert OutboxMessage.objects.filter(kind="submission_received", recipient=alice.email).count() == number + 1
        submissions.withdraw(answers[0], alice)


def test_two_reviewers_release(asked: Release, rita, adam, settings, at_once) -> None:
    settings.UNDO_SECONDS = 600
    for number in range(ROUNDS):
        Release.objects.update(claimed_by=None, claimed_until=None)
        one, two = Release.objects.get(pk=asked.pk), Release.objects.get(pk=asked.pk)
        answers = at_once(partial(releases.release, one, rita), partial(releases.release, two, adam))
        assert len(losers(answers)) == 1
        assert Record.objects.filter(action="release.released").count() == number + 1
        assert OutboxMessage.objects.filter(kind="live", state="queued").count() == 1
        releases.undo_release(Release.objects.get(pk=asked.pk), rita)


def test_two_workers_launch(asked: Release, rita, settings, at_once) -> None:
    """The beat runs twice at the same moment: the App is listed once, and its makers hear of it once."""
    settings.UNDO_SECONDS = 600
    for number in range(MADE_ANEW):
        row = Release.objects.get(pk=asked.pk)
        Release.objects.filter(pk=asked.pk).update(launch_at=timezone.now() + timedelta(days=1))
        releases.release(row, rita)
        Release.objects.filter(pk=asked.pk).update(launch_at=timezone.now())
        assert sorted(at_once(*[launches.launch_due] * 3)) == [0, 0, 1]
        assert Record.objects.filter(action="release.listed").count() == number + 1
        assert OutboxMessage.objects.filter(kind="live", state="queued").count() == 1
        assert App.objects.get(pk=asked.app_id).stage == Stage.PUBLIC_BETA
        releases.undo_release(Release.objects.get(pk=asked.pk), rita)


def test_everything_a_double_click_can_reach(in_beta: App, alice, carol, rita, at_once) -> None:
    tried(carol, in_beta)
    for number in range(count(2, 50)):
        apps = [App.objects.get(pk=in_beta.pk) for _ in range(3)]
        address = f"c{number}@customer.example"
        said = at_once(*(partial(beta.verify, app, carol, "Works.") for app in apps))
        assert not losers(said)
        invited = at_once(*(partial(beta.invite, app, alice, address) for app in apps))
        assert len({invite.pk for invite in invited}) == 1
        told = at_once(*(partial(beta.report_problem, app, carol, f"Broken {number}") for app in apps))
        assert len({problem.pk for problem, _ in told}) == 1
        asked = at_once(*(partial(enquiries.ask, app, rita, EnquiryKind.REPLAY) for app in apps))
        assert len({enquiry.pk for enquiry in asked}) == 1
        assert OutboxMessage.objects.filter(kind="replay_request").count() == 1
        assert OutboxMessage.objects.filter(kind="customer_verified").count() == 1
        assert OutboxMessage.objects.filter(kind="beta_invitation", recipient=address).count() == 1
        in_beta.problems.all().delete()
        in_beta.beta_invites.all().delete()
    assert Verification.objects.count() == Enquiry.objects.count() == 1


def test_asking_to_go_public_by_many_hands(in_beta: App, alice, carol, rita, at_once) -> None:
    verified(in_beta, carol, "Works.")
    copies = [App.objects.get(pk=in_beta.pk) for _ in range(6)]
    answers = at_once(*(partial(releases.ask_to_go_public, app, alice) for app in copies))
    assert {answer.pk for answer in answers} == {Release.objects.get().pk}
    assert OutboxMessage.objects.filter(kind="release_requested").count() == 1


def test_what_is_frozen_is_what_was_proven(ready: App, alice, bob, at_once) -> None:
    """The endpoint changes while somebody submits (T24): the version has the proven one, or there is none."""
    for number in range(MADE_ANEW):
        app, component = App.objects.get(pk=ready.pk), Component.objects.get(app=ready)
        proven = component.endpoint
        moved = f"https://hook.acme.example/{number}"
        change = partial(lifecycle.set_endpoint, bob, component, moved, component.revision)
        made, changed = at_once(partial(submissions.submit, app, alice, "Mine."), change)
        assert "endpoint" in changed
        if isinstance(made, NotReady):
            # The run is stale, and so is what was confirmed about the component that it tested.
            assert "proof" in [item.id for item in made.items]
        else:
            assert made.version.manifest["components"][0]["endpoint"] == proven
            submissions.withdraw(made, alice)
        finish_suite(Component.objects.get(app=ready))
        confirm_everything(App.objects.get(pk=ready.pk), alice)
