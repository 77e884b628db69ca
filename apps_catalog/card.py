"""The catalog card of a draft, as the console previews it beside the form."""

from dataclasses import dataclass

from apps_catalog.images import Shown, visible
from apps_catalog.markdown import plain, render
from apps_catalog.models import App, Category, Listing

SUMMARY_LENGTH = 140


@dataclass(frozen=True, slots=True)
class Card:
    """What a visitor sees of an App: on the card a summary, on the page the whole description."""

    name: str
    maker: str
    summary: str
    description_html: str
    website: str
    categories: list[str]
    logo_url: str
    mark_url: str
    images: list[Shown]


def card_of(app: App, listing: Listing) -> Card:
    """The card for the draft in `listing`, which may be one that was never saved."""
    return Card(
        name=app.name,
        maker=app.company.name,
        summary=summary_of(listing.description),
        description_html=render(listing.description),
        website=listing.website,
        categories=_category_names(listing),
        logo_url=listing.logo.url if listing.logo else "",
        mark_url=listing.mark.url if listing.mark else "",
        images=visible(listing.images),
    )


def summary_of(description: str) -> str:
    """The beginning of a description in plain text, cut at a word."""
    text = plain(description)
    if len(text) <= SUMMARY_LENGTH:
        return text
    return f"{text[:SUMMARY_LENGTH].rsplit(' ', 1)[0].rstrip('.,;: ')}…"


def _category_names(listing: Listing) -> list[str]:
    names = dict(Category.objects.filter(slug__in=listing.secondary_categories).values_list("slug", "name"))
    secondary = [names[slug] for slug in listing.secondary_categories if slug in names]
    return [listing.primary_category.name, *secondary] if listing.primary_category else secondary
