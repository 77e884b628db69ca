"""Two people at once (F24, F25, T24): exactly one transition, one mail, one record; the loser learns who and when.

Real threads on a real database, PostgreSQL and SQLite. Every round starts behind a barrier.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from apps_catalog import lifecycle
from apps_catalog.models import App, Component
from apps_catalog.states import Stage
from audit.models import Chain, Record
from audit.recording import verify as verify_chain
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from reviews import attestations, beta, decisions, enquiries, launches, releases, submissions
from reviews.decisions import FindingDraft
from reviews.models import Enquiry, Release, Submission, Verification
from reviews.refusals import NotReady
from reviews.states import Attested, EnquiryKind, ReviewStep, SubmissionState
from reviews.tests.conftest import finish_suite, pass_all
from tests.counts import count
from tests.racing import at_once

ROUNDS = count(8, 200)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
FINDING = FindingDraft(ReviewStep.LOG_IN, "seen", "todo")


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
MAILS = ("private_beta_approved", "changes_requested", "rejected")


def judge_rounds(ready: App, alice: User, rita: User, play: Callable[[Submission, int], list[Any]]) -> list[str]:
    """Rounds of submit, judge, play; each must end in exactly one transition. The states reached."""
    reached = []
    for number in range(ROUNDS):
        app = App.objects.get(pk=ready.pk)
        made = submissions.submit(app, alice, f"Round {number}")
        pass_all(made, rita)
        records = Record.objects.filter(action__in=ACTIONS).count()
        mails = OutboxMessage.objects.filter(kind__in=(*MAILS, "update_approved")).count()
        answers = play(made, number)
        assert len(losers(answers)) == len(answers) - 1
        made.refresh_from_db()
        reached.append(made.state)
        assert Record.objects.filter(action__in=ACTIONS).count() == records + 1
        told = 0 if made.state == SubmissionState.WITHDRAWN else 1
        assert OutboxMessage.objects.filter(kind__in=(*MAILS, "update_approved")).count() == mails + told
        for error in losers(answers):
            words = decisions.who_was_first(error)
            assert made.get_state_display() in words
            if made.decided_by:
                assert made.decided_by.display_name in words
    assert not list(verify_chain(Chain.objects.get(name=ready.chain)))
    return reached


def test_two_reviewers_decide(ready: App, alice, rita, adam) -> None:
    verbs = list(DECISIONS.values())

    def play(made: Submission, number: int) -> list[Any]:
        first, second = verbs[number % 3], verbs[(number + 1) % 3]
        one, two = fresh(made), fresh(made)
        return at_once(lambda: first(one, rita), lambda: second(two, adam))

    judge_rounds(ready, alice, rita, play)


def test_decide_against_withdraw(ready: App, alice, rita) -> None:
    def play(made: Submission, number: int) -> list[Any]:
        one, two = fresh(made), fresh(made)
        return at_once(lambda: decisions.reject(one, rita, "No."), lambda: submissions.withdraw(two, alice))

    reached = judge_rounds(ready, alice, rita, play)
    assert set(reached) <= {SubmissionState.REJECTED, SubmissionState.WITHDRAWN}


def test_submit_pressed_by_many_hands_is_one_submission(ready: App, alice, bob) -> None:
    for number in range(ROUNDS):
        copies = [App.objects.get(pk=ready.pk) for _ in range(4)]
        answers = at_once(*(partial(submissions.submit, app, alice, "Mine.") for app in copies))
        assert {answer.pk for answer in answers} == {Submission.objects.waiting().get().pk}
        assert Record.objects.filter(action="submission.submitted").count() == number + 1
        assert OutboxMessage.objects.filter(kind="submission_received", recipient=alice.email).count() == number + 1
        submissions.withdraw(answers[0], alice)


def test_two_reviewers_release(asked: Release, rita, adam, settings) -> None:
    settings.UNDO_SECONDS = 600
    for number in range(ROUNDS):
        one, two = Release.objects.get(pk=asked.pk), Release.objects.get(pk=asked.pk)
        answers = at_once(partial(releases.release, one, rita), partial(releases.release, two, adam))
        assert len(losers(answers)) == 1
        assert Record.objects.filter(action="release.released").count() == number + 1
        assert OutboxMessage.objects.filter(kind="live", state="queued").count() == 1
        releases.undo_release(Release.objects.get(pk=asked.pk), rita)


def test_two_workers_launch(asked: Release, rita, settings) -> None:
    """The beat runs twice at the same moment: the App is listed once, and its makers hear of it once."""
    settings.UNDO_SECONDS = 600
    for number in range(ROUNDS):
        row = Release.objects.get(pk=asked.pk)
        Release.objects.filter(pk=asked.pk).update(launch_at=timezone.now() + timedelta(days=1))
        releases.release(row, rita)
        Release.objects.filter(pk=asked.pk).update(launch_at=timezone.now())
        assert sorted(at_once(*[launches.launch_due] * 3)) == [0, 0, 1]
        assert Record.objects.filter(action="release.listed").count() == number + 1
        assert OutboxMessage.objects.filter(kind="live", state="queued").count() == 1
        assert App.objects.get(pk=asked.app_id).stage == Stage.PUBLIC_BETA
        releases.undo_release(Release.objects.get(pk=asked.pk), rita)


def test_everything_a_double_click_can_reach(in_beta: App, alice, carol, rita) -> None:
    for number in range(count(5, 50)):
        apps = [App.objects.get(pk=in_beta.pk) for _ in range(3)]
        address = f"c{number}@customer.example"
        verified = at_once(*(partial(beta.verify, app, carol, "Works.") for app in apps))
        assert not losers(verified)
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


def test_asking_to_go_public_by_many_hands(in_beta: App, alice, carol, rita) -> None:
    beta.verify(in_beta, carol, "Works.")
    copies = [App.objects.get(pk=in_beta.pk) for _ in range(6)]
    answers = at_once(*(partial(releases.ask_to_go_public, app, alice) for app in copies))
    assert {answer.pk for answer in answers} == {Release.objects.get().pk}
    assert OutboxMessage.objects.filter(kind="release_requested").count() == 1


def test_what_is_frozen_is_what_was_proven(ready: App, alice, bob) -> None:
    """The endpoint changes while somebody submits (T24): the version has the proven one, or there is none."""
    for number in range(ROUNDS):
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
        for item in Attested.values:
            attestations.attest(App.objects.get(pk=ready.pk), alice, Attested(item))
