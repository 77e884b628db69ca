"""What `bench.github` does inside a product: Apps whose pull requests are told about."""

from apps_catalog.models import App, Component
from apps_catalog.states import ComponentKind
from partners.models import Company
from pulls.models import PullRequest, Repository
from runtime.tests.github_source import REPOSITORY


def fill(pulls: int) -> None:
    """One App for each pull request of the source."""
    repository = Repository.objects.create(name=REPOSITORY)
    company = Company.objects.create(name="Bench", slug="bench")
    for number in range(1, pulls + 1):
        slug = f"bench-{number}"
        app = App.objects.create(company=company, name=slug, slug=slug, skeleton=slug, processes="pull_request")
        pull = PullRequest.objects.create(repository=repository, number=number, app=app)
        Component.objects.create(app=app, kind=ComponentKind.ACTIONS_DESTINATION, pull_request=pull.url)
