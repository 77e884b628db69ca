"""GitHub's reviews and the decision here, told by deliveries: seven rules, the train, and what undo restores."""

import pytest

from apps_catalog.lifecycle import save_listing
from apps_catalog.models import App, CatalogEntry
from apps_catalog.states import Stage
from audit.models import Record
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from notifications.states import MessageState
from pulls.lifecycle import link, release_claim
from reviews import appeals, decisions, github_side, github_verdicts, live_changes, submissions
from reviews.choices import choices
from reviews.decisions import FindingDraft
from reviews.models import Submission
from reviews.refusals import NotReady, Refused
from reviews.states import ReviewStep, SubmissionState
from reviews.tests.conftest import confirm_everything, pass_all
from reviews.tests.pulls import address, by_pull, github, handed_in, looked_at, pull_of  # noqa: F401
from runtime.github.pulls import Verdict
from trains import boarding, departing
from trains.models import Passenger
from trains.refusals import Refused as NotNow
from trains.states import PassengerState

pytestmark = pytest.mark.django_db
FINDING = FindingDraft(ReviewStep.CATALOG_INFO, "The mark is blurred.", "Draw it again.")


@pytest.fixture(autouse=True)
def _time_to_undo(settings) -> None:
    settings.UNDO_SECONDS = 600


@pytest.fixture
def approved(looked_at, github, rita) -> Submission:  # noqa: F811
    github.approve()
    decisions.approve(looked_at, rita, "Nice.")
    return looked_at


def now(submission: Submission) -> Submission:
    return Submission.objects.select_related("app", "version").get(pk=submission.pk)


def approve_update(approved, github, rita, alice) -> Submission:  # noqa: F811
    """The first version is released; an update by pull request 2 is approved, and to be merged."""
    github.merge_now()
    departing.emergency(Passenger.objects.get(app=approved.app), rita, "Now.")
    app = App.objects.get(pk=approved.app_id)
    link(alice, app, address(2))
    confirm_everything(app, alice)
    update = submissions.submit(app, alice, "Faster.")
    pass_all(update, rita)
    github.approve(number=2)
    decisions.approve(update, rita)
    return update


def kinds(**of: object) -> list[str]:
    return list(OutboxMessage.objects.filter(**of).order_by("pk").values_list("kind", flat=True))


# --- Rule 1: approving needs GitHub's approval ------------------------------------------------------------------


def test_approving_waits_for_github_and_then_boards(looked_at, github, rita, alice) -> None:  # noqa: F811
    with pytest.raises(Refused, match="GitHub does not say approved"):
        decisions.approve(looked_at, rita)
    (choice,) = [one for one in choices(looked_at) if one.verb == "approve"]
    assert "Approve it there first" in choice.blocked
    assert choice.blocked_url == address()
    github.approve()
    assert [one.blocked for one in choices(now(looked_at)) if one.verb == "approve"] == [""]
    decisions.approve(looked_at, rita)
    app = App.objects.get(pk=looked_at.app_id)
    assert (app.stage, app.live_version) == (Stage.IN_REVIEW, None)
    assert not CatalogEntry.objects.filter(app=app).exists()
    ride = Passenger.objects.get(app=app)
    assert (ride.state, ride.version, ride.head_sha) == (PassengerState.APPROVED, looked_at.version, pull_of().head_sha)
    assert OutboxMessage.objects.filter(kind="approved_for_train", recipient=alice.email).count() == 1
    assert "private_beta_approved" not in kinds()


@pytest.mark.parametrize(
    ("what", "words"), [("draft", "draft still"), ("failed", "checks failed"), ("stale", "newest commit")]
)
def test_what_else_stands_in_the_way(what, words, looked_at, github, rita) -> None:  # noqa: F811
    github.approve()
    if what == "draft":
        github.set(draft=True)
    elif what == "failed":
        github.check("failure")
    else:
        github.push()
    with pytest.raises(Refused, match=words):
        decisions.approve(looked_at, rita)
    assert now(looked_at).is_waiting


# --- Rule 2: nothing against an approval that stands there ------------------------------------------------------


