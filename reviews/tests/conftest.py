"""An App with all of its work done, and the steps of its life, made by the same verbs as in the product."""

import pytest
from django.utils import timezone

from accounts.models import User
from apps_catalog import lifecycle
from apps_catalog.assets import store_svg
from apps_catalog.models import App, Category, Component
from reviews import attestations, decisions, releases, submissions
from reviews.models import Release, Submission
from reviews.states import Attested, ReviewStep, StepOutcome
from reviews.workspace_tests import closes_itself
from testbench import fingerprint
from testbench.models import SuiteRun
from testbench.states import RunKind, RunState, Verdict
from tests.sandbox import close_tests, verified

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 40"><rect width="{}" height="40" fill="#123456"/></svg>'
LOGO, MARK = SVG.format(200, 200), SVG.format(40, 40)
DOCS = "https://docs.acme.example/segment"


def finish_suite(component: Component, verdict: str = Verdict.GREEN) -> SuiteRun:
    """What a worker leaves behind after a complete run."""
    return SuiteRun.objects.create(
        app=component.app, component=component, kind=RunKind.SUITE, state=RunState.FINISHED, verdict=verdict,
        covers_required=True, fingerprint=fingerprint.of(component), fingerprint_parts=fingerprint.parts(component),
        finished_at=timezone.now(),
    )  # fmt: skip


def fill_listing(app: App, actor: User) -> None:
    values = {
        "description": "Sends your events to Acme.",
        "website": "https://acme.example",
        "primary_category_id": Category.objects.get(slug="analytics").pk,
        "support_email": "support@acme.example",
        "logo_id": store_svg(LOGO).pk,
        "mark_id": store_svg(MARK).pk,
    }
    lifecycle.save_listing(actor, app, values, app.listing.revision)


def fill_docs(app: App, actor: User) -> None:
    docs = {"docs_partner_url": DOCS, "docs_segment_text": "How Acme works with Segment."}
    lifecycle.save_docs(actor, app, docs, app.listing.docs_revision)
    check_links(app, ok=True)


def check_links(app: App, *, ok: bool) -> None:
    """What the link check leaves behind."""
    at = timezone.now().isoformat()
    app.listing.link_checks = {DOCS: {"ok": ok, "status": 200 if ok else 404, "message": "It answered 404.", "at": at}}
    app.listing.save(update_fields=["link_checks"])


def fill_access(app: App, actor: User) -> None:
    secrets = {"username": "reviewer", "password": "secret", "api_key": "key"}
    values = {"login_url": "https://acme.example/login", "notes": "Log in, open Events."}
    lifecycle.save_access(actor, app, values, app.reviewer_access.revision, secrets=secrets)


def finish_work(app: App, actor: User) -> App:
    """Close every item that the partner has to close before submitting."""
    component = lifecycle.choose_kinds(actor, app, "subscription", "webhook", app.revision)
    assert component
    finish_suite(component)
    fill_listing(app, actor)
    fill_docs(app, actor)
    fill_access(app, actor)
    confirm_everything(app, actor)
    return App.objects.get(pk=app.pk)


def confirm_everything(app: App, actor: User) -> None:
    """Close the tests in a workspace and all that only the partner sees, for the components as they are now."""
    close_tests(app, actor)
    for item in Attested:
        if not closes_itself(item, app.components.all()):
            attestations.attest(app, actor, item)


def number_live(app: App) -> int:
    """The number of the live version."""
    version = App.objects.select_related("live_version").get(pk=app.pk).live_version
    return version.number if version else 0


def pass_all(submission: Submission, reviewer: User) -> None:
    for step in ReviewStep:
        decisions.record_step(submission, reviewer, step, StepOutcome.PASS, "Seen.")


@pytest.fixture
def ready(app: App, alice: User) -> App:
    """Building, with nothing open."""
    return finish_work(app, alice)


@pytest.fixture
def submission(ready: App, alice: User) -> Submission:
    """Waiting for its reviewer; nothing judged yet."""
    return submissions.submit(ready, alice, "First version.")


@pytest.fixture
def judged(submission: Submission, rita: User) -> Submission:
    """Waiting, with every step passed."""
    pass_all(submission, rita)
    return submission


@pytest.fixture
def in_beta(judged: Submission, rita: User) -> App:
    """In private beta, nobody invited."""
    decisions.approve(judged, rita)
    return App.objects.get(pk=judged.app_id)


@pytest.fixture
def asked(in_beta: App, alice: User, carol: User) -> Release:
    """In private beta, verified by a customer, asked to go public."""
    verified(in_beta, carol, "It works.")
    return releases.ask_to_go_public(in_beta, alice)


@pytest.fixture
def listed(asked: Release, rita: User) -> App:
    """In the catalog as public beta."""
    releases.release(asked, rita)
    return App.objects.get(pk=asked.app_id)
