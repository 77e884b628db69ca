"""The verbs of this package in one place: what pages, admin, commands and other packages call.

- `making`: workspaces (create, personal, rename)
- `sources`: sources and their write keys
- `destinations`: Apps on sources
- the verbs about people are in `membership`
"""

from workspaces.destinations import install, remove_destination, save_values, set_enabled, set_mode
from workspaces.making import create, personal, rename
from workspaces.sources import (
    add_source,
    disable_key,
    remove_source,
    rename_source,
    rotate_key,
    set_source_enabled,
)

__all__ = [
    "add_source",
    "create",
    "disable_key",
    "install",
    "personal",
    "remove_destination",
    "remove_source",
    "rename",
    "rename_source",
    "rotate_key",
    "save_values",
    "set_enabled",
    "set_mode",
    "set_source_enabled",
]