def test_changes_and_rejection_are_blocked_while_github_says_approved(looked_at, github, rita) -> None:  # noqa: F811
    github.approve()
    with pytest.raises(Refused, match="Take the approval back there first"):
        decisions.request_changes(looked_at, rita, [FINDING])
    with pytest.raises(Refused, match="Take the approval back there first"):
        decisions.reject(looked_at, rita, "No.")
    assert now(looked_at).is_waiting
    github.dismiss_all()
    decisions.request_changes(looked_at, rita, [FINDING])
    assert now(looked_at).state == SubmissionState.CHANGES_REQUESTED
    assert now(looked_at).github_commit == ""


# --- Rule 3: changes requested there are requested here ---------------------------------------------------------


def test_changes_requested_in_github_are_requested_here(looked_at, github, alice) -> None:  # noqa: F811
    github.ask("Mind the empty traits.")
    found = now(looked_at)
    assert (found.state, found.decided_by, found.app.stage) == ("changes_requested", None, Stage.BUILDING)
    assert found.github_commit == pull_of().head_sha
    (finding,) = found.findings.all()
    assert "“Mind the empty traits.”" in finding.observed
    assert finding.where == address()
    assert "reviewer-one" not in finding.observed  # whose name it is, GitHub tells
    assert Record.objects.filter(action="submission.changes_requested", actor="github").count() == 1
    (mail,) = OutboxMessage.objects.filter(kind="github_changes_requested", recipient=alice.email)
    assert "Mind the empty traits." in mail.text
    github.ask("Once more.")  # the decision has been made
    assert found.findings.count() == 1


def test_an_answer_is_handed_in_and_is_not_asked_for_again(looked_at, github, alice) -> None:  # noqa: F811
    """GitHub keeps a request for changes until its reviewer takes it back, whatever was pushed since."""
    github.ask()
    with pytest.raises(NotReady, match="open") as refused:
        submissions.submit(looked_at.app, alice, "Nothing new.")
    assert [item.id for item in refused.value.items] == ["pull_request"]
    github.push()
    again = submissions.submit(App.objects.get(pk=looked_at.app_id), alice, "Traits are minded.")
    assert again.follows_id == looked_at.pk
    github.check("success")
    assert now(again).is_waiting
    assert pull_of().verdict == Verdict.CHANGES_REQUESTED
    github.ask("Not yet.")  # the same verdict as before, about the new commit
    assert now(again).state == SubmissionState.CHANGES_REQUESTED


def test_who_comes_after_github_reads_so(looked_at, github, rita) -> None:  # noqa: F811
    as_it_was = Submission.objects.get(pk=looked_at.pk)
    github.ask()
    with pytest.raises(StaleState) as late:
        decisions.reject(as_it_was, rita, "No.")
    assert "already changes requested (GitHub" in decisions.who_was_first(late.value)


# --- Rules 4 and 5: what GitHub takes back ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["dismissed", "pushed", "draft", "failed", "elsewhere"])
def test_an_approval_falls_with_that_in_github(how, approved, github, alice, rita) -> None:  # noqa: F811
    {
        "dismissed": github.dismiss_all, "pushed": github.push, "draft": lambda: github.set(draft=True),
        "failed": lambda: github.check("failure"), "elsewhere": lambda: github.set(base={"ref": "next"}),
    }[how]()  # fmt: skip
    found = now(approved)
    assert found.is_waiting
    assert found.decided_by is None
    assert found.message == ""
    assert found.app.stage == Stage.IN_REVIEW
    assert Passenger.objects.get(app=approved.app).state == PassengerState.TAKEN_OFF
    assert OutboxMessage.objects.get(kind="approved_for_train", recipient=alice.email).state == MessageState.DROPPED
    assert "review_reopened" in kinds(recipient=alice.email)
    assert "github_to_review" in kinds(recipient=rita.email)
    assert Record.objects.filter(action="submission.reopened", actor="github").count() == 1


