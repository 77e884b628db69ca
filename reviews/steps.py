"""The items of each of the nine steps, from facts alone (PRODUCT, the nine steps)."""

from collections.abc import Callable

from django.urls import reverse

from apps_catalog.kinds import page_of
from apps_catalog.states import LISTED, LIVE, TESTABLE_KINDS
from partners.states import Criterion, Document, RequestState
from reviews import pull_items
from reviews.facts import Facts
from reviews.items import Item, ItemState, Kind
from reviews.models import Attestation, Enquiry
from reviews.states import Attested, ChecklistStep, EnquiryKind, ReviewStep, SubmissionState
from reviews.thresholds import customers_missing
from reviews.workspace_tests import closes_itself
from testbench.proof import Proof

DONE, OPEN, WAITING = ItemState.DONE, ItemState.OPEN, ItemState.WAITING


def _item(
    item_id: str, text: str, kind: Kind, done: bool, reason: str = "", url: str = "", *,
    optional: bool = False, waiting: bool = False,
) -> Item:  # fmt: skip
    if done:
        return Item(item_id, text, kind, DONE, url=url, optional=optional)
    return Item(item_id, text, kind, WAITING if waiting else OPEN, reason, url, optional)


def _page(name: str, known: Facts) -> str:
    return reverse(name, args=[known.app.slug])


# --- 1 to 3: getting in ------------------------------------------------------------------------


def _access(known: Facts) -> list[Item]:
    """Segment's approval settles an incomplete survey: completeness is a signal, not a condition (S2)."""
    request, url = known.access.request, reverse("apply-status")
    complete = request is None or request.is_complete or request.state == RequestState.APPROVED
    return [
        _item("survey", "Survey answered", Kind.COMPUTED, complete, "Some questions have no answer yet.", url),
        _agreements(known, url),
    ]


def _agreements(known: Facts, url: str) -> Item:
    """By version: one that came into force after joining is accepted anew, on the company's page (S4)."""
    text = "Both agreements accepted"
    if known.access.request is None:
        return _item("agreements", text, Kind.COMPUTED, True, url=url)
    if known.access.request.state == RequestState.APPROVED and known.access.is_outdated:
        reason = "A newer version is in force. An owner accepts it on the company’s page."
        return _item("agreements", text, Kind.COMPUTED, False, reason,
                     reverse("company-page", args=[known.app.company.slug]))  # fmt: skip
    accepted = known.access.documents >= len(Document)
    return _item("agreements", text, Kind.COMPUTED, accepted, "One is not accepted yet.", url)


def _approval(known: Facts) -> list[Item]:
    request = known.access.request
    approved = request is None or request.state == RequestState.APPROVED
    judged = approved or known.access.criteria_met >= len(Criterion)
    reason = "Segment looks at your request."
    return [
        _item("criteria", "Four criteria judged", Kind.SEGMENT, judged, reason, waiting=True),
        _item("approved", "Access approved", Kind.SEGMENT, approved, reason, waiting=True),
    ]


def _communications(known: Facts) -> list[Item]:
    sent = known.access.welcome_sent
    return [
        _item("welcome", "Welcome sent", Kind.SEGMENT, sent, "The mail is on its way from Segment.", waiting=True),
        _answer(known, EnquiryKind.REPLAY, "replay", "Replay compatibility answered, when asked"),
        _answer(known, EnquiryKind.OAUTH, "oauth_plan", "Question about Enable with Segment answered, when asked"),
    ]


def _answer(known: Facts, kind: EnquiryKind, item_id: str, text: str) -> Item:
    enquiry: Enquiry | None = known.enquiries.get(kind)
    done = enquiry is None or not enquiry.is_open
    return _item(item_id, text, Kind.COMPUTED, done, "A reviewer asked; answer here.", _page("app-enquiries", known))


# --- 4 and 5: building and testing --------------------------------------------------------------


