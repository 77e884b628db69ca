"""An App by pull request with all of its work done, and GitHub beside it, which says what it is told to say."""

import pytest

from accounts.models import User
from apps_catalog import lifecycle
from apps_catalog.models import App
from planning.models import FieldMapping, GuideTick, Plan, PlannedAction
from planning.states import GuideItem
from pulls.lifecycle import link
from pulls.models import PullRequest, Repository
from pulls.tests.telling import REPOSITORY, Teller
from reviews import submissions
from reviews.models import Submission
from reviews.tests.conftest import confirm_everything, fill_access, fill_docs, fill_listing, pass_all


class GitHub(Teller):
    """The pull requests of a repository. Every verb is told at once, as the webhook tells it."""

    def approve(self, by: str = "reviewer-one", number: int = 1) -> int:
        return self._told_now(self.review("approved", by, number))

    def ask(self, body: str = "Mind the empty traits.", by: str = "reviewer-one", number: int = 1) -> int:
        return self._told_now(self.review("changes_requested", by, number, body))

    def dismiss_all(self, number: int = 1) -> None:
        for id_, one in self.later().source.reviews[number].items():
            self.source.reviews[number][id_] = {**one, "state": "dismissed"}
            self.source.tell_review(number, id_, "dismissed")
        self.catch_up()

    def push(self, number: int = 1) -> None:
        self.later().source.push(number)
        self.suite("success", number)
        self.catch_up()

    def check(self, conclusion: str | None, number: int = 1) -> None:
        """The suite of the newest commit comes to another end."""
        head = self.later().source.pulls[number]["head"]["sha"]
        for id_, one in self.source.suites.items():
            if one["head_sha"] == head:
                self.source.suites[id_] = {
                    **one, "conclusion": conclusion, "status": "completed" if conclusion else "in_progress",
                    "updated_at": self.source.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                }  # fmt: skip
                self.source.tell("check_suite", {"action": "completed", "check_suite": self.source.suites[id_]})
        self.catch_up()

    def set(self, number: int = 1, **values: object) -> None:
        """`draft`, `state` and so on, as a delivery about the pull request has them."""
        self.later().source.pulls[number] |= values
        self.source.tell_pull(number, "edited")
        self.catch_up()

    def close(self, number: int = 1) -> None:
        self.set(number, state="closed")

    def merge_now(self, number: int = 1) -> None:
        self.merge(number)
        self.catch_up()

    def _told_now(self, id_: int) -> int:
        self.catch_up()
        return id_


def address(number: int = 1) -> str:
    return f"https://github.com/{REPOSITORY}/pull/{number}"


def complete_plan(app: App) -> None:
    app.components.filter(kind="actions_destination").update(mode="cloud")
    plan, _ = Plan.objects.update_or_create(app=app, defaults={"summary": "Sends orders.", "auth_method": "custom"})
    Plan.objects.filter(pk=plan.pk).update(auth_notes="The key goes into a header.")
    action = PlannedAction.objects.create(
        plan=plan, key="sendOrder", name="Send Order", trigger='type = "track" and event = "Order Completed"'
    )
    FieldMapping.objects.create(action=action, key="total", label="Total", default="$.properties.total")


@pytest.fixture
def github(db) -> GitHub:
    """A repository that is watched, with three pull requests whose checks have passed."""
    Repository.objects.create(name=REPOSITORY)
    made = GitHub(pulls=3)
    for number in (1, 2, 3):
        made.suite("success", number)
    made.catch_up()
    return made


@pytest.fixture
def by_pull(app: App, alice: User, github: GitHub) -> App:
    """Building, with nothing open; pull request 1 is linked."""
    lifecycle.choose_kinds(alice, app, "subscription", "pull_request", app.revision)
    complete_plan(app)
    for item in GuideItem:
        GuideTick.objects.create(app=app, item=item, by=alice)
    fill_listing(app, alice)
    fill_docs(app, alice)
    fill_access(app, alice)
    link(alice, app, address())
    confirm_everything(app, alice)
    return App.objects.get(pk=app.pk)


@pytest.fixture
def handed_in(by_pull: App, alice: User) -> Submission:
    """Waiting, nothing judged."""
    return submissions.submit(by_pull, alice, "First version.")


@pytest.fixture
def looked_at(handed_in: Submission, rita: User) -> Submission:
    """Waiting, every step passed; GitHub has no verdict yet."""
    pass_all(handed_in, rita)
    return handed_in


def pull_of(number: int = 1) -> PullRequest:
    return PullRequest.objects.get(number=number)