@pytest.mark.parametrize("is_merged", [False, True])
def test_an_approval_falls_with_the_claim(is_merged, approved, github, alice, rita) -> None:  # noqa: F811
    """Somebody else's pull request was handed in, and found out only when it was approved."""
    if is_merged:
        github.merge_now()
    assert release_claim(rita, pull_of())
    found = now(approved)
    assert (found.is_waiting, found.app.stage) == (True, Stage.IN_REVIEW)
    assert Passenger.objects.get(app=approved.app).state == PassengerState.TAKEN_OFF
    assert "not linked to the App any more" in OutboxMessage.objects.get(kind="github_to_review").text
    if not is_merged:
        github.merge_now()
    assert boarding.heal() == 0
    assert not Passenger.objects.travelling().exists()
    with pytest.raises(Refused, match="not linked any more"):
        decisions.approve(found, rita)


def test_changes_requested_after_the_approval_are_one_message(approved, github, alice) -> None:  # noqa: F811
    github.ask(by="reviewer-two")
    assert now(approved).state == SubmissionState.CHANGES_REQUESTED
    assert Passenger.objects.get(app=approved.app).state == PassengerState.TAKEN_OFF
    assert "github_changes_requested" in kinds(recipient=alice.email)
    assert "review_reopened" not in kinds()


def test_github_takes_its_request_back(looked_at, github, alice, rita) -> None:  # noqa: F811
    github.ask()
    github.approve()
    found = now(looked_at)
    assert found.is_waiting
    assert found.app.stage == Stage.IN_REVIEW
    assert found.findings.get().struck_at is not None
    assert (
        OutboxMessage.objects.get(kind="github_changes_requested", recipient=alice.email).state == MessageState.DROPPED
    )
    assert "review_reopened" not in kinds()  # nobody had heard of the request yet
    decisions.approve(found, rita)
    assert Passenger.objects.get(app=found.app).is_travelling


def test_a_request_that_was_told_is_taken_back_aloud(looked_at, github, alice) -> None:  # noqa: F811
    github.ask()
    OutboxMessage.objects.filter(kind="github_changes_requested").update(state=MessageState.SENT)
    github.approve()
    assert "review_reopened" in kinds(recipient=alice.email)


def test_a_new_commit_has_to_be_handed_in(looked_at, github) -> None:  # noqa: F811
    github.ask()
    github.push()
    github.approve()
    assert now(looked_at).state == SubmissionState.CHANGES_REQUESTED


def test_what_a_person_asked_for_stays(looked_at, github, rita) -> None:  # noqa: F811
    decisions.request_changes(looked_at, rita, [FINDING])
    github.approve()
    assert now(looked_at).state == SubmissionState.CHANGES_REQUESTED


# --- Rules 6 and 7: closed, merged --------------------------------------------------------------------------------


def test_closed_without_a_merge_is_withdrawn(looked_at, github, alice) -> None:  # noqa: F811
    github.close()
    found = now(looked_at)
    assert (found.state, found.app.stage) == (SubmissionState.WITHDRAWN, Stage.BUILDING)
    assert "github_closed" in kinds(recipient=alice.email)
    assert Record.objects.get(action="submission.withdrawn").actor == "github"
    github.set(state="open")
    assert now(looked_at).state == SubmissionState.WITHDRAWN


def test_closed_after_the_approval(approved, github, alice) -> None:  # noqa: F811
    github.close()
    assert now(approved).state == SubmissionState.WITHDRAWN
    assert Passenger.objects.get(app=approved.app).state == PassengerState.TAKEN_OFF
    assert "review_reopened" not in kinds()


def test_merged_while_waiting_the_decision_is_needed_still(looked_at, github, rita) -> None:  # noqa: F811
    github.approve()
    github.merge_now()
    assert now(looked_at).is_waiting
    assert kinds(recipient=rita.email).count("github_to_review") == 1
    decisions.approve(looked_at, rita)
    assert Passenger.objects.get(app=looked_at.app).state == PassengerState.READY