def _build(known: Facts) -> list[Item]:
    app, components = known.app, _page("app-components", known)
    chosen = bool(app.collects) and (bool(app.processes) or app.collects == "web_plugin")
    return [
        _item("app_created", "App created", Kind.COMPUTED, True),
        _item("choices", "Collection and processing chosen", Kind.COMPUTED, chosen,
              "Say how data is collected and how it is processed.", components),
        _item("component", "At least one component", Kind.COMPUTED, bool(known.proofs),
              "Add a component: it is what receives the data.", components),
        *_code_saved(known),
        *(pull_items.build(app, known.by_pull) if known.by_pull else ()),
        *_proof(known),
        _oauth(known),
    ]  # fmt: skip


def _code_saved(known: Facts) -> list[Item]:
    """Only asked where there is code: a version is what can be deployed, compared and brought back (D21)."""
    if not known.has_code:
        return []
    names = " and ".join(component.get_kind_display().lower() for component in known.unsaved)
    first = known.unsaved[0].kind if known.unsaved else ""
    return [
        _item("code_saved", "Code saved as a version", Kind.COMPUTED, not known.unsaved,
              f"The code of the {names} is a draft. Save it as a version.", _page(page_of(first), known)),
    ]  # fmt: skip


def _proof(known: Facts) -> list[Item]:
    """Every component of what would be submitted, on its current version (S12).

    A destination by pull request is not run here: where there is nothing else, its own items say what proves it.
    """
    testable = [proof for proof in known.proofs if proof.component.kind in TESTABLE_KINDS]
    if known.by_pull and not testable:
        return []
    text = "Every component green or yellow in the Test Suite"
    unproven = [proof for proof in testable if proof.state != "passed"]
    running = bool(unproven) and all(proof.state == "running" for proof in unproven)
    reason = " ".join(_why_unproven(proof) for proof in unproven) or "There is no component to test yet."
    done = bool(testable) and not unproven
    return [_item("proof", text, Kind.COMPUTED, done, reason, _page("suite-home", known), waiting=running)]


def _why_unproven(proof: Proof) -> str:
    name = proof.component.get_kind_display()
    if proof.state == "stale":
        changed = ", ".join(proof.changed) or "the component"
        return f"{name}: {changed} changed after the last run. Run the Test Suite again."
    return {
        "none": f"{name}: the Test Suite has not been run.",
        "running": f"{name}: the Test Suite is running.",
        "failed": f"{name}: the last run was red. Open it to see why.",
    }[proof.state]


def _oauth(known: Facts) -> Item:
    """Closed by an install whose token called the Config API, by no answer to a question (S13)."""
    text, url, optional = "Enable with Segment working", _page("app-oauth", known), not known.policy.oauth_required
    if known.enabled_at:
        return Item("oauth", text, Kind.COMPUTED, DONE, url=url, optional=optional, at=known.enabled_at)
    begin = "Recommended: customers enable the App in one click." if optional else "Required."
    reason = f"{begin} It closes by itself once an install through your own server has called the Config API."
    return Item("oauth", text, Kind.COMPUTED, OPEN, reason, url, optional)


def _test(known: Facts) -> list[Item]:
    ids = (Attested.EVENT_TESTER_USED, Attested.DATA_SEEN, Attested.SDK_TESTED, Attested.DATA_SEEN_AGAIN)
    components = [proof.component for proof in known.proofs]
    set_up = [pull_items.set_up(known.app, known.by_pull)] if known.by_pull else []
    return set_up + [
        _delivered(known, item) if closes_itself(item, components) else _attested(known, item) for item in ids
    ]


# What to do for the items that a delivered event closes (S18, S19).
_SEND = {
    Attested.EVENT_TESTER_USED: "Install the App in your own workspace, switch it on, and send an event from its "
    "event tester. This closes by itself once the event is delivered.",
    Attested.SDK_TESTED: "Send an event to a source of your own workspace with a Segment library. This closes by "
    "itself once the event is delivered.",
}


def _delivered(known: Facts, item: Attested) -> Item:
    """Closed by an event that was delivered; what an earlier component took says nothing about this one."""
    url = _page("app-workspace", known)
    found: Attestation | None = known.attestations.get(item)
    if found is not None and not _outdated(known, found):
        by = found.by.display_name if found.by else ""
        return Item(item.value, item.label, Kind.COMPUTED, DONE, url=url, by=by, at=found.at)
    if at := known.tested.get(item):
        return Item(item.value, item.label, Kind.COMPUTED, DONE, url=url, at=at)
    reason = "The component changed since it was tested. Send another event." if found else _SEND[item]
    return Item(item.value, item.label, Kind.COMPUTED, OPEN, reason, url)


