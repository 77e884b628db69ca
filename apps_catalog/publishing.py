"""The only writer of the public catalog's read model: an entry is always a picture of one version."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from apps_catalog.assets import store_svg
from apps_catalog.code_lifecycle import deploy_approved
from apps_catalog.markdown import plain, render
from apps_catalog.models import App, AppVersion, Asset, CatalogEntry, Category, EntryCategory
from apps_catalog.states import Stage
from audit.recording import System, record
from leases.prepared import Prepared

SUMMARY_LENGTH = 160


@transaction.atomic
def publish(
    app: App, version: AppVersion, *, listed: bool, actor: User | System, noteworthy: bool = True, hidden: bool = False,
    listed_since: datetime | None = None,
) -> CatalogEntry:  # fmt: skip
    """Make `version` the live one and write the App's entry from it, with the App's stage as it is now.

    Unlisted entries are shown by the beta page only. An entry keeps the time of its first listing, by which New &
    Noteworthy is ordered; `listed_since` is that time for an App whose entry was taken away and comes back.
    """
    App.objects.filter(pk=app.pk).update(live_version=version)
    app.live_version = version
    deploy_approved(actor, app, version)
    known = CatalogEntry.objects.select_for_update().filter(app=app).first()
    first = known.listed_at if known and known.listed_at else listed_since
    listed_at = (first or timezone.now()) if listed else None
    categories = _categories(version.manifest["listing"])
    fields = _fields(app, version, categories) | {
        "listed_at": listed_at, "is_hidden": hidden, "is_noteworthy": noteworthy,
    }  # fmt: skip
    entry, _ = CatalogEntry.objects.update_or_create(app=app, defaults=fields)
    _set_categories(entry, categories)
    record(actor, "app.published", app, chain=app.chain, version=version.number, listed=listed)
    return entry


@transaction.atomic
def unpublish(app: App, *, actor: User | System) -> None:
    """Take the App's entry out of sight; a later `publish` writes it anew."""
    categories = list(Category.objects.filter(entries__app=app))
    if CatalogEntry.objects.filter(app=app).delete()[0]:
        count_entries(categories)
        record(actor, "app.unpublished", app, chain=app.chain)


@transaction.atomic
def mark_at_risk(app: App, since: datetime | None) -> bool:
    """Let the App's entry say that it is at risk `since` then, or, with None, no longer. Whether there is an entry."""
    return bool(CatalogEntry.objects.filter(app=app).update(at_risk_since=since))


@transaction.atomic
def mark_proven(app: App, at: datetime) -> bool:
    """Let the App's entry say when it was last seen to work. Whether there is an entry."""
    return bool(CatalogEntry.objects.filter(app=app).update(proven_at=at))


def _fields(app: App, version: AppVersion, categories: list[Category]) -> dict[str, Any]:
    listing = version.manifest["listing"]
    words = plain(listing["description"])
    maker = app.company.name
    return {
        "version": version,
        "name": version.manifest["name"],
        "slug": app.slug,
        "maker": maker,
        "description": listing["description"],
        "description_html": render(listing["description"]),
        "summary": _shorten(plain(listing["description"].strip().partition("\n\n")[0])),
        "website": listing["website"],
        "logo": _asset(listing.get("logo_svg", "")),
        "mark": _asset(listing.get("mark_svg", "")),
        "search_text": " ".join([version.manifest["name"], maker, *(c.name for c in categories), words]),
        "is_beta": app.stage == Stage.PUBLIC_BETA,
    }


def _shorten(text: str) -> str:
    if len(text) <= SUMMARY_LENGTH:
        return text
    return text[:SUMMARY_LENGTH].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def _asset(svg: str) -> Asset | None:
    return store_svg(svg) if svg else None


def _categories(listing: dict[str, Any]) -> list[Category]:
    """The categories a manifest names, primary first, each once; unknown names are left out."""
    names = [listing.get("primary_category") or "", *listing.get("secondary_categories", [])]
    by_name = categories_by_name()
    found = [by_name[name] for name in names if name in by_name]
    return list(dict.fromkeys(found))


_all_categories = Prepared(lambda: Category.objects.all())


def categories_by_name() -> dict[str, Category]:
    """Every category under its name, its slug and its aliases."""
    index: dict[str, Category] = {}
    for category in _all_categories.ask():
        index |= dict.fromkeys([category.name, category.slug, *category.aliases], category)
    return index


def _set_categories(entry: CatalogEntry, categories: list[Category]) -> None:
    former = list(entry.categories.all())
    entry.entry_categories.all().delete()
    EntryCategory.objects.bulk_create(
        EntryCategory(entry=entry, category=category, position=position) for position, category in enumerate(categories)
    )
    count_entries([*former, *categories])


def count_entries(categories: Iterable[Category]) -> None:
    """Write how many entries are listed under each. The rows are locked before anything is counted, so that
    of two publications at once the later one sees both.
    """
    touched = Category.objects.filter(pk__in={category.pk for category in categories})
    list(touched.select_for_update().order_by("pk").values_list("pk"))
    links = EntryCategory.objects.filter(category=OuterRef("pk"), entry__in=CatalogEntry.objects.listed()).order_by()
    number = links.values("category").annotate(number=Count("pk")).values("number")
    touched.update(listed_count=Coalesce(Subquery(number), 0))
