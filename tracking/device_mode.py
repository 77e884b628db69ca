"""The web plugins of a source's enabled destinations, as analytics.js loads them (D23, D24; `remotePlugins`).

In the partner's own workspace that is the draft, everywhere else the last approved version (PRODUCT, Draft and
version). Whatever a plugin gets, every visitor of the website can read: secrets of a server never come along.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import structlog

from apps_catalog.models import AppVersion, Component, Setting
from apps_catalog.setting_keys import API_KEY
from apps_catalog.states import ComponentKind, PluginShape, SettingType
from vault.sealing import CannotOpen
from workspaces.insiders import partners_own
from workspaces.models import Destination, Source
from workspaces.states import ConnectionMode

log = structlog.get_logger(__name__)

WEB_PLUGIN = ComponentKind.WEB_PLUGIN
_MODULE = re.compile(r"^\s*export\b", re.MULTILINE)
# Approved versions that are remembered; they never change.
_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class _Code:
    """What a draft or a version says about its web plugin. `public` are the keys that a browser may see."""

    code: str
    shape: str
    library_name: str
    public: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plugin:
    """A web plugin with a customer's settings. `name` is what `integrations` of a call names (D38)."""

    name: str
    slug: str
    code: str
    shape: str
    given_library_name: str
    settings: dict[str, Any]

    @property
    def library_name(self) -> str:
        """Where the function is found on window that makes the plugin."""
        return self.given_library_name or "segmentPlugin_" + self.slug.replace("-", "_")

    @property
    def version(self) -> str:
        """Changes with the script."""
        return sha256(self.script.encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def script(self) -> str:
        """A script that leaves the function of `library_name`, which takes settings and returns plugins."""
        name = json.dumps(self.library_name)
        if self.shape == PluginShape.DESTINATION:
            left = json.dumps(_left_by(self.code))
            return self.code if self.given_library_name else _ADOPTING % {"code": self.code, "name": name, "left": left}
        if _MODULE.search(self.code):
            return _IMPORTING % {"name": name}
        return _CATCHING % {"code": self.code, "name": name}


def plugins_of(source: Source, app_slug: str = "") -> list[Plugin]:
    """The plugins for the websites of `source`, or that of one App; in a constant number of queries."""
    rows = partners_own(
        Destination.objects.filter(source=source, is_enabled=True, app__deleted_at__isnull=True)
        .exclude(connection_mode=ConnectionMode.CLOUD)
        .select_related("app", "app__live_version", "source")
        .defer("app__live_version__manifest")
    )
    found: list[Any] = list(rows.filter(app__slug=app_slug) if app_slug else rows)
    drafts = _drafts({row.app_id for row in found if row.is_partners_own})
    versions = _versions([row.app.live_version for row in found if not row.is_partners_own and row.app.live_version_id])
    codes = [drafts.get(row.app_id) if row.is_partners_own else versions.get(row.app.live_version_id) for row in found]
    return [_plugin(row, code) for row, code in zip(found, codes, strict=True) if code]


def _plugin(row: Destination, code: _Code) -> Plugin:
    try:
        values = {key: value for key, value in row.open_values().items() if key in code.public}
    except CannotOpen:
        log.warning("destination_settings_unreadable", destination=row.pk)
        values = {}
    return Plugin(row.app.name, row.app.slug, code.code, code.shape, code.library_name, values)


# --- What the draft or the version says ----------------------------------------------------------------------------

# By digest.
_versions_known: dict[str, _Code | None] = {}


def _drafts(apps: set[int]) -> dict[int, _Code | None]:
    """By App."""
    if not apps:
        return {}
    columns = ("app_id", "kind", "code", "shape", "library_name")
    components = _by_app(Component.objects.filter(app__in=apps).values(*columns))
    settings = _by_app(Setting.objects.filter(app__in=apps).values("app_id", "key", "type", "sensitive", "components"))
    return {app: _code(components.get(app, ()), settings.get(app, ())) for app in apps}


def _by_app(rows: Iterable[Any]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["app_id"], []).append(row)
    return found


def _versions(versions: Sequence[AppVersion]) -> dict[int, _Code | None]:
    """By version; each is read once in a process."""
    new = {version.pk for version in versions if version.digest not in _versions_known}
    if len(_versions_known) + len(new) > _REMEMBERED:
        _versions_known.clear()
        new = {version.pk for version in versions}
    for digest, manifest in AppVersion.objects.filter(pk__in=new).values_list("digest", "manifest"):
        _versions_known[digest] = _code(manifest.get("components", ()), manifest.get("settings", ()))
    return {version.pk: _versions_known.get(version.digest) for version in versions}


def _code(components: Iterable[Mapping[str, Any]], settings: Iterable[Mapping[str, Any]]) -> _Code | None:
    """None without a web plugin."""
    components = list(components)
    one = next((each for each in components if each["kind"] == WEB_PLUGIN and (each.get("code") or "").strip()), None)
    if one is None:
        return None
    is_alone = len(components) == 1
    public = {setting["key"] for setting in settings if _is_public(setting, is_alone)}
    if is_alone:
        public.add(API_KEY)
    return _Code(one["code"], one.get("shape") or PluginShape.OBJECT, one.get("library_name") or "", frozenset(public))


def _is_public(setting: Mapping[str, Any], is_alone: bool) -> bool:
    """Whether a browser may see it: a secret only if the partner gave it to the plugin, or nothing else uses it."""
    kinds = setting.get("components") or ()
    if WEB_PLUGIN in kinds:
        return True
    is_secret = setting.get("sensitive") or setting.get("type") == SettingType.PASSWORD or setting["key"] == API_KEY
    return not kinds and (is_alone or not is_secret)


# --- The scripts -----------------------------------------------------------------------------------------------------

# Code that calls `analytics.register`: what it registers is caught and returned.
_CATCHING = """\
window[%(name)s] = async function (settings) {
  const caught = [];
  const register = async (...plugins) => { caught.push(...plugins); };
  const analytics = new Proxy(window.analytics, {
    get: (real, name) => (name === "register" ? register : Reflect.get(real, name)),
  });
  window.pluginSettings = settings;
  (function (analytics, pluginSettings) {
%(code)s
  }).call(window, analytics, settings);
  return caught;
};
"""
# A module exports a plugin, or a function from settings to it.
_IMPORTING = """\
(function (address) {
  window[%(name)s] = async function (settings) {
    window.pluginSettings = settings;
    const given = await import(address);
    const made = given.default ?? given.plugin;
    return (typeof made === "function" ? await made(settings) : made) ?? [];
  };
})(document.currentScript.src + "&module=1");
"""
# A destination script that came without the name of its function: the first one of those that it leaves on window.
_ADOPTING = """\
%(code)s
;(function (names) {
  const found = names.find((name) => typeof window[name] === "function");
  if (found) window[%(name)s] = window[found];
})(%(left)s);
"""
# What a script leaves on window, as far as its text tells.
_LEFT = re.compile(
    r"""^\s*(?:async\s+)?function\s*\*?\s*([A-Za-z_$][\w$]*)
    | ^\s*var\s+([A-Za-z_$][\w$]*)\s*=
    | \b(?:window|self|globalThis)\s*(?:\.\s*([A-Za-z_$][\w$]*)|\[\s*["']([^"']+)["']\s*\])\s*=(?!=)""",
    re.MULTILINE | re.VERBOSE,
)


def _left_by(code: str) -> list[str]:
    return [next(filter(None, groups)) for groups in _LEFT.findall(code)]
