"""Apps by pull request that were approved, and the people who run the train."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import choose_kinds, create_app, move_stage
from apps_catalog.models import App, AppVersion
from apps_catalog.states import Collects, Processes
from apps_catalog.versions import freeze
from partners.models import Company
from pulls.models import PullRequest, Repository
from runtime.github.pulls import Verdict
from trains.boarding import board
from trains.models import Passenger

PACIFIC = ZoneInfo("America/Los_Angeles")
WEDNESDAY = date(2026, 11, 25)


def pacific(*parts: int) -> datetime:
    """A moment by the clock of the office, in UTC."""
    return datetime(*parts, tzinfo=PACIFIC).astimezone(UTC)


MONDAY, FRIDAY = pacific(2026, 11, 23, 9), pacific(2026, 11, 20, 12)
CUTOFF, RELEASE_DAY = pacific(2026, 11, 24, 17), pacific(2026, 11, 25, 10)


def make_pull(app: App, number: int, merged_at: datetime | None = None, head: str = "a1b2c3") -> PullRequest:
    repository, _ = Repository.objects.get_or_create(name="segmentio/action-destinations")
    return PullRequest.objects.create(
        repository=repository, number=number, app=app, at=timezone.now(), head_sha=head, merged_at=merged_at,
        is_open=merged_at is None, title="A new destination", base="main", verdict=Verdict.APPROVED,
    )  # fmt: skip


def merge(pull: PullRequest, at: datetime) -> PullRequest:
    """As GitHub's word about the merge leaves it; nobody is told yet."""
    pull.merged_at, pull.is_open = at, False
    pull.save(update_fields=["merged_at", "is_open"])
    return pull


def app_in_review(owner: User, company: Company, name: str) -> App:
    app = create_app(owner, company, name)
    choose_kinds(owner, app, Collects.SUBSCRIPTION, Processes.PULL_REQUEST, app.revision)
    app.refresh_from_db()
    freeze(app, owner)
    move_stage(app, "submit", owner)
    return app


def newest(app: App) -> AppVersion:
    return app.versions.order_by("-number").first()


@pytest.fixture
def pulled(app, alice) -> App:
    """The App of the company, in review, with one version that was handed in."""
    return app_in_review(alice, app.company, "Pulled")


@pytest.fixture
def pull(pulled) -> PullRequest:
    return make_pull(pulled, 7)


@pytest.fixture
def boarded(pulled, pull, rita) -> Passenger:
    """Approved by Rita, not merged yet."""
    return board(pulled, newest(pulled), pull, rita)


@pytest.fixture
def clock(time_machine) -> Callable[[datetime], None]:
    """Moves the clock; it stands on Monday morning of a week with a train at first."""
    time_machine.move_to(MONDAY, tick=False)
    return lambda moment: time_machine.move_to(moment, tick=False)


@pytest.fixture
def ready(clock, pulled, pull, rita) -> Passenger:
    """Merged on Friday, approved on Monday: on board of Wednesday's train."""
    return board(pulled, newest(pulled), merge(pull, FRIDAY), rita)
