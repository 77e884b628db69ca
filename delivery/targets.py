"""Where the events of a destination go, and with what: the component, the customer's values, the secrets.

In the partner's own workspace that is the draft, everywhere else the last approved version (PRODUCT, Draft and
version). Of several components the webhook takes the events, then the function; web plugins run in browsers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from apps_catalog.models import AppVersion, Component, Setting, SigningSecret
from apps_catalog.setting_keys import API_KEY
from apps_catalog.setting_secrets import secrets_of
from apps_catalog.signing import open_or_none, opened_secrets
from apps_catalog.states import ComponentKind, SettingType
from vault.sealing import CannotOpen
from workspaces.insiders import partners_own
from workspaces.models import Destination

WEBHOOK, FUNCTION = ComponentKind.SUBSCRIPTION_WEBHOOK, ComponentKind.SUBSCRIPTION_FUNCTION
# In this order; the column or key that says where events go.
_PLACES = {WEBHOOK: "endpoint", FUNCTION: "code"}

NO_COMPONENT = "The App has neither an endpoint nor a function yet. Give it one, then send again."
NOT_APPROVED = "This App has no approved version, so there is nothing to send to outside its partner’s own workspaces."
GONE = "This App does not exist any more."
CANNOT_OPEN = "The settings could not be opened. Enter them again and save."
# So many parts of approved versions are remembered; they never change.
_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Target:
    """Where and how to send. With a `problem`, a sentence for people, there is nothing to send to.

    `owner` names whose code it is, for the sandboxes. `values` are the customer's settings that the component uses, by
    key, `apiKey` among them; `secrets` are the texts that must never be stored or shown.
    """

    destination_id: int
    source_id: int
    app_slug: str
    takes_events: bool
    is_paused: bool = False
    kind: str = ""
    endpoint: str = ""
    code: str = field(default="", repr=False)
    owner: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sensitive: frozenset[str] = frozenset()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    signing: tuple[str, ...] = field(default=(), repr=False)
    problem: str = ""


class _Plan(NamedTuple):
    """A draft or a version as far as sending goes. `used`: keys of settings by whether they are sensitive."""

    kind: str
    place: str
    used: Mapping[str, bool]
    unused: frozenset[str]


_plans_of_versions: dict[str, _Plan | None] = {}


def targets_of(ids: Collection[int]) -> dict[int, Target]:
    """The target of each of these destinations that exist, removed ones too, in a constant number of queries."""
    every = Destination.every.filter(pk__in=list(ids)).select_related("app", "app__live_version", "source")
    rows = list(partners_own(every.defer("app__live_version__manifest")))
    drafts = _plans_of_drafts([row for row in rows if row.is_partners_own])  # type: ignore[attr-defined]
    versions = _plans_of_live([row for row in rows if not row.is_partners_own])  # type: ignore[attr-defined]
    components = _components_of(rows)
    signing = _signing_of(components.values())
    found = {}
    for row in rows:
        plan = drafts.get(row.pk) or versions.get(row.pk)
        component = components.get((row.app_id, plan.kind)) if plan else None
        found[row.pk] = _target(row, plan, component, signing.get(component.pk, ()) if component else ())
    return found


def _target(row: Any, plan: _Plan | None, component: Component | None, signing: tuple[str, ...]) -> Target:
    base = {
        "destination_id": row.pk,
        "source_id": row.source_id,
        "app_slug": row.app.slug,
        "takes_events": row.takes_events and row.removed_at is None,
        "is_paused": row.paused_at is not None,
    }
    if row.app.deleted_at is not None:
        return Target(**base, problem=GONE)
    if plan is None:
        is_known = row.is_partners_own or row.app.live_version_id
        return Target(**base, problem=NO_COMPONENT if is_known else NOT_APPROVED)
    try:
        values = {key: value for key, value in row.open_values().items() if key not in plan.unused}
    except CannotOpen:
        return Target(**base, problem=CANNOT_OPEN)
    # What no setting of this version speaks of is treated as a secret.
    sensitive = frozenset(key for key in values if plan.used.get(key, True))
    return Target(
        **base,
        kind=plan.kind,
        endpoint=plan.place if plan.kind == WEBHOOK else "",
        code=plan.place if plan.kind == FUNCTION else "",
        # Customers never share a process, nor what code keeps in its cache: it may have been fetched with their key.
        owner=f"destination-{row.pk}-{row.revision}",
        values=values,
        sensitive=sensitive,
        secrets=(*secrets_of(values, sensitive), *signing),
        signing=signing if plan.kind == WEBHOOK else (),
    )


# --- What the draft or the version says --------------------------------------------------------------------


def _plans_of_drafts(rows: Sequence[Destination]) -> dict[int, _Plan]:
    """By destination; one whose draft has nothing to send to is missing."""
    apps = {row.app_id for row in rows}
    if not apps:
        return {}
    components: dict[int, list[Mapping[str, Any]]] = {}
    for one in Component.objects.filter(app__in=apps, kind__in=_PLACES).values("app_id", "kind", "endpoint", "code"):
        components.setdefault(one["app_id"], []).append(one)
    settings: dict[int, list[Mapping[str, Any]]] = {}
    names = ("app_id", "key", "type", "sensitive", "components")
    for each in Setting.objects.filter(app__in=apps).values(*names):
        settings.setdefault(each["app_id"], []).append(each)
    plans = {app: _plan(components.get(app, ()), settings.get(app, ())) for app in apps}
    return {row.pk: plan for row in rows if (plan := plans[row.app_id])}


def _plans_of_live(rows: Sequence[Any]) -> dict[int, _Plan]:
    """The same for the last approved versions. A version never changes, so it is read once in a process."""
    versions = {row.pk: row.app.live_version for row in rows if row.app.live_version_id}
    new = {version.pk for version in versions.values() if version.digest not in _plans_of_versions}
    if len(_plans_of_versions) + len(new) > _REMEMBERED:
        _plans_of_versions.clear()
        new = {version.pk for version in versions.values()}
    for digest, manifest in AppVersion.objects.filter(pk__in=new).values_list("digest", "manifest"):
        _plans_of_versions[digest] = _plan(manifest.get("components", ()), manifest.get("settings", ()))
    return {pk: plan for pk, version in versions.items() if (plan := _plans_of_versions.get(version.digest))}


def _plan(components: Iterable[Mapping[str, Any]], settings: Iterable[Mapping[str, Any]]) -> _Plan | None:
    places = {one["kind"]: one.get(_PLACES[one["kind"]]) or "" for one in components if one["kind"] in _PLACES}
    kind = next((kind for kind in _PLACES if places.get(kind, "").strip()), None)
    if kind is None:
        return None
    used, unused = {API_KEY: True}, set()
    for one in settings:
        if one.get("components") and kind not in one["components"]:
            unused.add(one["key"])
        else:
            used[one["key"]] = _is_sensitive(one)
    return _Plan(kind, places[kind], used, frozenset(unused) - {API_KEY})


def _is_sensitive(setting: Mapping[str, Any]) -> bool:
    return bool(setting.get("sensitive")) or setting.get("type") == SettingType.PASSWORD or setting["key"] == API_KEY


# --- Whose code it is, and how it is signed ----------------------------------------------------------------


def _components_of(rows: Sequence[Destination]) -> dict[tuple[int, str], Component]:
    """By App and kind; also those that were taken out of the draft, because a version may still have them."""
    wanted = Component.every.filter(app__in={row.app_id for row in rows}, kind__in=_PLACES).select_related("app")
    return {(one.app_id, one.kind): one for one in wanted}


def _signing_of(components: Iterable[Component]) -> dict[int, tuple[str, ...]]:
    """The opened secrets of each webhook, by component. One that came without gets its first."""
    webhooks = {one.pk: one for one in components if one.kind == WEBHOOK}
    rows: dict[int, list[str]] = {}
    for row in SigningSecret.objects.active().filter(component__in=webhooks):
        value = open_or_none(row)
        rows.setdefault(row.component_id, []).extend([value] if value else [])
    return {pk: tuple(rows[pk] if pk in rows else opened_secrets(one)) for pk, one in webhooks.items()}
