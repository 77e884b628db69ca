"""A small world with one of everything: the people, a company with an App in each stage, and what hangs on them.

Made by the product's own verbs, so that a table of addresses (tests/access_matrix.py) can name real things:
`world.slots["beta"]` is the slug of the App in private beta, `world.slots["run"]` the id of a test run.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AuthenticatorData, CollectedClientData

from accounts.models import User
from apps_catalog import image_drafts, lifecycle
from apps_catalog.assets import store_image
from apps_catalog.code_lifecycle import save_version
from apps_catalog.echo_keeping import keep
from apps_catalog.image_limits import CleanImage
from apps_catalog.models import App, SigningSecret
from installs import clients
from installs.tests.rows import make_trial
from notifications import templates
from notifications.models import ArrivedMail, InboundMail, Notice, OutboxMessage, SlackChannel
from notifications.slack import seal_address
from partners import lifecycle as partners
from partners.models import AgreementVersion, ClosedDay, Company, Membership
from partners.states import Role
from reviews import (
    appeals,
    beta,
    decisions,
    enquiries,
    live_changes,
    probes,
    releases,
    service_levels,
    submissions,
    threads,
)
from reviews.decisions import FindingDraft
from reviews.models import Submission
from reviews.states import EnquiryKind, ReviewStep
from reviews.tests.conftest import fill_access, fill_docs, fill_listing, finish_work, pass_all
from testbench.lifecycle import start_single, start_suite
from testbench.models import CaseResult, Screenshot, SuiteRun
from tests.cast import make_company, make_oauth_client, make_user, went_through
from tests.sandbox import tried, verified
from tests.seeing import make_seeing
from tests.travelling import make_template, make_travelling, make_upkeep
from workspaces import lifecycle as workspaces
from workspaces import membership as workspace_people
from workspaces.models import Source, WorkspaceMember
from workspaces.states import WorkspaceRole

# In this order a row of the table gives its outcomes.
ROLES = ("anonymous", "owner", "developer", "viewer", "stranger", "customer", "reviewer", "admin", "staff")
ANSWERS = {
    "company_name": "Carol’s Customers",
    "company_website": "https://customer.example",
    "data_today": "By file, once a day.",
    "data_from_segment": "On the page of each person.",
    "use_cases": "To see who comes back.",
    "heard_from": "From a colleague.",
}
# A body as runtime.egress stores it.
BODY = {"encoding": "text", "content": "{}"}


@dataclass(frozen=True)
class World:
    """`people` by role (all of ROLES but anonymous); `slots`: the values that addresses are made with."""

    people: dict[str, User]
    slots: dict[str, Any]

    def path(self, name: str, slots: Iterable[str]) -> str:
        """The path of the address `name`."""
        return reverse(name, args=[self.slot(slot) for slot in slots])

    def slot(self, name: str) -> Any:
        """One of the slots; for the label of a model, the key of one of its rows (always the same one)."""
        if name not in self.slots and "." in name:
            row = apps.get_model(name).objects.order_by("pk").first()
            assert row is not None, f"There is no {name} in the world of tests/world.py."
            self.slots[name] = row.pk
        return self.slots[name]


def make_world() -> World:
    """Everything once. Takes a second or so: make it once for many requests, and roll back what they change."""
    people = make_people()
    company, _ = make_companies(people)
    slots: dict[str, Any] = {"company": company.slug, "doc": "quick-start", "mail": "none", "admin_app": "apps_catalog"}
    slots |= make_apps(people, company)
    slots |= make_company_things(people, company)
    slots |= make_personal_things(people)
    slots |= make_message_things(people)
    slots |= make_workspace(people, App.objects.get(slug=slots["building"]))
    slots |= make_enabling(people, slots)
    slots |= make_travelling(people, company)
    slots |= make_upkeep(people, App.objects.get(slug=slots["public"]))
    slots |= {
        "template_picture": "logo",
        "template_draft": make_template(App.objects.get(slug=slots["building"]), people["owner"]).pk,
        "user": people["developer"].pk,
        "content_type": ContentType.objects.get_for_model(App).pk,
        "object": App.objects.get(slug=slots["building"]).pk,
    }
    return World(people, slots)


def make_people() -> dict[str, User]:
    people = {
        "owner": make_user("alice"),
        "developer": make_user("bob"),
        "viewer": make_user("viv"),
        "stranger": make_user("charlie", domain="rival.example"),
        "customer": make_user("carol", domain="customer.example"),
        "reviewer": make_user("rita", domain="segment.example", is_staff=True),
        "admin": make_user("adam", domain="segment.example", is_staff=True, is_superuser=True),
        # Staff who are in no group: they may look into the console and judge nothing.
        "staff": make_user("sam", domain="segment.example", is_staff=True),
    }
    people["reviewer"].groups.add(Group.objects.get(name="Reviewers"))
    return people


def make_companies(people: dict[str, User]) -> tuple[Company, Company]:
    acme = make_company("Acme", people["owner"])
    Membership.objects.create(company=acme, user=people["developer"], role=Role.DEVELOPER)
    Membership.objects.create(company=acme, user=people["viewer"], role=Role.VIEWER)
    return acme, make_company("Rival", people["stranger"])


# --- Apps ------------------------------------------------------------------------------------------


def make_apps(people: dict[str, User], company: Company, brand: str = "Acme") -> dict[str, Any]:
    """An App of the company in each stage, with what its pages show; their names begin with `brand`."""
    owner = people["owner"]
    building, deleted = make_building(owner, company, brand), lifecycle.create_app(owner, company, f"{brand} Mistake")
    lifecycle.delete_app(owner, deleted)
    waiting = make_waiting(people, make_app(owner, company, f"{brand} Ledger"))
    probes.request(waiting)
    in_beta = make_beta(people, make_app(owner, company, f"{brand} Alerts"))
    hidden = make_beta(people, make_app(owner, company, f"{brand} Secrets"))
    beta.set_invited_only(hidden, owner, True)
    public = make_public(people, make_app(owner, company, f"{brand} Metrics"))
    invitation = beta.invite(in_beta, owner, people["customer"].email)
    verified(in_beta, people["customer"], "It works.")
    tried(people["stranger"], in_beta)  # who could confirm it, too
    asked = releases.ask_to_go_public(in_beta, owner)
    service_levels.refresh()
    return {
        "building": building.slug,
        "setting": "region",
        "kind": "subscription_webhook",
        "echo": building.echo.token,
        "echo_request": building.echo.requests.get().pk,
        "signing_secret": SigningSecret.objects.get(component__app=building).pk,
        "run": SuiteRun.objects.get(app=building, state="queued", kind="suite").pk,
        "done_run": SuiteRun.objects.get(app=building, kind="single").pk,
        "position": 1,
        "deleted": deleted.slug,
        "in_review": waiting.app.slug,
        "submission": waiting.pk,
        "review_run": make_review_run(people["reviewer"], waiting).pk,
        "version": 1,
        "beta": in_beta.slug,
        "beta_invite": invitation.pk,
        "beta_token": token_in(f"beta-invite:{invitation.pk}", "/beta/"),
        "hidden": hidden.slug,
        "public": public.slug,
        "release": asked.pk,
        "asset": public.listing.logo_id,
        "picture": building.listing.images[0]["sha256"],
        "text": "segment",
        "code": "function",
        "code_version": 2,
    }


# What the guard makes of a picture; these bytes are never decoded here.
PICTURE = CleanImage(b"RIFF\x04\x00\x00\x00WEBP", 640, 400)


def make_app(owner: User, company: Company, name: str) -> App:
    """Building, with nothing left to do."""
    return finish_work(lifecycle.create_app(owner, company, name), owner)


def make_building(owner: User, company: Company, brand: str) -> App:
    """Half done: a setting of its own, a listing, a test run that waits and one event that was sent."""
    app = lifecycle.create_app(owner, company, f"{brand} Forecast")
    component = lifecycle.choose_kinds(owner, app, "subscription", "webhook", app.revision)
    assert component
    app.refresh_from_db()
    lifecycle.add_setting(owner, app, {"label": "Mistake", "type": "string"}, app.revision)
    lifecycle.remove_setting(owner, app, "mistake", App.objects.get(pk=app.pk).revision)
    lifecycle.add_setting(owner, app, {"label": "Region", "type": "string"}, App.objects.get(pk=app.pk).revision)
    add_code(owner, app)
    fill_listing(app, owner)
    fill_docs(app, owner)
    fill_access(app, owner)
    image_drafts.add_image(owner, app, store_image(PICTURE), "A chart of visits by week", "Visits")
    suite = start_suite(owner, component, {"apiKey": "key", "region": "eu"})
    Screenshot.objects.create(run=suite, png=b"a picture")
    single = start_single(owner, component, {"apiKey": "key", "region": "eu"}, {"type": "track", "event": "Seen"})
    add_results(single, 1)
    keep(app.echo, "POST", {"Content-Type": "application/json"}.items(), b"{}")
    return App.objects.get(pk=app.pk)


def add_code(owner: User, app: App) -> None:
    """A plugin, and a function with two versions, the first of them deployed."""
    lifecycle.add_component(owner, app, "web_plugin")
    function = lifecycle.add_component(owner, app, "subscription_function")
    save_version(owner, function, {"code": function.code}, 0, note="The first one", deploy=True)
    save_version(owner, function, {"code": f"{function.code}\n// more"}, 0)


def add_results(run: SuiteRun, number: int) -> None:
    """What a worker found, one row for each event."""
    rows = [
        CaseResult(
            run=run, position=position, case_id=f"core.{position}", group="core", type="track", name="An event",
            verdict="green", status=200, duration_ms=12.5,
            request={
                "start_line": "POST / HTTP/1.1", "headers": [["Content-Type", "application/json"]], "body": BODY,
            },
            response={"status": 200, "reason": "OK", "headers": [], "body": BODY},
        )
        for position in range(1, number + 1)
    ]  # fmt: skip
    CaseResult.objects.bulk_create(rows)


def make_waiting(people: dict[str, User], app: App) -> Submission:
    """Handed in a second time: the first version was sent back with a finding."""
    first = submissions.submit(app, people["owner"], "The first version.")
    finding = FindingDraft(ReviewStep.LOG_IN, "The password is refused.", "Send a working one.")
    decisions.request_changes(first, people["reviewer"], [finding])
    appeals.appeal(first, people["owner"], "The password works here.")  # taken back by submitting again
    waiting = submissions.submit(App.objects.get(pk=app.pk), people["owner"], "With a new password.")
    decisions.record_step(waiting, people["reviewer"], ReviewStep.LOG_IN, "pass", "It opens.")
    enquiries.ask(app, people["reviewer"], EnquiryKind.REPLAY)
    threads.post(app, people["reviewer"], "Which **events** do you accept?")
    threads.note(app, people["reviewer"], "The second try looks better.")
    return waiting


def make_review_run(reviewer: User, submission: Submission) -> SuiteRun:
    """A run that the reviewer started from the desk."""
    component = submission.app.components.get()
    run = start_suite(reviewer, component, {"apiKey": "key"}, submission_id=submission.pk)
    add_results(run, 1)
    return run


def make_beta(people: dict[str, User], app: App) -> App:
    submission = submissions.submit(app, people["owner"], "The first version.")
    pass_all(submission, people["reviewer"])
    decisions.approve(submission, people["reviewer"])
    return App.objects.get(pk=app.pk)


def make_public(people: dict[str, User], app: App) -> App:
    in_beta = make_beta(people, app)
    verified(in_beta, people["customer"], "It works.")
    beta.report_problem(in_beta, people["customer"], "The logo is upside down.")
    releases.release(releases.ask_to_go_public(in_beta, people["owner"]), people["reviewer"])
    live = App.objects.get(pk=app.pk)
    lifecycle.save_listing(people["owner"], live, {"website": "https://www.acme.example"}, live.listing.revision)
    live_changes.put_live(people["owner"], live)
    return App.objects.get(pk=app.pk)


# --- A company, and what belongs to one person -------------------------------------------------------


def make_company_things(people: dict[str, User], company: Company) -> dict[str, Any]:
    """An open invitation for the customer, the developer's membership, and somebody who was removed."""
    gone = Membership.objects.create(company=company, user=make_user("greg"), role=Role.VIEWER)
    removed = partners.remove_member(gone, people["owner"])
    assert removed is not None
    invitation = partners.invite(company, people["owner"], people["customer"].email, Role.DEVELOPER)
    mail = OutboxMessage.objects.filter(recipient=people["customer"].email, text__contains="/invitations/").latest(
        "created_at"
    )
    return {
        "invitation": invitation.pk,
        "removed_member": removed.pk,
        "invitation_token": between(mail.text, "/invitations/"),
        "member": company.memberships.get(user=people["developer"]).pk,
    }


