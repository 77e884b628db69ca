"""What an App of the demo needs before it can be submitted, and the review of it; by the product's own verbs."""

import io
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from accounts.models import User
from apps_catalog import drafting, lifecycle
from apps_catalog.assets import store_svg
from apps_catalog.link_checks import LinkState, check_due, link_states
from apps_catalog.models import App, Category
from apps_catalog.states import ComponentKind
from apps_catalog.svg import clean_logo, clean_mark
from reviews import attestations, decisions, enquiries
from reviews.models import Enquiry, Submission
from reviews.states import Attested, EnquiryKind, ReviewStep, StepOutcome
from reviews.workspace_tests import closes_itself
from testbench.proof import proofs

ROOT = Path(__file__).resolve().parent
API_KEY = "demo-api-key-0001"
LINKS_SECONDS = 60
ABOUT = {
    "building": "Predicts next week from this week’s events.",
    "private_beta": "Sends a message to the right team as soon as a number **leaves its range**.\n\n"
    "- watches every event type\n- learns what is normal\n- tells once, not a hundred times",
    "code": "Turns events into rows of your own tables, without a server in between.",
    "in_review": "Tells a team how its product feels today, in one number.",
    "pull_request": "Puts people and orders on a map, and tells which street to open the next shop in.",
    "released": "Lights up when a customer is about to leave, while there is still time to **call**.",
    "public": "Dashboards that answer before you have asked.\n\n"
    "- funnels and retention from `track` and `page` calls\n- accounts from `group` calls\n- nothing to install",
}


def describe_app(app: App, owner: User, key: str) -> None:
    """Fill the listing in; `key` is one of ABOUT."""
    if app.listing.description:
        return
    mark = clean_mark((ROOT / f"{key}-mark.svg").read_bytes())
    logo = clean_logo((ROOT / f"{key}-logo.svg").read_bytes())
    listing = {
        "description": ABOUT[key],
        # The one host that surely answers here: the nightly check opens it.
        "website": f"{settings.SITE_URL}/docs/",
        "primary_category_id": Category.objects.get(slug="analytics").pk,
        "secondary_categories": ["performance-monitoring"],
        "support_email": f"support@{app.company.slug}.example",
        "mark_id": store_svg(mark.text).pk,
        "logo_id": store_svg(logo.text).pk,
    }
    drafting.save_listing(owner, app, listing, app.listing.revision)


def finish_checklist(app: App, owner: User) -> None:
    """Everything else that a submission needs of any App, but for events in a workspace."""
    # The demo's documentation is this product's own: the one address that surely answers here.
    docs = {
        "docs_partner_url": f"{settings.SITE_URL}/docs/quick-start/",
        "docs_segment_text": f"## Setting up {app}\n\nCreate a key in {app.company}, paste it here, and switch it on.",
    }
    app.refresh_from_db()
    drafting.save_docs(owner, app, docs, app.listing.docs_revision)
    lifecycle.request_link_check(owner, app)
    _look_at_links(app)
    account = {"login_url": f"{app.company.website}/login", "notes": "Open Live events after you log in."}
    secrets = {"username": "reviewer", "password": "demo-test-account", "api_key": API_KEY}
    lifecycle.save_access(owner, app, account, app.reviewer_access.revision, secrets=secrets)
    kind = ComponentKind.SUBSCRIPTION_WEBHOOK
    if any(proof.state != "passed" for proof in proofs(app) if proof.component.kind == kind):
        call_command("run_suite", app.slug, component=kind, api_key=API_KEY, stdout=io.StringIO(), stderr=io.StringIO())
    for item in Attested:
        if not closes_itself(item, app.components.all()):
            attestations.attest(app, owner, item, "Seen in the demo.")


def _look_at_links(app: App) -> None:
    """Have the links looked at; a running worker may be quicker, and is waited for."""
    until = time.monotonic() + LINKS_SECONDS
    while time.monotonic() < until:
        if check_due():
            continue
        app.listing.refresh_from_db()
        if not any(state in {LinkState.CHECKING, LinkState.UNKNOWN} for _, state, _ in link_states(app.listing)):
            return
        time.sleep(0.2)


def approve(submission: Submission, people: dict[str, User]) -> None:
    """The reviewer judges each step, has a question answered, and approves."""
    reviewer = people["reviewer"]
    for step in ReviewStep.values:
        decisions.record_step(submission, reviewer, step, StepOutcome.PASS, "Done in the demo.")
    if not Enquiry.objects.filter(app=submission.app, kind=EnquiryKind.REPLAY).exists():
        asked = enquiries.ask(submission.app, reviewer, EnquiryKind.REPLAY)
        said = {"timestamp": "yes", "order": "yes", "rate": "yes", "limits": "50 requests a second"}
        enquiries.answer(asked, people["owner"], said, asked.revision)
    decisions.approve(submission, reviewer)
