"""Many more of everything that tests/world.py has one of: copies of its rows, written in bulk.

What a page shows grows with each `add_crowd`, except what the product itself limits: an App has at most four
components and fifty settings, a run as many results as its plan has cases, a submission twenty findings.
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App, CatalogEntry, CodeVersion, EchoRequest, EntryCategory
from audit.recording import record
from installs.models import ClientSecret, FlowTrial, Install
from metadata.models import TemplateDraft
from notifications.models import ArrivedMail, InboundMail, Notice, OutboxMessage, SlackChannel
from partners.models import AccessRequest, Invitation, Membership
from partners.states import Role
from planning.models import SlackSeat
from pulls.models import PullRequest
from reviews.models import BetaInvite, Problem, Release, ThreadEntry, Verification
from testbench.models import CaseResult, SuiteRun
from tests.seeing import add_seeing
from tests.world import World
from trains.models import Passenger
from upkeep.models import Inquiry, NightlyCheck, Risk
from workspaces.models import Destination, Workspace, WorkspaceInvitation, WorkspaceMember, WriteKey

# So many of each crowd become members; the others stay customers, who count.
MEMBERS = 26
# Given to each copy: a function of its running number.
Changes = Callable[[int], Any]


def copies(row: Any, numbers: Iterable[int], **changes: Changes) -> list[Any]:
    """As many rows like `row` as there are numbers, with `changes` made; fields that must differ are the caller's."""
    fields = [field for field in row._meta.concrete_fields if not (field.primary_key and "id" not in changes)]
    values = {field.attname: getattr(row, field.attname) for field in fields}
    made = [{name: change(number) for name, change in changes.items()} for number in numbers]
    return list(type(row).objects.bulk_create([type(row)(**values | new) for new in made]))


def add_crowd(world: World, numbers: range) -> None:
    """One more of everything for each number; numbers of later calls must be others."""
    people = add_people(world, numbers)
    add_to_company(world, numbers, people)
    add_apps(world, numbers, people)
    add_to_apps(world, numbers, people)
    add_messages(world, numbers)
    add_workspaces(world, numbers, people)
    add_seeing(copies, world.slots, numbers)
    add_enabling(world, numbers)
    add_pulls(world, numbers)
    add_passengers(world, numbers)
    owner = world.people["owner"]
    notice, mail = Notice.objects.filter(user=owner).earliest("pk"), OutboxMessage.objects.earliest("created_at")
    copies(notice, numbers, message_id=lambda number: None, text=lambda number: f"Notice {number}")
    copies(
        mail, numbers, id=lambda number: uuid.uuid4(), message_id=lambda number: f"<{number}@example.com>",
        dedupe_key=lambda number: None,
    )  # fmt: skip


def add_workspaces(world: World, numbers: range, people: list[User]) -> None:
    """More workspaces of the owner; in the first one more of everything that it has one of."""
    first = Workspace.objects.get(slug=world.slots["ws"])
    source = first.sources.get(slug=world.slots["source"])
    destination = source.destinations.get(app__slug=world.slots["app_slug"])
    made = copies(first, numbers, name=lambda number: f"Lab {number}", slug=lambda number: f"lab-{number}")
    owner = world.people["owner"]
    WorkspaceMember.objects.bulk_create([WorkspaceMember(workspace=each, user=owner, role="owner") for each in made])
    WorkspaceMember.objects.bulk_create([WorkspaceMember(workspace=first, user=user, role="viewer") for user in people])
    invitation = WorkspaceInvitation.objects.get(pk=world.slots["ws_invitation"])
    copies(
        invitation, numbers, email=lambda number: f"asked{number}@many.example",
        token_hash=lambda number: f"workspace-{number}",
    )  # fmt: skip
    sources = copies(source, numbers, name=lambda number: f"Shop {number}", slug=lambda number: f"shop-{number}")
    WriteKey.objects.bulk_create([WriteKey(source=each) for each in [*sources, *[source] * len(numbers)]])
    apps = list(
        App.objects.exclude(destinations__source=source).filter(deleted_at=None).order_by("-pk")[: len(numbers)]
    )
    copies(destination, range(len(apps)), app_id=lambda number: apps[number].pk)
    own = [Destination(source=each, app=destination.app, settings_sealed="") for each in sources]
    Destination.objects.bulk_create(own)