def make_personal_things(people: dict[str, User]) -> dict[str, Any]:
    """The owner's notice, passkey and session; the customer asks for access of their own."""
    owner, customer = people["owner"], people["customer"]
    request = partners.start(customer, ANSWERS)
    partners.submit(request, customer, AgreementVersion.objects.in_force())
    partners.judge(request, people["reviewer"], {"real_company": ("met", "Seen.")}, request.judged_revision)
    data = {"name": "Laptop", "credential": credential()}
    passkey = Authenticator.objects.create(user=owner, type="webauthn", data=data)
    session = UserSession.objects.create(
        user=owner, ip="192.0.2.1", session_key="elsewhere", last_seen_at=timezone.now()
    )  # fmt: skip
    ClosedDay.objects.create(day=date(2030, 12, 24), reason="Before the holidays")
    return {
        "access_request": request.pk,
        "notice": Notice.objects.filter(user=owner).latest("pk").pk,
        "passkey": passkey.pk,
        "session": session.pk,
    }


def make_workspace(people: dict[str, User], app: App) -> dict[str, Any]:
    """Owner, developer and viewer have the same roles there; the App is installed, and the customer is invited."""
    owner = people["owner"]
    workspace = workspaces.create(owner, "Acme Lab", "us")
    for name, role in (("developer", WorkspaceRole.MEMBER), ("viewer", WorkspaceRole.VIEWER)):
        WorkspaceMember.objects.create(workspace=workspace, user=people[name], role=role)
    source = workspaces.add_source(owner, workspace, "Website")
    values = {"apiKey": "key", "region": "eu"}
    destination = workspaces.install(owner, source, app, values, enable=True)
    invitation = workspace_people.invite(workspace, owner, people["customer"].email, WorkspaceRole.MEMBER)
    return {
        **make_seeing(people, destination),
        "ws": workspace.slug,
        "source": source.slug,
        "app_slug": app.slug,
        "write_key": source.write_keys.get().pk,
        "tracking_key": source.write_keys.get().key,
        "tracking_call": "track",
        "tracking_chunk": "407.bundle.61efa1acb302134c434b.js",
        "ws_member": workspace.memberships.get(user=people["developer"]).pk,
        "ws_invitation": invitation.pk,
        "ws_invitation_token": token_in(f"workspace-invitation:{invitation.pk}:sent", "/w/invitations/"),
    }


