"""What happens to Apps when their company leaves: exported before, erased with it (PRODUCT, Leaving)."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps_catalog.addresses import IMAGE_TYPE
from apps_catalog.images import stored_keys
from apps_catalog.importing import house
from apps_catalog.manifest import export
from apps_catalog.models import App, AppVersion, Asset, CatalogEntry, CodeVersion, Listing
from apps_catalog.publishing import unpublish
from apps_catalog.states import Stage
from audit.recording import SYSTEM, record
from partners.models import Company


def company_data(company: Company) -> list[dict[str, Any]]:
    """One entry for each App: where it stands, and its draft as `export_app` writes it. No secrets."""
    apps = company.apps.filter(erased_at__isnull=True).order_by("pk")
    related = apps.select_related("live_version", "listing__primary_category", "listing__logo", "listing__mark")
    return [_app_data(app) for app in related.prefetch_related("components__code_versions", "settings")]


def _app_data(app: App) -> dict[str, Any]:
    return {
        "slug": app.slug,
        "stage": app.stage,
        "live_version": app.live_version.number if app.live_version else None,
        "created_at": app.created_at.isoformat(),
        "deleted_at": app.deleted_at.isoformat() if app.deleted_at else None,
        "draft": export(app),
        "code_versions": [_code_data(version) for part in app.components.all() for version in part.code_versions.all()],
    }


def _code_data(version: CodeVersion) -> dict[str, Any]:
    component = version.component.kind
    about = {"number": version.number, "saved_at": version.saved_at.isoformat(), "note": version.note}
    return {"component": component, **about, **version.content}


def erase(company: Company) -> None:
    """Delete every App of the company, with its versions, runs and reviews. Runs inside the company's deletion.

    The slug of one that was ever submitted stays taken: links to it are out in the world (T31).
    """
    for app in company.apps.order_by("pk"):
        _erase(app)


def _erase(app: App) -> None:
    pictures = _pictures_of(app)
    was_submitted = app.versions.exists()
    unpublish(app, actor=SYSTEM)
    App.objects.filter(pk=app.pk).update(live_version=None)
    record(SYSTEM, "app.erased", app, chain=app.chain, slug=app.slug)
    tombstone = _tombstone(app) if was_submitted else None
    App.objects.get(pk=app.pk).delete()
    if tombstone:
        tombstone.save(force_insert=True)
    _drop_unused(pictures)


def _tombstone(app: App) -> App:
    """An empty App that nobody sees: it holds the slug and its look-alikes, and nothing of the company."""
    return App(
        company=house(), name=app.slug, slug=app.slug, skeleton=app.skeleton, stage=Stage.DEPRECATED,
        deleted_at=app.deleted_at or timezone.now(), erased_at=app.erased_at or timezone.now(),
    )  # fmt: skip


def _pictures_of(app: App) -> set[str]:
    rows = [
        *Listing.objects.filter(app=app).values_list("logo_id", "mark_id"),
        *CatalogEntry.objects.filter(app=app).values_list("logo_id", "mark_id"),
    ]
    return {sha256 for row in rows for sha256 in row if sha256} | _images_of(
        Listing.objects.filter(app=app), AppVersion.objects.filter(app=app)
    )


def _images_of(listings: QuerySet[Listing], versions: QuerySet[AppVersion]) -> set[str]:
    """The pixel pictures that listings show or could put back, and those of versions."""
    filled = listings.exclude(images=[], removed_images=[]).values_list("images", "removed_images")
    frozen = versions.exclude(manifest__listing__images=[]).values_list("manifest__listing__images", flat=True)
    drafts = ([*images, *(each["image"] for each in removed)] for images, removed in filled)
    return {key for images in [*drafts, *frozen] for key in stored_keys(images or [])}


def _drop_unused(pictures: set[str]) -> None:
    """Delete pictures that no other App shows; the same bytes are stored once for all."""
    for model in (Listing, CatalogEntry):
        for column in ("logo_id", "mark_id"):
            pictures -= set(model.objects.filter(**{f"{column}__in": pictures}).values_list(column, flat=True))
    if Asset.objects.filter(pk__in=pictures, content_type=IMAGE_TYPE).exists():
        pictures -= _images_of(Listing.objects.all(), AppVersion.objects.all())
    for asset in Asset.objects.filter(pk__in=pictures):
        asset.delete()
        transaction.on_commit(partial(asset.file.storage.delete, str(asset.file.name)))
