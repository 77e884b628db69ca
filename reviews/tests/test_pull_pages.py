"""Pages of an App by pull request: the submission that is filled from the description, checklist, desk."""

import json
import re

import pytest
from django.urls import reverse

from apps_catalog.models import App
from apps_catalog.states import Stage
from planning.models import GuideTick, PlannedAction
from pulls.lifecycle import unlink
from reviews import decisions
from reviews.checklist import checklist
from reviews.desk.tests.conftest import desk  # noqa: F401
from reviews.items import ItemState
from reviews.models import Submission
from reviews.tests.conftest import confirm_everything
from reviews.tests.pulls import address, by_pull, github, handed_in, looked_at, pull_of  # noqa: F401
from trains import departing
from trains.models import Passenger

pytestmark = pytest.mark.django_db
BODY = """Adds Acme, because customers asked.

## Testing
- [x] Added [unit tests](https://example.com)
- [ ] Tested end-to-end using the local server
- [x] Tested for regression
"""


@pytest.fixture
def partner(client_for, alice):
    return client_for(alice)


@pytest.fixture
def page(by_pull, github) -> str:  # noqa: F811
    github.set(body=BODY)
    return reverse("app-submit", args=[by_pull.slug])


def states(app: App) -> dict[str, ItemState]:
    return {item.id: item.state for item in checklist(app).items}


# --- The checklist ------------------------------------------------------------------------------------------------


def test_the_checklist_asks_for_plan_pull_request_checks_and_guide(by_pull, github, alice) -> None:  # noqa: F811
    found = states(by_pull)
    assert {name: found[name] for name in ("plan", "pull_request", "checks", "guide")} == dict.fromkeys(
        ("plan", "pull_request", "checks", "guide"), ItemState.DONE
    )
    assert "proof" not in found
    assert checklist(by_pull).blocking == []
    github.check(None)
    assert states(by_pull)["checks"] == ItemState.WAITING
    github.check("failure")
    assert states(by_pull)["checks"] == ItemState.OPEN
    github.set(draft=True)
    PlannedAction.objects.all().delete()
    GuideTick.objects.first().delete()
    now = checklist(by_pull)
    assert {item.id for item in now.blocking} == {"plan", "pull_request", "checks", "guide"}
    assert "draft" in now.item("pull_request").reason
    unlink(alice, by_pull)
    assert checklist(by_pull).item("pull_request").reason.startswith("Link the pull request")


def test_a_pull_request_for_another_branch_cannot_be_handed_in(by_pull, github) -> None:  # noqa: F811
    github.set(base={"ref": "next"})
    assert "Releases are made from “main”" in checklist(by_pull).item("pull_request").reason


# --- Submit for Review ----------------------------------------------------------------------------------------------


def test_the_form_is_filled_from_the_description(partner, page) -> None:
    html = partner.get(page).content.decode()
    assert "Adds Acme, because customers asked." in html
    assert 'value="unit_tests" id="id_tests_0" checked' in html
    assert 'value="end_to_end" id="id_tests_1">' in html
    assert 'value="Tested for regression" id="id_tests_2" checked' in html
    assert "Video of the test" not in html


def test_both_tests_have_to_be_done_and_what_was_typed_stays(partner, page, by_pull) -> None:  # noqa: F811
    response = partner.post(page, {"note": "My words.", "tests": ["unit_tests", "gone box"]})
    html = response.content.decode()
    assert response.status_code == 422
    assert "An end-to-end test with the local server." in html
    assert "My words." in html
    assert "Adds Acme" not in html
    assert re.search(r'value="unit_tests"[^>]* checked', html)
    assert not by_pull.submissions.exists()


def test_looking_from_outside_first_keeps_what_was_typed(partner, page, by_pull) -> None:  # noqa: F811
    partner.post(reverse("app-submit-check", args=[by_pull.slug]), {"note": "Mine.", "tests": ["end_to_end"]})
    html = partner.get(page).content.decode()
    assert "Mine." in html
    assert "Adds Acme" not in html
    assert 'value="end_to_end" id="id_tests_1" checked' in html
    assert 'value="unit_tests" id="id_tests_0">' in html