def make_enabling(people: dict[str, User], slots: dict[str, Any]) -> dict[str, Any]:
    """The OAuth client of the App that is built, a request for a wider scope, an install on the source, and a trial."""
    app, owner = App.objects.get(slug=slots["building"]), people["owner"]
    client = make_oauth_client(app)
    clients.ask_scope(owner, client, "workspace:read", "We list the sources.")
    source = Source.objects.get(workspace__slug=slots["ws"], slug=slots["source"])
    install = went_through(app, owner, source)
    trial = make_trial(client, owner, install)
    return {"oauth_secret": client.secrets.get().pk, "install": install.pk, "flow_trial": trial.public_id}


def make_message_things(people: dict[str, User]) -> dict[str, Any]:
    """A Slack channel, a template in staff's own words, and a mail that waits for staff."""
    SlackChannel.objects.create(name="#reviews", address_sealed=seal_address("https://hooks.example.com/x"))
    templates.change("live", "{{ app.name }} is live", "Good news.", 0, people["admin"])
    InboundMail.objects.create(
        digest="0" * 64, user=people["owner"], sender="else@example.com", state="held", text="Hi"
    )
    ArrivedMail.objects.create(raw=b"Subject: Hi", size=11, tries=6, last_error="LookupError")
    return {"template": "live"}


def credential() -> dict[str, Any]:
    """What a browser sends when a passkey is made; this one carries no key, so that it opens nothing."""
    nothing = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), AuthenticatorData.FLAG.UP, 0)
    client_data = CollectedClientData.create("webauthn.create", b"challenge", "http://localhost")
    response = {
        "clientDataJSON": websafe_encode(bytes(client_data)),
        "attestationObject": websafe_encode(bytes(AttestationObject.create("none", nothing, {}))),
    }
    name = websafe_encode(b"laptop")
    return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


def token_in(dedupe_key: str, before: str) -> str:
    """The token that only one mail carries."""
    return between(OutboxMessage.objects.get(dedupe_key=dedupe_key).text, before)


def between(text: str, before: str) -> str:
    return text.split(before)[1].split("/")[0]
