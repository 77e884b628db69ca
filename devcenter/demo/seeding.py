"""Making the demo, step by step; each step is skipped when it has been done, so a second run changes nothing."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from apps_catalog import lifecycle
from apps_catalog.models import App, CatalogEntry
from apps_catalog.states import Collects, ComponentKind, Processes, Stage
from devcenter.demo import enabling, pulling, sandbox
from devcenter.demo.coding import code_app, start_runs
from devcenter.demo.people import CAST, PASSWORD, ensure_people
from devcenter.demo.preparing import API_KEY, approve, describe_app, finish_checklist
from devcenter.demo.pulling import PULL_APPS
from devcenter.demo.serving import site_running
from partners import lifecycle as partners
from partners.models import AccessRequest, AgreementVersion, Company, Policy
from partners.states import Criterion, CriterionOutcome, Role
from reviews import beta, releases, submissions
from reviews.models import Submission

CATALOG = Path(__file__).resolve().parents[2] / "apps_catalog" / "data" / "segment-catalog.json"
# What each App is called, and how far it gets.
APPS = {
    "building": "Acme Forecast",
    "private_beta": "Acme Alerts",
    "public": "Acme Metrics",
    "in_review": "Globex Pulse",  # of the other company, so that the review desk has something to do
}
# Made of code alone; no stage is promised for it.
CODE_APP = "Acme Streams"
Say = Callable[[str], None]


def is_untouched() -> bool:
    """Whether nobody but the demo's own people uses this database."""
    return not User.objects.exclude(email__in=[person.email for person in CAST]).exists()


def seed(say: Say) -> None:
    """Make whatever of the demo is missing."""
    people = ensure_people()
    if not CatalogEntry.objects.exists():
        say("Loading the public catalog")
        call_command("import_catalog", CATALOG, stdout=io.StringIO(), stderr=io.StringIO())
    acme = _company(people["owner"], people["reviewer"], "Acme", "https://acme.example")
    globex = _company(people["stranger"], people["reviewer"], "Globex", "https://globex.example")
    _member(acme, people["owner"], people["developer"], Role.DEVELOPER)
    _member(acme, people["owner"], people["viewer"], Role.VIEWER)
    apps = {key: _app(acme, people["owner"], key) for key in APPS if key != "in_review"}
    waiting = _app(globex, people["stranger"], "in_review")
    for role in sandbox.SOURCES:
        sandbox.workspace_of(role, people[role])
    enabling.client_of(apps["public"], people["owner"])
    streams = code_app(acme, people["owner"], CODE_APP)
    describe_app(streams, people["owner"], "code")
    by_pull = {key: pulling.pull_app(acme, people["owner"], people["reviewer"], key) for key in PULL_APPS}
    with site_running() as is_running:
        if not is_running:
            say("The Test Suite cannot reach the echo endpoints: all demo Apps stay in building.")
            return
        start_runs(streams, people["owner"], API_KEY)
        sandbox.use(apps["building"], "owner", people["owner"], API_KEY)
        _submit(waiting, "stranger", people["stranger"], say)
        _to_private_beta(apps["private_beta"], people, say)
        _to_private_beta(apps["public"], people, say)
        for key in ("private_beta", "public"):
            apps[key].refresh_from_db()
            sandbox.use(apps[key], "customer", people["customer"], API_KEY)
        pulling.send_on_their_way(by_pull, people, say)
        _to_public(apps["public"], people, say)
        _enable(apps["public"], people, say)


def describe() -> dict[str, Any]:
    """What CONTRACT promises of `seed_demo --json`; the same on every call."""
    promised = APPS | {"pull_request": PULL_APPS["pull_request"]}
    slugs = dict(App.objects.filter(name__in=promised.values(), company__slug="acme").values_list("name", "slug"))
    people = {person.role: User.objects.filter(email=person.email).first() for person in CAST}
    return {
        "base_url": settings.SITE_URL,
        "users": {person.role: {"email": person.email, "password": PASSWORD} for person in CAST},
        "partner": {"slug": "acme"},
        "apps": {key: slugs[name] for key, name in promised.items() if name in slugs},
        **sandbox.describe({role: user for role, user in people.items() if user}),
        **enabling.describe(APPS["public"]),
    }


