"""An App as one JSON object, there and back without loss (CONTRACT, `import_app` and `export_app`).

Secrets never leave: neither test values nor the reviewers' test account are part of it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog import lifecycle, rules
from apps_catalog.assets import read_svg, store_svg
from apps_catalog.drafting import check_new_links, note_pull_request, save_row
from apps_catalog.manifest_images import stored as stored_image
from apps_catalog.manifest_rules import rules_for
from apps_catalog.manifest_schema import COMPONENT_KEYS, read
from apps_catalog.manifest_values import ManifestError
from apps_catalog.models import App, Asset, Category, Component, Listing, Setting
from apps_catalog.setting_drafts import EDITABLE
from apps_catalog.states import PluginShape
from audit.recording import System, record
from partners.models import Company
from runtime.names import skeleton, slugify_name

__all__ = [
    "ManifestError", "apply", "apply_to", "export", "fingerprint", "fingerprint_of", "identity_problems",
    "setting_as_json",
]  # fmt: skip

OTHER_SLUG = (
    "The slug of this App is {slug}, and a manifest cannot change it. Rename the App under Manage; "
    "to make another App out of this text, choose New App."
)
# The usual values of keys that a manifest leaves out then (CONTRACT names `kind` and `code` only).
UNSAID = {"shape": ("", PluginShape.OBJECT), "library_name": ("",)}


# --- Out -------------------------------------------------------------------------------------------------


def export(app: App) -> dict[str, Any]:
    """The draft of an App in the shape of CONTRACT, with every key."""
    return {
        "name": app.name,
        "slug": app.slug,
        "components": [_component(component) for component in app.components.all()],
        "settings": [setting_as_json(setting) for setting in app.settings.all()],
        "listing": _listing(app.listing),
    }


def _component(component: Component) -> dict[str, str]:
    values = {key: getattr(component, key) for key in COMPONENT_KEYS[component.kind]}
    return {"kind": component.kind, **{key: value for key, value in values.items() if value not in UNSAID.get(key, ())}}


def setting_as_json(setting: Setting) -> dict[str, Any]:
    """One setting in the shape of CONTRACT."""
    return {"key": setting.key, **{name: getattr(setting, name) for name in EDITABLE}}


def _listing(listing: Listing) -> dict[str, Any]:
    names = dict(Category.objects.values_list("slug", "name"))
    return {
        "description": listing.description,
        "website": listing.website,
        "primary_category": listing.primary_category.name if listing.primary_category else "",
        "secondary_categories": [names.get(slug, slug) for slug in listing.secondary_categories],
        "support_email": listing.support_email,
        "docs_links": {
            "partner": listing.docs_partner_url,
            "segment": listing.docs_segment_url,
            "segment_text": listing.docs_segment_text,
            "launch": listing.launch_url,
            **_launch_plan(listing),
        },
        "logo_svg": _picture(listing.logo),
        "mark_svg": _picture(listing.mark),
        "images": listing.images,
    }


def _launch_plan(listing: Listing) -> dict[str, Any]:
    """The marketing plan, where there is one (S21)."""
    on = listing.launch_on.isoformat() if listing.launch_on else ""
    plan = {"kind": listing.launch_kind, "on": on, "note": listing.launch_note}
    return {"launch_plan": plan} if any(plan.values()) else {}


def _picture(asset: Asset | None) -> str:
    return read_svg(asset) if asset else ""


# --- In --------------------------------------------------------------------------------------------------


@transaction.atomic
def apply(data: Any, *, company: Company, actor: User | System) -> App:
    """Make the App that `data` describes, or update the draft of the one with its slug; all or nothing.

    The draft becomes what the manifest says: keys that are absent get their defaults. Secrets stay, and so
    does everything else when the draft is like this already. What is over a limit of the policy is taken
    (`completeness.over_policy` names it). Raises ManifestError with the path of what cannot be taken.
    """
    manifest = read(data, rules_for(company))
    app = _find(manifest, company) or _create(manifest, company, actor)
    _bring(app, manifest, actor)
    return app


@transaction.atomic
def apply_to(app: App, data: Any, *, actor: User | System, expected: str | None = None) -> bool:
    """Bring the draft of this very App to what `data` describes; whether anything changed.

    As `apply`, and the slug has to be the App's own. `expected` is the `fingerprint` of the draft that the
    writer saw: when the draft is another one by now, nothing is changed and StaleDraft is raised.
    """
    app = _locked(app)
    if expected is not None and fingerprint(app) != expected:
        raise lifecycle.StaleDraft(app)
    manifest = read(data, rules_for(app.company))
    if problems := identity_problems(app, data):
        raise problems[0]
    return _bring(app, manifest, actor)


def fingerprint(app: App) -> str:
    """The draft as one short text: equal as long as its manifest is."""
    return fingerprint_of(export(app))


def fingerprint_of(manifest: Mapping[str, Any]) -> str:
    """The same for a manifest that was exported already."""
    canonical = json.dumps(manifest, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def identity_problems(app: App, data: Any) -> list[ManifestError]:
    """Why `data` cannot be the manifest of this App: another slug, or another name after the first submission."""
    slug, name = (data.get("slug"), data.get("name")) if isinstance(data, dict) else (None, None)
    problems = []
    if slug and slug != app.slug:
        problems.append(ManifestError("slug", OTHER_SLUG.format(slug=app.slug)))
    if name and name != app.name and lifecycle.is_name_fixed(app):
        problems.append(ManifestError("name", _fixed(app)))
    return problems


def _locked(app: App) -> App:
    """The App as it stands now; nobody changes a part of its draft before the transaction ends."""
    now = App.objects.select_for_update().get(pk=app.pk)
    list(now.components.select_for_update().order_by("pk"))
    Listing.objects.select_for_update().get(app=now)
    return now


def _bring(app: App, manifest: Mapping[str, Any], actor: User | System) -> bool:
    if not rules.can_edit_app(actor, app):
        raise PermissionDenied
    changed = {
        "name": _apply_name(app, manifest["name"]),
        "components": _apply_components(app, manifest["components"]),
        "settings": _apply_settings(app, manifest["settings"], actor),
        "listing": _apply_listing(app.listing, manifest["listing"]),
    }
    if parts := [part for part, is_other in changed.items() if is_other]:
        record(actor, "app.imported", app, chain=app.chain, slug=app.slug, parts=parts)
    return bool(parts)


def _apply_settings(app: App, settings: list[dict[str, Any]], actor: User | System) -> bool:
    app.refresh_from_db()
    with_api_key = not app.company.is_house
    try:
        return lifecycle.save_settings(actor, app, settings, app.revision, with_api_key=with_api_key)
    except ValidationError as problem:
        raise ManifestError("settings", " ".join(problem.messages)) from None


def _find(manifest: Mapping[str, Any], company: Company) -> App | None:
    slug = manifest["slug"] or slugify_name(manifest["name"])
    app = App.objects.filter(slug=slug).first()
    if app is None:
        return None
    if app.company_id != company.pk:
        raise ManifestError("slug", f"The slug {slug!r} belongs to another company.")
    if app.deleted_at is not None:
        raise ManifestError("slug", f"The App {slug!r} was deleted. Bring it back first.")
    return app


def _create(manifest: Mapping[str, Any], company: Company, actor: User | System) -> App:
    """A new App; a slug of its own is taken over when it looks like nothing that exists."""
    slug = manifest["slug"]
    name = manifest["name"] or slug.replace("-", " ").title()
    try:
        if company.is_house:
            return lifecycle.create_house_app(actor, company, name, slug or slugify_name(name))
        app = lifecycle.create_app(actor, company, name)
    except ValidationError as problem:
        raise ManifestError("name", " ".join(problem.messages)) from None
    if slug and slug != app.slug:
        _take_slug(app, slug)
    return app


def _take_slug(app: App, slug: str) -> None:
    shape = skeleton(slug)
    if App.objects.exclude(pk=app.pk).filter(skeleton=shape).exists():
        raise ManifestError("slug", "This slug looks too much like one that exists.")
    app.slug, app.skeleton = slug, shape
    app.save(update_fields=["slug", "skeleton"])


def _apply_name(app: App, name: str) -> bool:
    """Another name for the same slug, as long as names may change at all; whether it is another one."""
    if not name or name == app.name:
        return False
    if lifecycle.is_name_fixed(app):
        raise ManifestError("name", _fixed(app))
    app.name, app.revision = name, app.revision + 1
    app.save(update_fields=["name", "revision"])
    return True


def _fixed(app: App) -> str:
    return f"The name {app.name!r} is fixed since the first submission. Ask Segment if it has to change."


def _apply_components(app: App, components: list[dict[str, str]]) -> bool:
    """In place, so that test values and runs of a component that stays are kept; whether anything changed."""
    gone = app.components.exclude(kind__in=[component["kind"] for component in components])
    changed = bool(gone.update(removed_at=timezone.now()))
    for component in components:
        values = {key: value for key, value in component.items() if key != "kind"}
        row, is_new = Component.every.get_or_create(app=app, kind=component["kind"], defaults=values)
        is_back = row.removed_at is not None and bool(Component.every.filter(pk=row.pk).update(removed_at=None))
        changed |= is_new or is_back or bool(save_row(row, values, row.revision))
        note_pull_request(app, component["kind"])
    return changed


def _apply_listing(listing: Listing, data: Mapping[str, Any]) -> bool:
    listing.refresh_from_db()
    docs = data["docs_links"]
    primary = Category.objects.filter(slug=data["primary_category"]).first()
    same = ("description", "website", "secondary_categories", "support_email")
    values = {name: data[name] for name in same} | {
        "primary_category_id": primary.pk if primary else None,
        "logo_id": _stored(data["logo_svg"]),
        "mark_id": _stored(data["mark_svg"]),
    }
    changed = save_row(listing, values, listing.revision)
    links = {
        "docs_partner_url": docs["partner"],
        "docs_segment_url": docs["segment"],
        "docs_segment_text": docs["segment_text"],
        "launch_url": docs["launch"],
        "launch_kind": docs["launch_plan"]["kind"],
        "launch_on": date.fromisoformat(day) if (day := docs["launch_plan"]["on"]) else None,
        "launch_note": docs["launch_plan"]["note"],
    }
    changed += save_row(listing, links, listing.docs_revision, counter="docs_revision")
    images = {"images": [stored_image(image) for image in data["images"]]}
    changed += save_row(listing, images, listing.images_revision, counter="images_revision")
    check_new_links(listing)
    return bool(changed)


def _stored(picture: str) -> str | None:
    return store_svg(picture).pk if picture else None
