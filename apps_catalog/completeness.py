"""What the listing, the documentation and the reviewer access of a draft still lack (S20 to S25).

Nothing here queries beyond the rows that it is given: load the App with `with_draft`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format

from apps_catalog.link_checks import is_fresh, looked_at
from apps_catalog.markdown import visible_length
from apps_catalog.models import App, Listing
from partners.models import Policy

# Every item this module judges, in the order of the pages; the ids are stable.
ITEMS = (
    "docs_partner", "docs_segment", "catalog_text", "description", "website", "primary_category", "logo", "mark",
    "support_email", "links_reachable", "test_account",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing: the item's id, why it is open, and where it is closed."""

    item: str
    text: str
    url: str


def listing_gaps(app: App, policy: Policy) -> list[Gap]:
    """Everything that is missing, in the order of `ITEMS`; empty when all of it is there."""
    found = {gap.item: gap for gap in [*_docs(app), *_metadata(app, policy), *_links(app), *_test_account(app)]}
    return [found[item] for item in ITEMS if item in found]


def _at(app: App, page: str, field: str) -> str:
    return f"{reverse(page, args=[app.slug])}#id_{field}"


def _docs(app: App) -> Iterator[Gap]:
    listing = app.listing
    if not listing.docs_partner_url:
        yield Gap(
            "docs_partner",
            "Give the link to your own documentation about Segment.",
            _at(app, "app-docs", "docs_partner_url"),
        )
    if not (listing.docs_segment_url or listing.docs_segment_text):
        yield Gap(
            "docs_segment",
            "Write the text for Segment’s documentation, or give a link to it.",
            _at(app, "app-docs", "docs_segment_text"),
        )


def _metadata(app: App, policy: Policy) -> Iterator[Gap]:
    yield from _description(app, policy)
    if too_many := _too_many_categories(app.listing, policy):
        yield Gap("primary_category", too_many, _at(app, "app-listing", "primary_category"))
    for item, field, text in (
        ("website", "website", "Give the website of your tool."),
        ("primary_category", "primary_category_id", "Choose the primary category."),
        ("logo", "logo_id", "Upload your logo as SVG: the name in one line, wider than high."),
        ("mark", "mark_id", "Upload your mark as SVG: a square symbol without the name."),
        ("support_email", "support_email", "Give the address to which Segment’s support forwards inquiries."),
    ):
        if not getattr(app.listing, field):
            yield Gap(item, text, _at(app, "app-listing", field.removesuffix("_id")))


def _description(app: App, policy: Policy) -> Iterator[Gap]:
    url = _at(app, "app-listing", "description")
    length = visible_length(app.listing.description)
    if not length:
        yield Gap("description", "Describe what customers can do with your tool and Segment.", url)
        yield Gap("catalog_text", "The catalog page has no text yet: write the description.", url)
    elif text := _too_long(length, policy):
        yield Gap("description", text, url)
        yield Gap("catalog_text", text, url)


def over_policy(listing: Listing, policy: Policy) -> dict[str, str]:
    """What is larger than the policy allows, by item: an import takes it, a submission does not."""
    found = {
        "description": _too_long(visible_length(listing.description), policy),
        "primary_category": _too_many_categories(listing, policy),
    }
    return {item: text for item, text in found.items() if text}


def _too_long(length: int, policy: Policy) -> str:
    if length <= policy.description_limit:
        return ""
    return f"The description shows {length:,} characters; {policy.description_limit:,} are allowed."


def _too_many_categories(listing: Listing, policy: Policy) -> str:
    count = len(listing.secondary_categories)
    if count <= policy.secondary_categories:
        return ""
    return f"The listing has {count} secondary categories; {policy.secondary_categories} are allowed."


def _links(app: App) -> Iterator[Gap]:
    problem = _link_problem(app.listing)
    if problem:
        yield Gap("links_reachable", problem, _at(app, "app-docs", "links"))


def _link_problem(listing: Listing) -> str:
    """Why the documentation links do not count as reachable, or ""."""
    if not listing.docs_urls:
        return "There is no documentation link to check yet."
    for url in listing.docs_urls:
        check = listing.link_checks.get(url)
        if check is None or not (at := looked_at(check)):
            return f"{url} has not been checked yet."
        if not check["ok"]:
            return f"{url}: {check['message']}"
        if not is_fresh(check):
            return f"{url} has not been checked since {date_format(at, 'j F Y')}."
    return ""


def _test_account(app: App) -> Iterator[Gap]:
    access = app.reviewer_access
    for field, what in (("username", "a user name"), ("password", "a password")):
        if not getattr(access, f"{field}_sealed"):
            text = f"Reviewers need {what} for a test account in your service."
            yield Gap("test_account", text, _at(app, "app-access", field))
            return
    if not access.notes:
        text = "Say how reviewers log in, and where they see the data arrive."
        yield Gap("test_account", text, _at(app, "app-access", "notes"))