def _attested(known: Facts, item: Attested) -> Item:
    url = f"{_page('app-detail', known)}#item-{item.value}"
    found: Attestation | None = known.attestations.get(item)
    if found is None:
        return Item(item.value, item.label, Kind.ATTESTED, OPEN, "Only you can see this: look, then confirm.", url)
    if reason := _outdated(known, found):
        return Item(item.value, item.label, Kind.ATTESTED, OPEN, reason, url)
    by = found.by.display_name if found.by else "somebody who has left"
    return Item(item.value, item.label, Kind.ATTESTED, DONE, url=url, by=by, at=found.at)


def _outdated(known: Facts, found: Attestation) -> str:
    """Why what was confirmed does not count any more; empty while it does."""
    if found.listing_revision is not None and found.listing_revision != known.app.listing.shown_revision:
        return "The listing changed after you looked. Look again, then confirm."
    if found.components and found.components != known.components:
        return "The component changed since you confirmed this. Look again, then confirm."
    return ""


# --- 6 and 7: documentation and listing ---------------------------------------------------------

# item → (text, page); the ids are those of apps_catalog.completeness.
_DOCS = {
    "docs_partner": ("Your own docs about Segment", "app-docs"),
    "docs_segment": ("Segment's docs about the integration", "app-docs"),
    "catalog_text": ("Catalog text", "app-listing"),
}
_METADATA = {
    "description": ("Description", "app-listing"),
    "website": ("Website", "app-listing"),
    "primary_category": ("Primary category", "app-listing"),
    "logo": ("Logo", "app-listing"),
    "mark": ("Mark", "app-listing"),
    "support_email": ("Support email", "app-listing"),
    "links_reachable": ("Documentation links reachable", "app-docs"),
    "test_account": ("Test account for reviewers", "app-access"),
}


def _docs(known: Facts) -> list[Item]:
    launch = _item(
        "launch", "Launch content", Kind.COMPUTED, known.app.listing.has_launch_plan,
        "Plan a blog post, a recipe or an announcement: it helps customers find you.", _page("app-docs", known),
        optional=True,
    )  # fmt: skip
    return [*_listing_items(known, _DOCS), launch]


def _metadata(known: Facts) -> list[Item]:
    return [*_listing_items(known, _METADATA), _attested(known, Attested.ENTRY_LOOKED_AT)]


def _listing_items(known: Facts, wanted: dict[str, tuple[str, str]]) -> list[Item]:
    items = []
    for item_id, (text, page) in wanted.items():
        gap = known.gaps.get(item_id)
        url = (gap.url if gap else "") or _page(page, known)
        items.append(_item(item_id, text, Kind.COMPUTED, gap is None, gap.text if gap else "", url))
    return items


# --- 8 and 9: review and release -----------------------------------------------------------------

_AFTER_REVIEW: dict[str, str] = {
    SubmissionState.CHANGES_REQUESTED: "A reviewer asked for changes. Make them, then submit again.",
    SubmissionState.REJECTED: "The last submission was rejected. Read the reason before you submit again.",
    SubmissionState.WITHDRAWN: "You withdrew the last submission. Submit again when you are ready.",
}


def submission(known: Facts, *, ready: bool) -> list[Item]:
    """Step 8. `ready`: nothing of the partner's own work is open."""
    state = known.latest.state if known.latest else ""
    submitted = known.is_approved or state in (SubmissionState.WAITING, SubmissionState.APPROVED)
    reason = _AFTER_REVIEW.get(state, "Hand it in for review.")
    url = _page("app-submit", known)
    return [
        _item("ready", "All blocking items done", Kind.COMPUTED, ready, "Something above is still open."),
        _item("submitted", "Submitted for review", Kind.COMPUTED, submitted, reason, url),
    ]


