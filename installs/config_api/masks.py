"""`update_mask`: which fields a PATCH is about (D45).

A path that is in the mask and not in the resource clears the field; a field that is not in the mask is left alone,
whatever the resource says about it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from installs.config_api import errors

MASK = "update_mask"
_MOST = 50


def read_mask(body: Mapping[str, Any], name: str, fields: Collection[str]) -> frozenset[str]:
    """The masked ones of `fields`, without the name of the resource before them; none without a mask.

    The mask stands beside the resource or inside it, as {"paths": […]}, or as the text that protobuf makes of it.
    """
    resource = body.get(name)
    mask = body.get(MASK) or (resource.get(MASK) if isinstance(resource, Mapping) else None)
    paths = mask.get("paths") if isinstance(mask, Mapping) else mask
    if isinstance(paths, str):
        paths = [path.strip() for path in paths.split(",") if path.strip()]
    if paths is None:
        return frozenset()
    if not isinstance(paths, list) or len(paths) > _MOST or not all(isinstance(path, str) for path in paths):
        raise errors.invalid(f'“{MASK}” must list paths, as in {{"paths": ["{name}.{min(fields)}"]}}')
    return frozenset(_field(path, name, fields) for path in paths)


def _field(path: str, name: str, fields: Collection[str]) -> str:
    field = path.removeprefix(f"{name}.")
    if field not in fields:
        known = ", ".join(f"{name}.{each}" for each in sorted(fields))
        raise errors.invalid(f"“{path[:80]}” cannot be updated, paths are {known}")
    return field
