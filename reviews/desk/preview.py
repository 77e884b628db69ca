"""The frozen version as customers would see it: what the catalog's templates ask of an entry."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from apps_catalog.addresses import asset_path
from apps_catalog.markdown import render
from apps_catalog.models import App, AppVersion, Asset, Category
from apps_catalog.publishing import categories_by_name


@dataclass(frozen=True, slots=True)
class CategoryLink:
    category: Category


@dataclass(frozen=True, slots=True)
class CategoryLinks:
    """Stands in for the related rows of a published entry."""

    all: list[CategoryLink]


@dataclass(frozen=True, slots=True)
class Preview:
    """An entry that is not published. Nothing is written to make one."""

    name: str
    slug: str
    maker: str
    description_html: str
    website: str
    logo_id: str
    mark_url: str
    entry_categories: CategoryLinks = field(default_factory=lambda: CategoryLinks([]))
    is_beta: bool = False
    is_noteworthy: bool = False
    listed_at: None = None

    @property
    def shown(self) -> tuple[Any, ...]:
        """All that a page shows of it and a manifest does not have, as a key."""
        categories = tuple((link.category.slug, link.category.name) for link in self.entry_categories.all)
        return self.name, self.slug, self.maker, self.website, self.logo_id, self.mark_url, categories


@dataclass(frozen=True, slots=True)
class Mark:
    """What `app_mark` draws: the frozen picture of an App, or its initials."""

    name: str
    slug: str
    mark_url: str


def mark_of(app: App, version: AppVersion) -> Mark:
    """In one query where there is a picture, else in none."""
    drawing = (version.manifest.get("listing") or {}).get("mark_svg")
    pk = _pictures({"mark_svg": drawing}).get("mark_svg", "") if drawing else ""
    return Mark(version.manifest.get("name") or app.name, app.slug, asset_path(pk) if pk else "")


def preview_of(app: App, version: AppVersion) -> Preview:
    """In two queries."""
    listing = version.manifest.get("listing") or {}
    pictures = _pictures(listing)
    mark = pictures.get("mark_svg", "")
    return Preview(
        name=version.manifest.get("name") or app.name,
        slug=app.slug,
        maker=app.company.name,
        description_html=_html(listing.get("description", "")),
        website=listing.get("website", ""),
        logo_id=pictures.get("logo_svg", ""),
        mark_url=asset_path(mark) if mark else "",
        entry_categories=CategoryLinks(_categories(listing)),
    )


@lru_cache(maxsize=64)
def _html(description: str) -> str:
    """A description is frozen with its version, and looked at again and again while it is judged."""
    return render(description)


def _pictures(listing: Mapping[str, Any]) -> dict[str, str]:
    """Name → id of the stored picture; submitting froze what the listing had stored."""
    ids = {
        name: hashlib.sha256(listing[name].encode()).hexdigest()
        for name in ("logo_svg", "mark_svg")
        if listing.get(name)
    }
    if not ids:
        return {}
    stored = set(Asset.objects.filter(pk__in=ids.values()).values_list("pk", flat=True))
    return {name: pk for name, pk in ids.items() if pk in stored}


def _categories(listing: Mapping[str, Any]) -> list[CategoryLink]:
    known = categories_by_name()
    names = [listing.get("primary_category") or "", *listing.get("secondary_categories", [])]
    return [CategoryLink(known[name]) for name in dict.fromkeys(names) if name in known]
