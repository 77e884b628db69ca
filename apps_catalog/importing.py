"""Reading the records of the original's public catalog (D7) as published Apps of the house company."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from apps_catalog.models import App, AppVersion, Category, EchoInbox, Listing, ReviewerAccess, Setting
from apps_catalog.naming import kept_name
from apps_catalog.publishing import categories_by_name, publish
from apps_catalog.states import SettingType, Stage
from apps_catalog.versions import digest
from audit.recording import SYSTEM
from partners.models import Company

STAGES = {"PUBLIC": Stage.PUBLIC, "PUBLIC_BETA": Stage.PUBLIC_BETA}
NEEDED = ("slug", "display_name", "status")


class BadRecord(ValueError):
    """A record that cannot be imported; the message says what is wrong with it."""


@dataclass
class Report:
    """What an import did: slugs by outcome, and a sentence for each oddity that was kept as it is."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "count": len(self.created) + len(self.updated) + len(self.unchanged)}


def house() -> Company:
    """The company that owns what is imported."""
    company, _ = Company.objects.get_or_create(
        slug="segment", defaults={"name": "Segment", "website": "https://segment.com", "is_house": True}
    )
    return company


def import_record(
    record: Mapping[str, Any], company: Company, report: Report, known: Mapping[str, Category] | None = None
) -> None:
    """Create or update one entry; all of it or nothing. Raises BadRecord.

    `known` is `categories_by_name()`, given by who imports many.
    """
    _check(record)
    known = known or categories_by_name()
    manifest = manifest_of(record, report, known)
    with transaction.atomic():
        app, is_new = _app(record, company)
        version, is_changed = _version(app, manifest)
        if is_changed:
            _write_draft(app, manifest, known)
            publish(app, version, listed=True, actor=SYSTEM, noteworthy=False, hidden=bool(record.get("hidden")))
    outcome = report.created if is_new else report.updated if is_changed else report.unchanged
    outcome.append(str(record["slug"]))


def _check(record: Mapping[str, Any]) -> None:
    if not isinstance(record, Mapping):
        raise BadRecord("A record must be an object.")
    if missing := [name for name in NEEDED if not record.get(name)]:
        raise BadRecord(f"The record lacks {', '.join(missing)}.")
    if record["status"] not in STAGES:
        raise BadRecord(f"The status {record['status']!r} is not one that the catalog shows.")


def manifest_of(record: Mapping[str, Any], report: Report, known: Mapping[str, Category]) -> dict[str, Any]:
    """The record as a manifest: settings as they stand, everything else kept under “catalog”."""
    slug, website = str(record["slug"]), str(record.get("website", ""))
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        report.notes.append(f"{slug}: the slug is kept although new Apps may not have such a one.")
    if not website.startswith(("https://", "http://")):
        report.notes.append(f"{slug}: the website {website!r} is kept, and shown without a link.")
    names = [str(name) for name in record.get("categories", [])]
    report.notes.extend(f"{slug}: the category {name!r} is unknown." for name in names if name not in known)
    names = [known[name].name for name in names if name in known]
    return {
        "name": str(record["display_name"]),
        "slug": slug,
        "components": [],
        "settings": [_setting(setting) for setting in record.get("settings", [])],
        "listing": {
            "description": str(record.get("description", "")),
            "website": website,
            "primary_category": names[0] if names else "",
            "secondary_categories": names[1:],
            "support_email": "",
            "docs_links": {},
            "logo_svg": "",
            "mark_svg": "",
            "images": [],
        },
        "catalog": {key: value for key, value in record.items() if key != "settings"},
    }


def _setting(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": raw["name"],
        "label": raw.get("label") or raw["name"],
        "hint": raw.get("description", ""),
        "type": raw.get("type", SettingType.STRING),
        "required": bool(raw.get("required")),
        "sensitive": raw.get("type") == SettingType.PASSWORD,
        "default": raw.get("defaultValue"),
        "choices": [],
        "pattern": "",
        "visible_if": None,
        "components": [],
    }


def _app(record: Mapping[str, Any], company: Company) -> tuple[App, bool]:
    slug = str(record["slug"])
    app = App.objects.select_for_update().filter(slug=slug).first()
    if app is None:
        return _new_app(slug, record, company), True
    if app.company_id != company.pk:
        raise BadRecord("The slug belongs to a partner's App.")
    App.objects.filter(pk=app.pk).update(name=record["display_name"], stage=STAGES[record["status"]])
    app.refresh_from_db()
    return app, False


def _new_app(slug: str, record: Mapping[str, Any], company: Company) -> App:
    found = kept_name(record["display_name"], slug)
    app = App.objects.create(
        company=company, name=found.name, slug=slug, skeleton=found.skeleton, stage=STAGES[record["status"]]
    )
    Listing.objects.create(app=app)
    EchoInbox.objects.create(app=app)
    ReviewerAccess.objects.create(app=app)
    return app


def _version(app: App, manifest: dict[str, Any]) -> tuple[AppVersion, bool]:
    """The newest version if it is the same as `manifest`, else a new one."""
    newest = app.versions.order_by("-number").first()
    fingerprint = digest(manifest)
    if newest and newest.digest == fingerprint:
        return newest, False
    number = newest.number + 1 if newest else 1
    return AppVersion.objects.create(app=app, number=number, manifest=manifest, digest=fingerprint), True


def _write_draft(app: App, manifest: dict[str, Any], known: Mapping[str, Category]) -> None:
    app.settings.all().delete()
    Setting.objects.bulk_create(
        Setting(app=app, position=position, **setting) for position, setting in enumerate(manifest["settings"])
    )
    listing = manifest["listing"]
    primary = known.get(listing["primary_category"])
    slugs = [known[name].slug for name in listing["secondary_categories"]]
    Listing.objects.filter(app=app).update(
        description=listing["description"],
        website=listing["website"],
        primary_category=primary,
        secondary_categories=slugs,
    )
