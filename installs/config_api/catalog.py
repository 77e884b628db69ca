"""What a destination asks for, before one is made: its catalog entry with the settings (D7, D45)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings as django_settings

from apps_catalog.manifest import export
from apps_catalog.models import App, Asset, Setting
from apps_catalog.setting_secrets import is_sensitive
from apps_catalog.setting_values import choice_value
from apps_catalog.states import PUBLIC_API_STATUS, SettingType
from installs.config_api import scopes
from installs.config_api.destinations import app_called
from installs.config_api.gate import Call, endpoint
from workspaces.installing import Installable, what_is_installed


def _get(call: Call, destination: str) -> dict[str, Any]:
    """As the install's workspace would get it: the draft for the partner's own people, else the approved version."""
    install = scopes.catalog_of(call.install, destination)
    app = app_called(install, install.workspace, destination)
    installed = what_is_installed(app, install.workspace)
    manifest = export(app) if installed.is_draft or app.live_version is None else app.live_version.manifest
    return {
        "name": f"catalog/destinations/{app.slug}",
        "display_name": app.name,
        **_listing(manifest.get("listing") or {}),
        "type": "STREAMING",
        "status": PUBLIC_API_STATUS[app.stage],
        "connection_modes": sorted(installed.modes),
        "logos": _logos(app, installed),
        "settings": [_setting(setting) for setting in installed.settings],
    }


def _listing(listing: Mapping[str, Any]) -> dict[str, Any]:
    secondary: Sequence[str] = listing.get("secondary_categories") or []
    return {
        "description": listing.get("description") or "",
        "website": listing.get("website") or "",
        "categories": {"primary": listing.get("primary_category") or "", "additional": list(secondary)},
    }


def _logos(app: App, installed: Installable) -> dict[str, str]:
    """Absolute addresses, "" where there is no picture."""
    shown: Any = getattr(app, "listing" if installed.is_draft else "entry", None)
    return {name: _address(getattr(shown, name, None)) for name in ("logo", "mark")}


def _address(asset: Asset | None) -> str:
    return f"{django_settings.SITE_URL.rstrip('/')}{asset.url}" if asset else ""


def _setting(setting: Setting) -> dict[str, Any]:
    """`name` is the last part of an entry's name in `config`. Secrets have no default."""
    found = {
        "name": setting.key,
        "display_name": setting.label,
        "description": setting.hint,
        "type": setting.type,
        "required": setting.required,
        "sensitive": is_sensitive(setting),
        "default": None if is_sensitive(setting) else setting.default,
    }
    if setting.pattern:
        found["string_validators"] = {"regexp": setting.pattern}
    if setting.type == SettingType.SELECT and setting.choices:
        found["select_validators"] = {"select_options": [choice_value(choice) for choice in setting.choices]}
    return found


one = endpoint(GET=_get)
