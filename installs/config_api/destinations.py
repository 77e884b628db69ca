"""Destinations of a source: what "Enable with Segment" is there for (D45)."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from apps_catalog.models import App
from installs.config_api import bodies, errors, scopes
from installs.config_api.gate import Call, endpoint
from installs.config_api.masks import read_mask
from installs.config_api.names import check_same, last_part, name_of_source
from installs.config_api.pages import page_of
from installs.config_api.resources import destinations_json, destinations_on
from installs.config_api.values import merged, read_config, require_secrets_anew
from installs.models import Install
from installs.states import ScopeKind
from vault.sealing import CannotOpen
from workspaces import lifecycle
from workspaces.installing import can_install, what_is_installed
from workspaces.models import Destination, Source, Workspace
from workspaces.states import ConnectionMode

_FIELDS = frozenset({"config", "connection_mode", "enabled"})


def _list(call: Call, workspace: str, source: str) -> dict[str, Any]:
    place = scopes.source_of(call.install, workspace, source)
    return page_of(call, "destinations", destinations_on(place), lambda page: destinations_json(place, page))


def _get(call: Call, workspace: str, source: str, destination: str) -> dict[str, Any]:
    place = scopes.source_for(call.install, workspace, source, destination)
    return _shown(place, _existing(place, destination))


def _create(call: Call, workspace: str, source: str) -> dict[str, Any]:
    """Off, unless the body says that it is enabled. A second time is an error, and clients then patch (D45)."""
    scopes.check_parent(call.install, workspace, source)
    given = bodies.member(bodies.read_object(call.request), "destination")
    with transaction.atomic():
        return _made(call, workspace, source, given)


def _made(call: Call, workspace: str, source: str, given: dict[str, Any]) -> dict[str, Any]:
    slug = last_part(given, "destination", f"workspaces/{workspace}/sources/{source}")
    place = _held(scopes.source_for(call.install, workspace, source, slug, changes=True))
    app = app_called(call.install, place.workspace, slug)
    if Destination.objects.filter(source=place, app=app).exists():
        raise errors.already_exists("destination")
    settings = what_is_installed(app, place.workspace).settings
    entries = read_config(f"{name_of_source(place)}/destinations/{slug}", settings, given.get("config") or [])
    actor, mode = call.install.machine, _mode(given)
    made = lifecycle.install(
        actor, place, app, merged(settings, None, entries),
        enable=bodies.boolean(given, "enabled", "destination.enabled"),
    )  # fmt: skip
    lifecycle.set_mode(actor, made, mode)
    return _shown(place, made)


def _patch(call: Call, workspace: str, source: str, destination: str) -> dict[str, Any]:
    """The masked fields. Entries of `config` that are not given stay; without `config` in the body all are cleared.

    The body is read before anything is held: nobody waits for a caller who sends slowly.
    """
    place = scopes.source_for(call.install, workspace, source, destination, changes=True)
    _existing(place, destination)
    body = bodies.read_object(call.request)
    given = bodies.member(body, "destination")
    check_same(given, "destination", f"{name_of_source(place)}/destinations/{destination}")
    fields = read_mask(body, "destination", _FIELDS)
    if "enabled" in fields:
        given = given | {"enabled": bodies.boolean(given, "enabled", "destination.enabled")}
    with transaction.atomic():
        row = _existing(_held(place), destination, is_held=True)
        _change(call.install, row, fields, given)
        return _shown(place, row)


def _change(install: Install, row: Destination, fields: Collection[str], given: dict[str, Any]) -> None:
    """Off before and on after everything else, so that it is complete whenever it is on."""
    actor, enabled = install.machine, given["enabled"] if "enabled" in fields else None
    if enabled is False:
        lifecycle.set_enabled(actor, row, False)
    if "connection_mode" in fields:
        lifecycle.set_mode(actor, row, _mode(given))
    if "config" in fields:
        lifecycle.save_values(actor, row, _values(install, row, given))
    if enabled:
        lifecycle.set_enabled(actor, row, True)


def _delete(call: Call, workspace: str, source: str, destination: str) -> dict[str, Any]:
    place = scopes.source_for(call.install, workspace, source, destination, changes=True)
    lifecycle.remove_destination(call.install.machine, _existing(place, destination))
    return {}


def app_called(install: Install, workspace: Workspace, slug: str) -> App:
    """The App that may be put on a source of `workspace`: the install's own, or one that is there for everybody.

    Whatever its consenter may see beyond that is not for a partner's server to see: invitations, and Apps that their
    company is building. Raises ApiError 404 for these as for what does not exist.
    """
    app = App.objects.select_related("company", "live_version").filter(slug=slug).first()
    if app is None or not (_is_in_reach(install, workspace, app) and can_install(install.machine, workspace, app)):
        raise errors.not_found("destination")
    return app


def _is_in_reach(install: Install, workspace: Workspace, app: App) -> bool:
    if app.pk == install.client.app_id:
        return True
    if app.is_listed and app.live_version_id is not None and app.company.is_active:
        return True
    here = Destination.objects.filter(source__workspace=workspace, app=app)
    return install.scope_kind == ScopeKind.WORKSPACE and here.exists()


def _existing(source: Source, slug: str, *, is_held: bool = False) -> Destination:
    """`is_held`: as it is now, until the end of the transaction."""
    rows = Destination.objects.filter(source=source, app__slug=slug)
    if is_held:
        rows = rows.select_for_update(of=("self",))
    row = rows.select_related("app__company", "app__live_version").first()
    if row is None:
        raise errors.not_found("destination")
    row.source = source
    return row


def _held(source: Source) -> Source:
    """Its destinations are changed by one request at a time, so that two never overwrite each other's entries."""
    Source.objects.select_for_update().filter(pk=source.pk).first()
    return source


def _shown(source: Source, row: Destination) -> dict[str, Any]:
    """As it is now."""
    return destinations_json(source, list(destinations_on(source).filter(pk=row.pk)))[0]


def _values(install: Install, row: Destination, given: dict[str, Any]) -> dict[str, Any]:
    """The values to save. Secrets go on to another App's new address only when the caller knows them."""
    settings = what_is_installed(row.app, row.source.workspace).settings
    if given.get("config") is None:
        return merged(settings, None, {})
    name = f"{name_of_source(row.source)}/destinations/{row.app.slug}"
    saved, entries = _saved(row), read_config(name, settings, given["config"])
    values = merged(settings, saved, entries)
    if row.app_id != install.client.app_id:
        require_secrets_anew(settings, saved, entries, values)
    return values


def _saved(row: Destination) -> dict[str, Any]:
    """None when the key of the vault is lost, so that whoever knows the values can give them again."""
    try:
        return row.open_values()
    except CannotOpen:
        return {}


def _mode(given: dict[str, Any]) -> str:
    mode = bodies.text(given, "connection_mode", "destination.connection_mode") or ConnectionMode.UNSPECIFIED
    if mode not in ConnectionMode.values:
        raise errors.invalid(f"“destination.connection_mode” must be one of {', '.join(ConnectionMode.values)}")
    return mode


many = endpoint(GET=_list, POST=_create)
one = endpoint(GET=_get, PATCH=_patch, DELETE=_delete)