def add_enabling(world: World, numbers: range) -> None:
    """More secrets, requests for a scope and installs that are over, and installs in other workspaces."""
    now = timezone.now()
    secret = ClientSecret.objects.get(pk=world.slots["oauth_secret"])
    copies(secret, numbers, digest=lambda number: f"digest-{number}", retired_at=lambda number: now)
    copies(secret.client.scope_requests.earliest("pk"), numbers, state=lambda number: "withdrawn")
    install = Install.objects.get(pk=world.slots["install"])
    made = list(Workspace.objects.filter(name__in=[f"Lab {number}" for number in numbers]))
    copies(install, range(len(made)), workspace_id=lambda number: made[number].pk)
    copies(install, numbers, state=lambda number: "ended", ended_at=lambda number: now)
    trial = FlowTrial.objects.get(public_id=world.slots["flow_trial"])
    copies(trial, numbers, public_id=lambda number: f"trial-{number}", state=lambda number: "passed")


def add_passengers(world: World, numbers: range) -> None:
    """More Apps on board, and more releases of one."""
    passenger = Passenger.objects.get(pk=world.slots["passenger"])
    out = {"state": lambda number: "departed", "departed_at": lambda number: passenger.approved_at}
    copies(passenger, numbers, **out)
    apps = App.objects.exclude(passengers__state="ready").filter(deleted_at=None).order_by("-pk")[: len(numbers)]
    found = list(apps.values_list("pk", flat=True))
    copies(passenger, range(len(found)), app_id=lambda number: found[number])


def add_pulls(world: World, numbers: range) -> None:
    """More reviews and suites of the pull request, more of them in its repository, and deliveries."""
    pull = PullRequest.objects.get(pk=world.slots["pull"])
    now = timezone.now()
    copies(pull, numbers, number=lambda number: 1_000 + number, app_id=lambda number: None)
    copies(pull.reviews.earliest("pk"), numbers, github_id=lambda number: 5_000 + number)
    copies(pull.repository.suites.earliest("pk"), numbers, github_id=lambda number: 5_000 + number)
    told = pull.deliveries.earliest("pk")
    copies(told, numbers, guid=lambda number: f"guid-{number}", received_at=lambda number: now)


def add_messages(world: World, numbers: range) -> None:
    """A longer thread, more mails that came in, and more channels."""
    waiting = App.objects.get(slug=world.slots["in_review"])
    for kind in ("message", "note"):
        entry = ThreadEntry.objects.filter(app=waiting, kind=kind).earliest("pk")
        copies(entry, numbers, token=lambda number: None)
    mail, channel = InboundMail.objects.earliest("pk"), SlackChannel.objects.earliest("pk")
    copies(ArrivedMail.objects.earliest("pk"), numbers)
    copies(mail, numbers, digest=lambda number: f"digest-{number}")
    copies(channel, numbers, name=lambda number: f"#channel-{number}")


def add_people(world: World, numbers: range) -> list[User]:
    """Customers, each with an address that is verified and a request for access that waits."""
    people = copies(world.people["customer"], numbers, email=lambda number: f"customer{number}@many.example")
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people]
    )
    request = AccessRequest.objects.get(pk=world.slots["access_request"])
    of_number = dict(zip(numbers, people, strict=True))
    copies(request, numbers, applicant_id=lambda number: of_number[number].pk)
    return people


def add_to_company(world: World, numbers: range, people: list[User]) -> None:
    invitation = Invitation.objects.get(pk=world.slots["invitation"])
    company = invitation.company
    SlackSeat.objects.bulk_create([SlackSeat(company=company, user=user) for user in people])
    Membership.objects.bulk_create(
        [Membership(company=company, user=user, role=Role.VIEWER) for user in people[:MEMBERS]]
    )
    copies(
        invitation, numbers, email=lambda number: f"invited{number}@many.example",
        token_hash=lambda number: f"invitation-{number}",
    )  # fmt: skip


# --- Apps ------------------------------------------------------------------------------------------


def add_apps(world: World, numbers: range, people: list[User]) -> None:
    """Apps of the same company that wait for review, that ask to go public, and that are in the catalog."""
    for slot in ("building", "in_review", "beta", "public"):
        model = App.objects.get(slug=world.slots[slot])
        apps = copy_app(model, numbers)
        add_customers(model, apps, people)
        if slot == "in_review":
            copy_submissions(model, apps)


def copy_app(model: App, numbers: range) -> list[App]:
    """Apps with draft, live version and catalog entry like those of `model`."""
    name: Changes = lambda number: f"{model.slug}-{number}"  # noqa: E731
    apps = copies(model, numbers, name=name, slug=name, skeleton=name, live_version_id=lambda number: None)
    for part in (model.listing, model.reviewer_access, *model.components.all(), *model.settings.all()):
        attach(part, apps)
    attach(model.echo, apps, token=lambda app: f"token-{app.pk}")
    if model.live_version:
        versions = attach(model.live_version, apps)
        for app, version in zip(apps, versions, strict=True):
            app.live_version = version
        App.objects.bulk_update(apps, ["live_version"])
    if hasattr(model, "entry"):
        copy_entries(model.entry, apps)
    return apps


