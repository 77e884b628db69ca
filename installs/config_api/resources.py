"""How workspaces, sources and destinations look from outside (D45)."""

from collections.abc import Sequence
from typing import Any

import structlog
from django.db.models import QuerySet, prefetch_related_objects

from apps_catalog.models import Setting
from installs.config_api.names import moment, name_of_source, name_of_workspace
from installs.config_api.values import config_of
from vault.sealing import CannotOpen
from workspaces.insiders import partners_own
from workspaces.installing import settings_in
from workspaces.models import Destination, Source, Workspace
from workspaces.states import Library

log = structlog.get_logger(__name__)

# The names that sources have in Segment's own catalog.
SOURCES = {
    Library.JAVASCRIPT: "javascript",
    Library.PYTHON: "python",
    Library.NODE: "node.js",
    Library.HTTP: "http-api",
}
CATALOG_SOURCES = "catalog/sources/"
# Of the original, always as here: this product has none of it.
_LIBRARY_CONFIG = {
    "metrics_enabled": False, "retry_queue": False, "cross_domain_id_enabled": False, "api_host": "",
}  # fmt: skip


def workspace_json(workspace: Workspace) -> dict[str, Any]:
    return {
        "name": name_of_workspace(workspace),
        "display_name": workspace.name,
        "id": str(workspace.pk),
        "create_time": moment(workspace.created_at),
    }


def source_json(source: Source) -> dict[str, Any]:
    """`source.workspace` is loaded, `source.write_keys` at best prefetched."""
    return {
        "slug": source.slug,
        "name": name_of_source(source),
        "parent": name_of_workspace(source.workspace),
        "display_name": source.name,
        "catalog_name": f"{CATALOG_SOURCES}{SOURCES[Library(source.library)]}",
        "enabled": source.is_enabled,
        "write_keys": [key.key for key in source.write_keys.all() if key.is_usable],
        "library_config": dict(_LIBRARY_CONFIG),
        "create_time": moment(source.created_at),
    }


def destinations_on(source: Source) -> QuerySet[Destination]:
    """The destinations of a source, with what `destinations_json` needs."""
    return partners_own(Destination.objects.filter(source=source).select_related("app__live_version"))


def destinations_json(source: Source, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """For rows of `destinations_on`; drafts are loaded together."""
    prefetch_related_objects([row.app for row in rows if row.is_partners_own], "settings")
    return [_destination(source, row) for row in rows]


def _destination(source: Source, row: Any) -> dict[str, Any]:
    parent = name_of_source(source)
    name = f"{parent}/destinations/{row.app.slug}"
    return {
        "slug": row.app.slug,
        "name": name,
        "parent": parent,
        "display_name": row.app.name,
        "enabled": row.is_enabled,
        "connection_mode": row.connection_mode,
        "config": config_of(name, _settings_of(row), _values_of(row)),
        "create_time": moment(row.created_at),
        "update_time": moment(row.updated_at),
    }


def _settings_of(row: Any) -> list[Setting]:
    """The draft's in the partner's own workspace, elsewhere those of the approved version."""
    if row.is_partners_own:
        return list(row.app.settings.all())
    return settings_in(row.app.live_version.manifest) if row.app.live_version else []


def _values_of(row: Destination) -> dict[str, Any]:
    try:
        return row.open_values()
    except CannotOpen:
        log.warning("destination_settings_unreadable", destination=row.pk)
        return {}
