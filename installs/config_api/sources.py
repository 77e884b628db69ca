"""Sources of a workspace, for the wide scopes (D44, D45)."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from installs.config_api import bodies, errors, scopes
from installs.config_api.gate import Call, endpoint
from installs.config_api.masks import read_mask
from installs.config_api.names import check_same, last_part, name_of_source, name_of_workspace
from installs.config_api.pages import page_of
from installs.config_api.resources import CATALOG_SOURCES, SOURCES, source_json
from installs.models import Install
from workspaces import lifecycle
from workspaces.models import Source
from workspaces.states import Library

_FIELDS = frozenset({"catalog_name", "display_name", "enabled", "library_config"})
_LIBRARIES = {f"{CATALOG_SOURCES}{name}": library for library, name in SOURCES.items()}


def _list(call: Call, workspace: str) -> dict[str, Any]:
    place = scopes.workspace_of(call.install, workspace)
    rows = Source.objects.filter(workspace=place).select_related("workspace").prefetch_related("write_keys")
    return page_of(call, "sources", rows, lambda page: [source_json(row) for row in page])


def _get(call: Call, workspace: str, source: str) -> dict[str, Any]:
    return source_json(scopes.source_of(call.install, workspace, source))


def _create(call: Call, workspace: str) -> dict[str, Any]:
    """The name of the body fixes the slug; `display_name` is what people read, the same without one."""
    place = scopes.workspace_of(call.install, workspace, changes=True)
    given = bodies.member(bodies.read_object(call.request), "source")
    slug = last_part(given, "source", name_of_workspace(place))
    title = bodies.text(given, "display_name", "source.display_name") or slug
    try:
        made = lifecycle.add_source(call.install.machine, place, title, _library(given), slug=slug)
    except ValidationError as problem:
        if getattr(problem, "code", "") == "taken":
            raise errors.already_exists("source") from None
        raise
    return source_json(made)


def _patch(call: Call, workspace: str, source: str) -> dict[str, Any]:
    """The masked fields. The body is read before anything is held: nobody waits for a caller who sends slowly."""
    row = scopes.source_of(call.install, workspace, source, changes=True)
    body = bodies.read_object(call.request)
    given = bodies.member(body, "source")
    check_same(given, "source", name_of_source(row))
    fields = read_mask(body, "source", _FIELDS)
    if "library_config" in fields:
        raise errors.unimplemented("“source.library_config” cannot be changed here")
    wanted: dict[str, Any] = {}
    if "display_name" in fields:
        wanted["name"] = bodies.text(given, "display_name", "source.display_name") or row.slug
    if "catalog_name" in fields:
        wanted["library"] = _library(given)
    if "enabled" in fields:
        wanted["is_enabled"] = bodies.boolean(given, "enabled", "source.enabled")
    return source_json(_changed(call.install, row, wanted))


@transaction.atomic
def _changed(install: Install, source: Source, wanted: Mapping[str, Any]) -> Source:
    """The source as it is now, with these values. Raises ApiError when it was removed meanwhile."""
    row = Source.objects.select_for_update().filter(pk=source.pk).first()
    if row is None:
        raise errors.not_found("source")
    row.workspace = source.workspace
    if wanted.keys() & {"name", "library"}:
        lifecycle.rename_source(install.machine, row, wanted.get("name", row.name), wanted.get("library", row.library))
    if "is_enabled" in wanted:
        lifecycle.set_source_enabled(install.machine, row, wanted["is_enabled"])
    return row


def _delete(call: Call, workspace: str, source: str) -> dict[str, Any]:
    lifecycle.remove_source(call.install.machine, scopes.source_of(call.install, workspace, source, changes=True))
    return {}


def _library(given: dict[str, Any]) -> str:
    name = bodies.text(given, "catalog_name", "source.catalog_name")
    if name not in _LIBRARIES:
        known = ", ".join(_LIBRARIES)
        raise errors.invalid(f"“source.catalog_name” must be one of {known}")
    return Library(_LIBRARIES[name])


many = endpoint(GET=_list, POST=_create)
one = endpoint(GET=_get, PATCH=_patch, DELETE=_delete)
