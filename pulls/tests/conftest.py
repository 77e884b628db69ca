"""An App that goes out by pull request, the pull request, and what GitHub says about it."""

import pytest

from apps_catalog.lifecycle import add_component
from apps_catalog.models import App
from pulls import lifecycle
from pulls.models import PullRequest, Repository
from pulls.tests.telling import REPOSITORY, Teller


@pytest.fixture
def repository(db) -> Repository:
    return Repository.objects.create(name=REPOSITORY)


@pytest.fixture
def pull_app(app, alice) -> App:
    """Alice's App, with a destination by pull request beside its webhook."""
    add_component(alice, app, "actions_destination")
    return app


@pytest.fixture
def teller(repository) -> Teller:
    """GitHub, about one pull request; nothing was told yet."""
    return Teller()


@pytest.fixture
def linked(pull_app, alice, repository) -> PullRequest:
    return lifecycle.link(alice, pull_app, f"https://github.com/{REPOSITORY}/pull/1")
