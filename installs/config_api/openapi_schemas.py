"""The bodies of the Config API in words of JSON Schema, as the OpenAPI document has them."""

from typing import Any

from apps_catalog.states import PUBLIC_API_STATUS, SettingType
from installs.config_api.errors import CODES
from installs.config_api.resources import CATALOG_SOURCES, SOURCES
from workspaces.states import ConnectionMode

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(item: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": item, **more}


def _object(properties: dict[str, Schema], *, optional: tuple[str, ...] = (), description: str = "") -> Schema:
    """An answer: everything is always there, but for what is `optional`, and nothing else."""
    required = [name for name in properties if name not in optional]
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {}) | ({"description": description} if description else {})


def _page(name: str, schema: str) -> Schema:
    return _object({name: _list_of(ref(schema)), "next_page_token": {
        "type": "string", "description": "Give it as `page_token` for the next page. Empty at the end.",
    }})  # fmt: skip


def _sent(name: str, properties: dict[str, Schema], *, required: tuple[str, ...] = ()) -> Schema:
    """A request: what is not known is ignored, as ever in JSON."""
    resource: Schema = {"type": "object", "properties": properties}
    if required:
        resource["required"] = list(required)
    return {"type": "object", "properties": {name: resource}, "required": [name]}


def _patched(name: str, properties: dict[str, Schema]) -> Schema:
    found = _sent(name, properties | {"update_mask": ref("UpdateMask")})
    found["properties"]["update_mask"] = ref("UpdateMask")
    return found


_NAME_OF_DESTINATION: Schema = {
    "type": "string",
    "description": "The full name.",
    "examples": ["workspaces/acme/sources/website/destinations/your-app"],
}
_CATALOG_NAME: Schema = {"type": "string", "enum": [f"{CATALOG_SOURCES}{name}" for name in SOURCES.values()]}
_MODE: Schema = {"type": "string", "enum": list(ConnectionMode.values)}
_ENABLED: Schema = {"type": ["boolean", "string"], "description": "The texts “true” and “false” count as well."}
_GIVEN_CONFIG = _list_of({
    "type": "object",
    "required": ["name", "value"],
    "properties": {
        "name": {"type": "string", "description": "<name of the destination>/config/<key of the setting>"},
        "value": {"description": "Of the setting’s type. The mask of a saved secret leaves it as it is."},
    },
})  # fmt: skip

_WORKSPACE = _object({"name": _TEXT, "display_name": _TEXT, "id": _TEXT, "create_time": _TIME})
_SOURCE = _object({
    "slug": _TEXT, "name": _TEXT, "parent": _TEXT, "display_name": _TEXT, "catalog_name": _CATALOG_NAME,
    "enabled": _FLAG, "write_keys": _list_of(_TEXT),
    "library_config": _object({
        "metrics_enabled": _FLAG, "retry_queue": _FLAG, "cross_domain_id_enabled": _FLAG, "api_host": _TEXT,
    }),
    "create_time": _TIME,
})  # fmt: skip
_CONFIG_ENTRY = _object({
    "name": _TEXT, "display_name": _TEXT,
    "value": {"description": "Of the setting’s type; null when nothing is filled in. Secrets are masked."},
    "type": {"type": "string", "enum": list(SettingType.values)},
})  # fmt: skip
_DESTINATION = _object({
    "slug": _TEXT, "name": _NAME_OF_DESTINATION, "parent": _TEXT, "display_name": _TEXT, "enabled": _FLAG,
    "connection_mode": _MODE, "config": _list_of(ref("ConfigEntry")), "create_time": _TIME, "update_time": _TIME,
})  # fmt: skip
_CATALOG_SETTING = _object({
    "name": _TEXT, "display_name": _TEXT, "description": _TEXT,
    "type": {"type": "string", "enum": list(SettingType.values)}, "required": _FLAG, "sensitive": _FLAG,
    "default": {"description": "What it is while nobody fills it in."},
    "string_validators": _object({"regexp": _TEXT}), "select_validators": _object({"select_options": _list_of({})}),
}, optional=("string_validators", "select_validators"))  # fmt: skip
_CATALOG_DESTINATION = _object({
    "name": _TEXT, "display_name": _TEXT, "description": _TEXT, "website": _TEXT,
    "categories": _object({"primary": _TEXT, "additional": _list_of(_TEXT)}),
    "type": {"type": "string", "enum": ["STREAMING"]},
    "status": {"type": "string", "enum": list(PUBLIC_API_STATUS.values())},
    "connection_modes": _list_of(_MODE), "logos": _object({"logo": _TEXT, "mark": _TEXT}),
    "settings": _list_of(ref("CatalogSetting")),
})  # fmt: skip
_UPDATE_MASK: Schema = {
    "type": "object",
    "description": "Fields to update. A field that is named here and not given is cleared; one that is given and "
    "not named is left alone.",
    "properties": {"paths": _list_of(_TEXT, examples=[["destination.enabled", "destination.config"]])},
    "required": ["paths"],
}
_TOKEN = _object({
    "access_token": _TEXT, "token_type": {"type": "string", "enum": ["bearer"]},
    "expires_in": {"type": "integer"}, "scope": _TEXT, "app_name": _TEXT, "install_name": _TEXT,
    "workspace_names": _list_of(_TEXT), "source_names": _list_of(_TEXT),
}, optional=("source_names",))  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "Error": _object({"error": _TEXT, "code": {"type": "integer", "enum": sorted(set(CODES.values()))}}),
    "Empty": _object({}),
    "UpdateMask": _UPDATE_MASK,
    "Workspace": _WORKSPACE,
    "Workspaces": _page("workspaces", "Workspace"),
    "Source": _SOURCE,
    "Sources": _page("sources", "Source"),
    "NewSource": _sent(
        "source", {"name": _TEXT, "catalog_name": _CATALOG_NAME, "display_name": _TEXT},
        required=("name", "catalog_name"),
    ),
    "SourceUpdate": _patched(
        "source", {"name": _TEXT, "catalog_name": _CATALOG_NAME, "display_name": _TEXT, "enabled": _ENABLED}
    ),
    "ConfigEntry": _CONFIG_ENTRY,
    "Destination": _DESTINATION,
    "Destinations": _page("destinations", "Destination"),
    "NewDestination": _sent(
        "destination",
        {"name": _NAME_OF_DESTINATION, "connection_mode": _MODE, "enabled": _ENABLED, "config": _GIVEN_CONFIG},
        required=("name",),
    ),
    "DestinationUpdate": _patched(
        "destination",
        {"name": _NAME_OF_DESTINATION, "connection_mode": _MODE, "enabled": _ENABLED, "config": _GIVEN_CONFIG},
    ),
    "CatalogSetting": _CATALOG_SETTING,
    "CatalogDestination": _CATALOG_DESTINATION,
    "InstallToken": _TOKEN,
}  # fmt: skip