def public(known: Facts) -> list[Item]:
    """Step 9: Segment judges, a customer verifies, the partner asks, Segment releases."""
    live = known.app.stage in LIVE
    in_beta = live and known.app.stage not in LISTED
    beta, approved = _page("app-beta", known), live or known.is_approved
    enough = known.customers >= known.numbers.customers
    listed, asked = known.app.stage in LISTED, known.release is not None
    missing = customers_missing(known.customers, known.numbers.customers)
    return [
        _review_steps(known, approved),
        _item("private_beta", "Private beta approved", Kind.SEGMENT, approved,
              "Segment decides after the review.", waiting=True),
        *([pull_items.train(known.app, known.by_pull, approved=approved)] if known.by_pull else []),
        _item("customer_verified", "A customer verified", Kind.COMPUTED, listed or (live and enough),
              missing if in_beta else "Comes with the private beta.", beta if in_beta else ""),
        _item("asked_public", "You asked to go public", Kind.COMPUTED, listed or asked,
              "Ask when the beta is proven." if in_beta else "Comes after the private beta.",
              beta if in_beta and enough else ""),
        _item("released", "Released", Kind.SEGMENT, listed, _release_reason(known),
              waiting=True),
    ]  # fmt: skip


def _release_reason(known: Facts) -> str:
    if known.release is None:
        return "Segment releases after you asked."
    if known.release.is_scheduled:
        return "Released: it goes live on the day of its launch."
    return "Segment releases on the next release day."


def _review_steps(known: Facts, approved: bool) -> Item:
    text = "Review steps judged"
    latest = known.latest
    if approved and (latest is None or latest.state != SubmissionState.WAITING):
        return _item("review_steps", text, Kind.SEGMENT, True, url=_page("app-review", known))
    if latest is None or latest.state != SubmissionState.WAITING:
        return _item("review_steps", text, Kind.SEGMENT, False, "Segment starts when you submit.", waiting=True)
    reason = f"A reviewer has judged {known.judged} of {len(ReviewStep)} steps."
    return _item("review_steps", text, Kind.SEGMENT, False, reason, _page("app-review", known), waiting=True)


WORK: dict[ChecklistStep, Callable[[Facts], list[Item]]] = {
    ChecklistStep.ACCESS: _access,
    ChecklistStep.APPROVAL: _approval,
    ChecklistStep.COMMUNICATIONS: _communications,
    ChecklistStep.BUILD: _build,
    ChecklistStep.TEST: _test,
    ChecklistStep.DOCS: _docs,
    ChecklistStep.METADATA: _metadata,
}

# What to do about an item that comes next, or what is waited for.
ACTS = {
    **pull_items.ACTS,
    "survey": "Answer the survey",
    "agreements": "Accept both agreements",
    "criteria": "Segment looks at your request",
    "approved": "Segment looks at your request",
    "welcome": "The Welcome mail is on its way",
    "replay": "Answer the questions about replay",
    "oauth_plan": "Answer the question about Enable with Segment",
    "choices": "Choose how to collect and to process",
    "component": "Add a component",
    "code_saved": "Save a version of the code",
    "proof": "Run the Test Suite",
    "oauth": "Build Enable with Segment",
    Attested.EVENT_TESTER_USED: "Try it in your workspace with the event tester",
    Attested.DATA_SEEN: "Look at the data in your own service, then confirm",
    Attested.SDK_TESTED: "Test it with a Segment SDK",
    Attested.DATA_SEEN_AGAIN: "Look at the data of the SDK test, then confirm",
    Attested.ENTRY_LOOKED_AT: "Look at the catalog entry, then confirm",
    "docs_partner": "Link your own docs about Segment",
    "docs_segment": "Write or link Segment's docs",
    "catalog_text": "Write the catalog text",
    "description": "Write the description",
    "website": "Give your website",
    "primary_category": "Choose the primary category",
    "logo": "Upload your logo",
    "mark": "Upload your mark",
    "support_email": "Give a support email",
    "links_reachable": "Get the documentation links checked",
    "test_account": "Give reviewers a test account",
    "submitted": "Submit for review",
    "review_steps": "Segment reviews your App",
    "private_beta": "Segment decides about the private beta",
    "customer_verified": "Invite a customer to verify",
    "asked_public": "Ask to go public",
    "released": "Segment releases your App",
}
