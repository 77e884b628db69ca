"""What a workspace shows of an App: the draft's words in the partner's own workspace, else those of the catalog."""

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from apps_catalog import markdown
from apps_catalog.models import App, CatalogEntry
from workspaces.installing import Installable


@dataclass(frozen=True, slots=True)
class Card:
    """`mark_url` and `slug` are what `{% app_mark %}` asks for."""

    name: str
    slug: str
    maker: str
    website: str
    mark_url: str
    description_html: SafeString


def card_of(app: App, installed: Installable) -> Card:
    entry: CatalogEntry | None = getattr(app, "entry", None)
    if entry is not None and not installed.is_draft:
        # Made by apps_catalog.markdown when the version was published.
        text = mark_safe(entry.description_html)  # noqa: S308
        return Card(entry.name, app.slug, entry.maker, entry.website, entry.mark_url, text)
    listing = app.listing
    text = mark_safe(markdown.render(listing.description))  # noqa: S308
    return Card(app.name, app.slug, app.company.name, listing.website, app.mark_url, text)