def test_what_is_kept_of_a_submission(partner, page, by_pull) -> None:  # noqa: F811
    ticks = ["unit_tests", "end_to_end", "Tested for regression"]
    assert partner.post(page, {"note": "Adds Acme.", "tests": ticks}).status_code == 303
    made = Submission.objects.get(app=by_pull)
    assert made.tests_done == [
        "Unit tests for what is new", "An end-to-end test with the local server", "Tested for regression",
    ]  # fmt: skip
    assert made.pull["url"] == address()
    assert made.pull["head_sha"] == pull_of().head_sha
    about = json.loads(made.frozen.document)["submission"]
    assert about["pull"] == made.pull
    assert about["tests_done"] == made.tests_done
    assert "reviewer-one" not in made.frozen.document


def test_an_update_shows_a_video_and_changes_one_integration(partner, page, looked_at, github, alice, rita) -> None:  # noqa: F811
    """D49."""
    github.approve()
    decisions.approve(looked_at, rita)
    github.merge_now()
    departing.emergency(Passenger.objects.get(), rita, "Now.")
    assert App.objects.get(pk=looked_at.app_id).stage == Stage.PRIVATE_BETA
    html = partner.get(page).content.decode()
    assert "Video of the test" not in html  # nothing new to deploy: the listing alone may change
    partner.post(reverse("app-pull-link", args=[looked_at.app.slug]), {"address": address(2), "revision": _revision()})
    confirm_everything(App.objects.get(), alice)
    ticks = {"note": "Faster.", "tests": ["unit_tests", "end_to_end"]}
    refused = partner.post(page, ticks)
    assert refused.status_code == 422
    assert "Link a video of the test." in refused.content.decode()
    video = {"video": "https://video.example/1", "one_integration": "on"}
    response = partner.post(page, ticks | video)
    assert response.status_code == 303, response.content.decode()
    assert Submission.objects.order_by("-submitted_at").first().pull["video"] == "https://video.example/1"


def _revision() -> int:
    return App.objects.get().components.get().revision


# --- The desk -------------------------------------------------------------------------------------------------------


def test_the_desk_shows_what_github_says_and_blocks(desk, looked_at, github) -> None:  # noqa: F811
    url = reverse("review-submission", args=[looked_at.pk])
    html = desk.get(f"{url}?part=pull").content.decode()
    assert "Not reviewed yet" in html
    assert "Checks passed" in html
    assert "GitHub does not say approved" in html
    assert f'href="{address()}"' in html
    github.approve()
    github.push()
    html = desk.get(f"{url}?part=pull").content.decode()
    assert "Since it was handed in" in html
    assert "What was pushed since" in html
    refused = desk.post(url, {"act": "approve", "part": "pull"})
    assert refused.status_code == 422
    assert "Approve it there first" in refused.content.decode()
    github.approve()
    assert desk.post(url, {"act": "approve", "seen": pull_of().head_sha}).status_code == 303
    assert Passenger.objects.get().is_travelling


@pytest.mark.parametrize("act", ["approve", "request_changes", "reject"])
def test_what_was_pushed_while_somebody_looked_is_looked_at_first(act, desk, looked_at, github) -> None:  # noqa: F811
    """T24: the page is of commit A; B is pushed, and approved in GitHub by somebody else."""
    url = reverse("review-submission", args=[looked_at.pk])
    seen = _seen_on(desk.get(url).content.decode())
    assert seen == pull_of().head_sha
    github.push()
    if act == "approve":
        github.approve()
    typed = {
        "message": "I looked at it.",
        "finding-0-step": "log_in",
        "finding-0-observed": "No.",
        "finding-0-todo": "X.",
    }
    for posted in (typed | {"act": act, "seen": seen}, typed | {"act": act}):
        refused = desk.post(url, posted)
        html = refused.content.decode()
        assert refused.status_code == 422
        assert "The partner pushed while you looked" in html
        assert "I looked at it." in html
        assert _seen_on(html) == pull_of().head_sha
        assert Submission.objects.get().is_waiting
    assert desk.post(url, typed | {"act": act, "seen": pull_of().head_sha}).status_code == 303
    assert not Submission.objects.get().is_waiting


def _seen_on(html: str) -> str:
    return re.search(r'name="seen" value="(\w+)"', html)[1]


def test_other_apps_have_no_such_part(desk, submission) -> None:  # noqa: F811
    url = reverse("review-submission", args=[submission.pk])
    assert "part=pull" not in desk.get(url).content.decode()
    assert "not built by pull request" in desk.get(f"{url}?part=pull").content.decode()


def test_the_partner_reads_what_github_decided(partner, looked_at, github) -> None:  # noqa: F811
    github.ask("Mind the empty traits.")
    html = partner.get(reverse("app-review", args=[looked_at.app.slug])).content.decode()
    assert "Mind the empty traits." in html
    assert f'href="{address()}"' in html
