"""The plan's document, made ready for writing code: safe names for folders and variables, every key there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from planning.scaffold.typescript import identifier
from runtime.names import slugify_name

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ActionFile:
    """`folder` is a safe name for the folder, `variable` one for the import; `key` is the plan's."""

    key: str
    folder: str
    variable: str
    name: str
    description: str
    trigger: str
    fields: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Destination:
    name: str
    slug: str
    mode: str
    method: str
    notes: str
    settings: list[dict[str, Any]]
    actions: list[ActionFile]

    @property
    def is_device(self) -> bool:
        return self.mode == "device"


def read(document: Document) -> Destination:
    """From `planning.export.document`; whatever is missing there is empty here."""
    auth = document.get("auth") or {}
    name = str(document.get("name") or "Destination")
    return Destination(
        name=name,
        slug=slugify_name(str(document.get("slug") or name)) or "destination",
        mode=str(document.get("mode") or ""),
        method=str(auth.get("method") or "custom"),
        notes=str(auth.get("notes") or ""),
        settings=[dict(each) for each in document.get("settings") or []],
        actions=_actions(document.get("actions") or []),
    )


def _actions(entries: list[Mapping[str, Any]]) -> list[ActionFile]:
    # Folders that differ only in case are one on some machines.
    found: list[ActionFile] = []
    for entry in entries:
        key = str(entry["key"])
        variable = identifier(key, {each.variable for each in found} | _IN_USE)
        folder = _folder(key, {each.folder.lower() for each in found})
        found.append(
            ActionFile(
                key, folder, variable, str(entry.get("name") or key), str(entry.get("description") or ""),
                str(entry.get("trigger") or ""), [dict(each) for each in entry.get("fields") or []],
            )
        )  # fmt: skip
    return found


def _folder(key: str, taken: set[str]) -> str:
    made = re.sub(r"[^A-Za-z0-9_-]+", "-", key).strip("-") or "action"
    made = f"{made}-action" if made.lower() in _NO_FOLDERS else made
    found, number = made, 1
    while found.lower() in taken:
        number += 1
        found = f"{made}-{number}"
    return found


# What the index of a destination imports, declares or takes from the platform: an action's import hides none of it.
_IN_USE = frozenset({
    "API_URL", "BrowserDestinationDefinition", "Client", "DestinationDefinition", "Object", "Settings",
    "URLSearchParams", "browserDestination", "defaultValues", "destination", "nock", "settings", "window",
})  # fmt: skip
# Names that Windows keeps for itself, and those that the scaffold uses.
_NO_FOLDERS = {"con", "prn", "aux", "nul", "__tests__", "index", "generated-types", *(f"com{n}" for n in range(10)),
               *(f"lpt{n}" for n in range(10))}  # fmt: skip
