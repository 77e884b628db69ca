"""What pages say of an App by pull request once it is merged: on board, released, or with changes requested."""

import pytest
from django.urls import reverse

from apps_catalog.models import App
from reviews import decisions, submissions
from reviews.checklist import checklist
from reviews.desk.tests.conftest import desk  # noqa: F401
from reviews.models import Submission
from reviews.refusals import Refused
from reviews.tests.pulls import by_pull, github, handed_in, looked_at  # noqa: F401
from trains import departing
from trains.models import Passenger

pytestmark = pytest.mark.django_db
NOT_YET = "waits for its release. Write in the thread if something is wrong with it"
SOON = "Once it is approved here, too"


@pytest.fixture
def partner(client_for, alice):
    return client_for(alice)


@pytest.fixture
def on_board(looked_at, github, rita) -> App:  # noqa: F811
    github.approve()
    decisions.approve(looked_at, rita)
    github.merge_now()
    return App.objects.get(pk=looked_at.app_id)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def page(client, name: str, app: App) -> str:
    return text_of(client.get(reverse(name, args=[app.slug])))


def test_submit_promises_nothing_while_a_version_is_on_board(partner, on_board, alice) -> None:
    html = page(partner, "app-submit", on_board)
    assert NOT_YET in html
    assert "Everything a reviewer needs is there" not in html
    assert "you have an answer by" not in html
    assert 'id="submit-form"' not in html
    answer = partner.post(reverse("app-submit", args=[on_board.slug]), {
        "note": "My words.", "tests": ["unit_tests", "end_to_end"], "video": "https://video.example/1",
        "one_integration": "on",
    })  # fmt: skip
    assert answer.status_code == 422
    assert NOT_YET in text_of(answer)
    assert "My words." in text_of(answer)
    assert "you have an answer by" not in text_of(answer)
    with pytest.raises(Refused, match="approved and waits for its release"):
        submissions.submit(on_board, alice)


def test_before_the_merge_a_version_that_travels_is_mended_by_a_push(looked_at, github, rita) -> None:  # noqa: F811
    assert submissions.refusal(looked_at.app).startswith("An App that is")
    github.approve()
    decisions.approve(looked_at, rita)
    assert "Push to its pull request if something is wrong" in submissions.refusal(looked_at.app)


def test_the_page_of_the_pull_request_says_what_its_ride_says(partner, on_board, rita) -> None:
    html = page(partner, "app-pull", on_board)
    assert SOON not in html
    assert "Submit for review</a>" not in html
    live = page(partner, "app-pull-live", on_board)
    assert "It is approved here, too, and on board: see below." in live
    assert "On board of the train of" in live
    assert "<dt>Cut-off at Segment’s office</dt>" in live
    assert "hx-get" in live
    departing.emergency(Passenger.objects.get(), rita, "Now.")
    live = page(partner, "app-pull-live", on_board)
    assert "It is released." in live
    assert SOON not in live
    assert "Submit for review</a>" not in live
    assert "hx-get" not in live


def test_merged_and_not_decided_waits_for_the_approval_here(partner, handed_in, github) -> None:  # noqa: F811
    github.merge_now()
    assert SOON in page(partner, "app-pull", handed_in.app)


def test_the_header_says_on_board_and_has_no_button_for_waiting(partner, on_board) -> None:
    html = page(partner, "app-detail", on_board)
    head = html.split('class="app-head__meta"')[1].split("</section>")[0]
    assert "On board" in head
    assert "app-head__next" not in head


def test_the_desk_does_not_ask_for_an_approval_that_is_there(desk, on_board, looked_at) -> None:  # noqa: F811
    html = text_of(desk.get(f"{reverse('review-submission', args=[looked_at.pk])}?part=pull"))
    assert "<li>It is merged.</li>" in html


def test_changes_requested_after_the_merge_ask_for_a_new_pull_request(partner, handed_in, github) -> None:  # noqa: F811
    github.merge_now()
    github.ask("Mind the empty traits.")
    assert "new pull request" in Submission.objects.get().findings.get().todo
    app = App.objects.get(pk=handed_in.app_id)
    reason = checklist(app).item("pull_request").reason
    assert reason == "A review asks for changes, and it is merged. Make them in a new pull request and link it."
    review = page(partner, "app-review", app)
    assert "make them in a new pull request and link it" in review
    assert "Push them to the pull request" not in review
    assert "It is merged: make them in a new pull request and link it." in page(partner, "app-pull", app)


def test_nothing_asks_for_the_test_suite_where_it_runs_nothing(partner, desk, handed_in) -> None:  # noqa: F811
    suite, words = "Run the Test Suite with it", "Its checks at GitHub passed, and its tests are ticked"
    for name in ("app-submit", "app-review"):
        html = page(partner, name, handed_in.app)
        assert words in html
        assert suite not in html
    assert "No runs yet" not in page(partner, "suite-home", handed_in.app)
    html = text_of(desk.get(reverse("review-submission", args=[handed_in.pk])))
    assert f'-title">{words}<' in html
    assert f'-title">{suite}' not in html
    assert "The Test Suite is green or yellow" not in html
    assert "The checks at GitHub passed" in html
    assert "part=wire" not in html
