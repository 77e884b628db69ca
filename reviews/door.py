"""What the special URL shows (S32): the live entry; to the partner's own people, before that, the draft."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from apps_catalog import markdown
from apps_catalog.models import App
from reviews.rules import can_see_door


@dataclass(frozen=True, slots=True)
class Door:
    """The entry as a customer sees it. `settings` are those of the manifest: label, hint, required."""

    name: str
    slug: str
    maker: str
    description_html: SafeString
    website: str
    mark_url: str
    logo_url: str
    settings: list[dict[str, Any]] = field(default_factory=list)
    docs_url: str = ""
    version: int | None = None

    @property
    def is_preview(self) -> bool:
        """Nothing is live yet; this is the draft."""
        return self.version is None


def find(slug: str, user: User) -> App | None:
    """The App whose special URL exists for `user`; None is the same for hidden and for unknown ones."""
    if "\x00" in slug:  # PostgreSQL refuses to compare with it
        return None
    related = ("company", "listing", "entry__version", "entry__mark", "entry__logo")
    app = App.objects.select_related(*related).filter(slug=slug, deleted_at__isnull=True).first()
    return app if app and can_see_door(user, app) else None


def door_of(app: App) -> Door:
    entry = getattr(app, "entry", None)
    return _from_entry(app, entry) if app.is_live and entry else _from_draft(app)


def _from_entry(app: App, entry: Any) -> Door:
    manifest = entry.version.manifest
    links = (manifest.get("listing") or {}).get("docs_links")
    return Door(
        name=entry.name, slug=app.slug, maker=entry.maker, website=entry.website,
        # Made by apps_catalog.markdown when the version was published.
        description_html=mark_safe(entry.description_html),  # noqa: S308
        mark_url=entry.mark.url if entry.mark else "", logo_url=entry.logo.url if entry.logo else "",
        settings=manifest.get("settings") or [], docs_url=_partner_docs(links), version=entry.version.number,
    )  # fmt: skip


def _partner_docs(links: Any) -> str:
    """Imported manifests may carry a plain list of links."""
    return str(links.get("partner") or "") if isinstance(links, dict) else ""


def _from_draft(app: App) -> Door:
    listing = app.listing
    settings = [
        {"label": one.label, "hint": one.hint, "required": one.required, "key": one.key} for one in app.settings.all()
    ]
    return Door(
        name=app.name, slug=app.slug, maker=app.company.name, website=listing.website,
        description_html=mark_safe(markdown.render(listing.description)),  # noqa: S308
        mark_url=app.mark_url, logo_url=listing.logo.url if listing.logo else "",
        settings=settings, docs_url=listing.docs_partner_url,
    )  # fmt: skip