# --- A company --------------------------------------------------------------------------------------------


def _company(owner: User, reviewer: User, name: str, website: str) -> Company:
    found = Company.objects.filter(memberships__user=owner).first()
    if found:
        return found
    answers = {
        "company_name": name,
        "company_website": website,
        "data_today": "Customers install our snippet, or upload files once a day.",
        "data_from_segment": "Events become rows in the customer’s workspace, and show on its dashboards.",
        "use_cases": "Product teams look at how their features are used.",
        "heard_from": "A customer asked for it.",
    }
    request = AccessRequest.objects.filter(applicant=owner).first() or partners.start(owner, answers)
    partners.submit(request, owner, AgreementVersion.objects.all())
    evidence = dict.fromkeys(Criterion.values, (CriterionOutcome.MET, "Part of the demo."))
    partners.judge(request, reviewer, evidence, request.judged_revision)
    return partners.approve(request, reviewer)


def _member(company: Company, owner: User, user: User, role: Role) -> None:
    if company.memberships.filter(user=user).exists():
        return
    company.invitations.filter(email=user.email, accepted_at=None).delete()
    partners.accept_invitation(partners.invite(company, owner, user.email, role), user)


# --- An App -----------------------------------------------------------------------------------------------


def _app(company: Company, owner: User, key: str) -> App:
    found = App.objects.filter(company=company, name=APPS[key]).first()
    app = found or lifecycle.create_app(owner, company, APPS[key])
    if not app.components.exists():
        lifecycle.choose_kinds(owner, app, Collects.SUBSCRIPTION, Processes.WEBHOOK, app.revision)
        lifecycle.add_component(owner, app, ComponentKind.SUBSCRIPTION_WEBHOOK)
    describe_app(app, owner, key)
    return app


def _to_private_beta(app: App, people: dict[str, User], say: Say) -> None:
    _submit(app, "owner", people["owner"], say)
    if app.stage == Stage.IN_REVIEW:
        approve(Submission.objects.waiting().get(app=app), people)
        app.refresh_from_db()


def _submit(app: App, role: str, owner: User, say: Say) -> None:
    app.refresh_from_db()
    if app.stage == Stage.BUILDING:
        say(f"{app}: proving and submitting")
        finish_checklist(app, owner)
        sandbox.use(app, role, owner, API_KEY)
        submissions.submit(app, owner, "The first version.")
        app.refresh_from_db()


def _to_public(app: App, people: dict[str, User], say: Say) -> None:
    app.refresh_from_db()
    if app.stage != Stage.PRIVATE_BETA:
        return
    say(f"{app}: verifying and releasing")
    beta.verify(app, people["customer"], "Our events arrive, and the numbers are right.")
    releases.release(releases.ask_to_go_public(app, people["owner"]), people["reviewer"])
    # The public App is past its beta: the clock is asked as it will stand when the days are over.
    over = timezone.now() + timedelta(days=Policy.current().public_beta_days + 1)
    releases.advance_stages(over)


def _enable(app: App, people: dict[str, User], say: Say) -> None:
    """One customer enabled it from the partner's own pages. Not the customer of CONTRACT, whose workspace stays free
    for a first consent.
    """
    app.refresh_from_db()
    source = sandbox.workspace_of("stranger", people["stranger"]).sources.get(name=sandbox.SOURCES["stranger"][0][0])
    if not enabling.enable(enabling.client_of(app, people["owner"]), people["stranger"], source, API_KEY):
        say("Enable with Segment did not answer: the demo has a client, but no install.")
