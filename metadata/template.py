"""The mail template of the catalog (S23) for one App: what it says of the listing, and how it is read back."""

from collections.abc import Mapping
from functools import cached_property

from django.conf import settings

from apps_catalog.addresses import asset_path
from apps_catalog.models import App, Category, Listing
from apps_catalog.states import ComponentKind
from runtime.catalog_mail import Entry, Reading, read, write


class Categories:
    """The categories of the catalog, asked for once."""

    @cached_property
    def _all(self) -> list[Category]:
        return list(Category.objects.all())

    @cached_property
    def known(self) -> Mapping[str, str]:
        """Every spelling → the name: names, slugs and aliases of those that can be chosen (S24)."""
        return {
            spelling: category.name
            for category in self._all
            if category.is_active
            for spelling in (*category.aliases, category.slug, category.name)
        }

    def named(self, name: str) -> Category | None:
        return next((category for category in self._all if category.name == name), None)

    def with_slug(self, slug: str) -> Category | None:
        return next((category for category in self._all if category.slug == slug), None)


def entry_of(app: App, listing: Listing, categories: Categories) -> Entry:
    """What the draft says, as the template asks for it. Pictures are named by their address."""
    secondary = [categories.with_slug(slug) for slug in listing.secondary_categories]
    chosen = [listing.primary_category, *secondary]
    return Entry(
        name=app.name,
        pull_request=_pull_request(app),
        description=listing.description,
        website=listing.website,
        categories=tuple(category.name for category in chosen if category),
        logo=_address(listing.logo_id),
        mark=_address(listing.mark_id),
        support_email=listing.support_email,
    )


def as_read(entry: Entry, categories: Categories) -> Entry:
    """`entry` as it comes back from a template: blanks at the ends of lines and the like are no difference."""
    return read(write(entry), categories.known).entry


def read_text(text: str, categories: Categories) -> Reading:
    return read(text, categories.known)


def _pull_request(app: App) -> str:
    components = app.components.filter(kind=ComponentKind.ACTIONS_DESTINATION)
    return components.values_list("pull_request", flat=True).first() or ""


def _address(sha256: str | None) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{asset_path(sha256)}" if sha256 else ""
