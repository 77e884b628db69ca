"""The demo's Apps by pull request: one is on board of the next release train, one left in the emergency lane.

What GitHub would tell is told: signed, at the door that GitHub uses.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from apps_catalog import lifecycle
from apps_catalog.models import App
from apps_catalog.states import Collects, ComponentKind, Processes
from devcenter.demo.github import REPOSITORY, Telling
from devcenter.demo.planning import write_plan
from devcenter.demo.preparing import approve, describe_app, finish_checklist
from devcenter.demo.serving import ask
from partners.models import Company
from planning import guide
from planning.states import GuideItem
from pulls.lifecycle import link
from pulls.models import Repository
from reviews import submissions
from reviews.models import Submission
from trains.departing import emergency
from trains.models import Passenger

# What each App is called; the key names its pictures and its text (`preparing.ABOUT`).
PULL_APPS = {"pull_request": "Acme Atlas", "released": "Acme Beacon"}
NUMBERS = {"pull_request": 118, "released": 104}
WHY_AT_ONCE = "Customers of the former integration lose events until this one is out."
# GitHub's words are older than the decisions here.
BEGAN = timedelta(days=2)


def pull_app(company: Company, owner: User, reviewer: User, key: str) -> App:
    """The App with its plan and a ticked guide; what is missing is made."""
    name = PULL_APPS[key]
    app = App.objects.filter(company=company, name=name).first() or lifecycle.create_app(owner, company, name)
    if not app.collects:
        lifecycle.choose_kinds(owner, app, Collects.SUBSCRIPTION, Processes.PULL_REQUEST, app.revision)
        app.refresh_from_db()
    lifecycle.add_component(owner, app, ComponentKind.ACTIONS_DESTINATION)
    describe_app(app, owner, key)
    write_plan(app, owner, reviewer)
    for item in GuideItem:
        guide.tick(owner, app, item)
    return App.objects.get(pk=app.pk)


def send_on_their_way(apps: Mapping[str, App], people: dict[str, User], say: Callable[[str], None]) -> None:
    """Bring those on board that are not; needs the site, for what GitHub tells it."""
    for key, app in apps.items():
        if settings.GITHUB_WEBHOOK_SECRETS and not app.passengers.exists():
            say(f"{app}: from its pull request to the release train")
            _bring_on_board(app, people, key)
    _leave_at_once(apps["released"], people["reviewer"])


def _bring_on_board(app: App, people: dict[str, User], key: str) -> None:
    """Changes are asked for at GitHub, made, and approved at both places."""
    owner, pull = people["owner"], _pull_request(app, key)
    pull.open()
    pull.check()
    link(owner, app, pull.url)
    finish_checklist(app, owner)
    submissions.submit(app, owner, "The first version.")
    pull.review("changes_requested", "Please use a preset for the mapping of orders.")
    pull.push()
    pull.check()
    app.refresh_from_db()
    submissions.submit(app, owner, "Orders are mapped by a preset now.")
    pull.review("approved", "Good to go.")
    approve(Submission.objects.waiting().get(app=app), people)
    pull.merge()


def _leave_at_once(app: App, reviewer: User) -> None:
    passenger = Passenger.objects.travelling().filter(app=app).first()
    if passenger:
        emergency(passenger, reviewer, WHY_AT_ONCE)


def _pull_request(app: App, key: str) -> Telling:
    """What is told again, by the same number in the same order, changes nothing."""
    Repository.objects.get_or_create(name=REPOSITORY)
    text = f"Adds a destination for {app}: people are identified, orders are sent with what they cost."
    began = timezone.now() - BEGAN
    return Telling(_post, settings.GITHUB_WEBHOOK_SECRETS[0], NUMBERS[key], f"Add {app}", text, began)


def _post(path: str, headers: Mapping[str, str], body: bytes) -> int:
    answer = ask("POST", path, tuple(headers.items()), body)
    return answer.status if answer else 0