def test_merged_against_the_decision_alerts_the_team(looked_at, github, rita) -> None:  # noqa: F811
    decisions.reject(looked_at, rita, "Not a fit.")
    github.merge_now()
    mail = OutboxMessage.objects.get(kind="github_to_review", recipient=rita.email)
    assert "Merged without an approval" in mail.subject
    github.check("success")
    assert OutboxMessage.objects.filter(kind="github_to_review", recipient=rita.email).count() == 1


# --- Undo, appeals, the train ------------------------------------------------------------------------------------


def test_undo_takes_the_passenger_off(approved, rita, alice) -> None:
    decisions.undo(approved, rita)
    found = now(approved)
    assert found.is_waiting
    assert found.app.stage == Stage.IN_REVIEW
    assert Passenger.objects.get(app=found.app).state == PassengerState.TAKEN_OFF
    assert OutboxMessage.objects.get(kind="approved_for_train", recipient=alice.email).state == MessageState.DROPPED


def test_what_was_released_is_rolled_back_and_not_undone(approved, github, rita, alice) -> None:  # noqa: F811
    github.merge_now()
    ride = Passenger.objects.get(app=approved.app)
    departing.emergency(ride, rita, "Customers cannot log in.")
    app = App.objects.get(pk=approved.app_id)
    assert (app.stage, app.live_version) == (Stage.PRIVATE_BETA, approved.version)
    # That it would leave is no news any more.
    assert OutboxMessage.objects.get(kind="approved_for_train", recipient=alice.email).state == MessageState.DROPPED
    with pytest.raises(Refused, match="released meanwhile"):
        decisions.undo(approved, rita)
    ride.refresh_from_db()
    departing.roll_back(ride, rita, "It sends nothing.")
    found = now(approved)
    assert (found.state, found.app.stage) == (SubmissionState.CHANGES_REQUESTED, Stage.BUILDING)
    assert "It sends nothing." in found.findings.get().observed
    with pytest.raises(Refused, match="released and rolled back"):
        decisions.undo(found, rita)
    assert ["rolled back" in one.blocked for one in choices(found)] == [True]
    with pytest.raises(NotReady) as refused:
        submissions.submit(found.app, alice, "Again.")
    assert "pull_request" in [item.id for item in refused.value.items]
    assert "rolled back" in next(item.reason for item in refused.value.items if item.id == "pull_request")


def test_a_commit_that_was_rolled_back_does_not_board_again(approved, github, rita) -> None:  # noqa: F811
    github.merge_now()
    ride = Passenger.objects.get(app=approved.app)
    departing.emergency(ride, rita, "Now.")
    departing.roll_back(ride, rita, "It sends nothing.")
    Submission.objects.filter(pk=approved.pk).update(state=SubmissionState.WAITING, decided_at=None)  # by any way
    with pytest.raises(Refused, match="released and rolled back"):
        decisions.approve(now(approved), rita)
    assert not Passenger.objects.travelling().exists()


def test_a_rollback_is_about_the_release_that_it_takes_back(approved, github, rita, alice) -> None:  # noqa: F811
    """The next version is approved already: it is held back by a person, and its review stays as it is."""
    update = approve_update(approved, github, rita, alice)
    github.merge_now(2)
    first, second = Passenger.objects.order_by("pk")
    assert second.state == PassengerState.READY
    with pytest.raises(NotNow, match=r"Version \d+ of this App is on its way out. Hold it back first"):
        departing.roll_back(first, rita, "It sends nothing.")
    departing.hold(second, rita, "The one before is rolled back.")
    departing.roll_back(first, rita, "It sends nothing.")
    assert now(approved).state == SubmissionState.CHANGES_REQUESTED
    assert "It sends nothing." in approved.findings.get().observed
    assert (now(update).state, update.findings.count()) == (SubmissionState.APPROVED, 0)
    assert now(update).app.stage == Stage.IN_REVIEW  # from where the second one can leave
    departing.unhold(second, rita)
    departing.emergency(second, rita, "It is mended in this one.")
    assert App.objects.get(pk=approved.app_id).live_version == second.version