def attach(part: Any, apps: list[App], **changes: Callable[[App], Any]) -> list[Any]:
    """A copy of `part` for each of the Apps."""
    of_index = {name: (lambda index, change=change: change(apps[index])) for name, change in changes.items()}
    return copies(part, range(len(apps)), app_id=lambda index: apps[index].pk, **of_index)


def copy_entries(entry: CatalogEntry, apps: list[App]) -> None:
    entries = attach(
        entry, apps, version_id=lambda app: app.live_version_id, name=lambda app: app.name, slug=lambda app: app.slug
    )
    links = [(made, link) for made in entries for link in entry.entry_categories.all()]
    EntryCategory.objects.bulk_create(
        [EntryCategory(entry=made, category_id=link.category_id, position=link.position) for made, link in links]
    )


def copy_submissions(model: App, apps: list[App]) -> None:
    """Each App hands in one version, which waits."""
    versions = attach(model.versions.latest("number"), apps)
    of_app = {version.app_id: version for version in versions}
    waiting = model.submissions.get(state="waiting")
    attach(waiting, apps, id=lambda app: uuid.uuid4(), version_id=lambda app: of_app[app.pk].pk)


def add_customers(model: App, apps: list[App], people: list[User]) -> None:
    """A customer of each App who has confirmed it, and a release like that of `model`, if it has one."""
    user_of = {app.pk: user.pk for app, user in zip(apps, people, strict=True)}
    if said := model.verifications.first():
        attach(said, apps, user_id=lambda app: user_of[app.pk], version_id=lambda app: app.live_version_id)
    if release := Release.objects.filter(app=model).first():
        attach(release, apps)


def add_to_apps(world: World, numbers: range, people: list[User]) -> None:
    """More of what hangs on one App: runs, requests to its endpoint, versions, customers, records."""
    building, waiting, in_beta = (App.objects.get(slug=world.slots[slot]) for slot in ("building", "in_review", "beta"))
    add_runs(building, numbers)
    copies(TemplateDraft.objects.get(pk=world.slots["template_draft"]), numbers)
    copies(Inquiry.objects.get(pk=world.slots["inquiry"]), numbers)
    version = CodeVersion.objects.filter(component__app=building).earliest("pk")
    copies(version, numbers, number=lambda number: number + 100)
    EchoRequest.objects.bulk_create([EchoRequest(inbox=building.echo, method="POST", body="{}") for _ in numbers])
    add_history(waiting, numbers)
    of_number = dict(zip(numbers, people, strict=True))
    token: Changes = lambda number: f"beta-{number}"  # noqa: E731
    copies(
        BetaInvite.objects.get(pk=world.slots["beta_invite"]), numbers, token_hash=token,
        email=lambda number: of_number[number].email,
    )  # fmt: skip
    said = Verification.objects.filter(app=in_beta, user=world.people["customer"]).get()
    copies(said, numbers, user_id=lambda number: of_number[number].pk)
    check, risk = NightlyCheck.objects.earliest("pk"), Risk.objects.earliest("pk")
    copies(check, numbers, night=lambda number: check.night - timedelta(days=number + 100))
    copies(risk, numbers, state=lambda number: "cleared", ended_at=lambda number: risk.since)
    problem = Problem.objects.earliest("pk")
    copies(problem, numbers, digest=lambda number: f"digest-{number}")
    for app in (building, waiting, in_beta):
        for number in numbers:
            record(world.people["owner"], "component.changed", app, chain=app.chain, number=number)


def add_runs(app: App, numbers: range) -> None:
    single = SuiteRun.objects.filter(app=app, kind="single").earliest("created_at")
    now = timezone.now()
    runs = copies(
        single, numbers, id=lambda number: uuid.uuid4(), state=lambda number: "finished",
        verdict=lambda number: "green", finished_at=lambda number: now,
    )  # fmt: skip
    result = CaseResult.objects.filter(run=single).earliest("position")
    copies(result, range(len(runs)), run_id=lambda index: runs[index].pk)


def add_history(app: App, numbers: range) -> None:
    """Versions that were handed in and sent back."""
    first = app.submissions.get(version__number=1)
    versions = copies(first.version, numbers, number=lambda number: number + 100)
    of_number = dict(zip(numbers, versions, strict=True))
    copies(
        first, numbers, id=lambda number: uuid.uuid4(), version_id=lambda number: of_number[number].pk,
        submitted_at=lambda number: first.submitted_at - timedelta(minutes=number),
    )  # fmt: skip