def test_a_rollback_takes_back_what_changed_words_of_the_release(approved, github, rita, alice) -> None:  # noqa: F811
    github.merge_now()
    ride = Passenger.objects.get(app=approved.app)
    departing.emergency(ride, rita, "Now.")
    again = submissions.submit(App.objects.get(pk=approved.app_id), alice, "Another setting.")
    pass_all(again, rita)
    decisions.approve(again, rita)
    departing.roll_back(ride, rita, "It sends nothing.")
    assert now(again).state == SubmissionState.CHANGES_REQUESTED
    assert OutboxMessage.objects.get(kind="update_approved", recipient=alice.email).state == MessageState.DROPPED


def test_github_cannot_be_undone_against_its_word(looked_at, github, rita) -> None:  # noqa: F811
    github.ask()
    with pytest.raises(Refused, match="Dismiss that review there first"):
        decisions.undo(now(looked_at), rita)
    github.dismiss_all()
    decisions.undo(now(looked_at), rita)
    assert now(looked_at).is_waiting


def test_an_appeal_against_github(looked_at, github, alice, rita) -> None:  # noqa: F811
    github.ask()
    appeal = appeals.appeal(now(looked_at), alice, "They are minded already.")
    with pytest.raises(Refused, match="Dismiss"):
        appeals.overturn(appeal, rita, "So they are.")
    github.approve()  # which settles it
    appeal.refresh_from_db()
    assert now(looked_at).is_waiting
    assert not appeal.is_waiting


def test_one_change_after_the_other(approved, alice) -> None:
    App.objects.filter(pk=approved.app_id).update(stage=Stage.PRIVATE_BETA)  # as for an update of a live App
    with pytest.raises(Refused, match="waits for its release"):
        submissions.submit(App.objects.get(pk=approved.app_id), alice, "More.")


def test_a_released_commit_needs_no_train(approved, github, rita, alice) -> None:  # noqa: F811
    """A change of the name or a setting goes out at once, when there is nothing to deploy."""
    github.merge_now()
    departing.emergency(Passenger.objects.get(app=approved.app), rita, "Now.")
    app = App.objects.get(pk=approved.app_id)
    again = submissions.submit(app, alice, "Another setting.")
    pass_all(again, rita)
    decisions.approve(again, rita)
    assert Passenger.objects.filter(app=app).count() == 1
    assert App.objects.get(pk=app.pk).live_version == again.version
    github.dismiss_all()  # customers have it: what GitHub says now is about nothing that travels
    assert now(again).state == SubmissionState.APPROVED


def test_what_went_live_meanwhile_is_not_taken_back(approved, github, rita, alice) -> None:  # noqa: F811
    """D49: small changes of a live App need no train, and none that leaves later undoes them."""
    approve_update(approved, github, rita, alice)
    app = App.objects.get(pk=approved.app_id)
    listing = app.listing
    save_listing(alice, app, {"website": "https://new.acme.example"}, listing.revision)
    assert live_changes.put_live(alice, app, "listing")
    github.merge_now(2)
    departing.emergency(Passenger.objects.travelling().get(), rita, "Now, too.")
    live = App.objects.select_related("live_version").get(pk=app.pk).live_version.manifest
    assert live["listing"]["website"] == "https://new.acme.example"
    assert live["components"][0]["pull_request"] == address(2)


def test_another_pull_request_says_nothing_about_this_one(looked_at, github, alice) -> None:  # noqa: F811
    """The draft may be linked to the next one already while the version waits."""
    link(alice, looked_at.app, address(2))
    github.ask(number=2)
    assert now(looked_at).is_waiting
    github.ask()
    assert now(looked_at).state == SubmissionState.CHANGES_REQUESTED


def test_apps_without_a_pull_request_cost_no_query(submission, django_assert_num_queries) -> None:
    assert submission.version.manifest
    with django_assert_num_queries(0):
        assert github_side.side_of(submission) is None


def test_an_ended_app_is_left_alone(looked_at, github) -> None:  # noqa: F811
    App.objects.filter(pk=looked_at.app_id).update(stage=Stage.DEPRECATED)
    github.ask()
    assert now(looked_at).is_waiting
    assert github_verdicts.follow(looked_at.app_id, pull_of()) == ()
