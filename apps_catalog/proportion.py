"""Review in proportion to the change: by which road each field of a live App reaches its customers.

The one table of it. A path names a value of a manifest: `listing.website`, `listing.docs_links.partner`,
`settings.region.hint`, `settings.region` (a whole setting that comes or goes), `settings` (their order),
`components.subscription_webhook.endpoint`. What the table does not name is reviewed before.
"""

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

from apps_catalog.states import ComponentKind


class Road(TextChoices):
    INSTANT = "instant", "Live when you save"
    AFTER = "after", "Live when you save, reviewed after"
    BEFORE = "before", "Reviewed before it goes live"


# path → (road, name). “*” stands for any key of a setting and any kind of component.
FIELDS: dict[str, tuple[Road, str]] = {
    "listing.support_email": (Road.INSTANT, "support address"),
    "listing.description": (Road.AFTER, "description"),
    "listing.website": (Road.AFTER, "website"),
    "listing.primary_category": (Road.AFTER, "primary category"),
    "listing.secondary_categories": (Road.AFTER, "further categories"),
    "listing.logo_svg": (Road.AFTER, "logo"),
    "listing.mark_svg": (Road.AFTER, "mark"),
    "listing.images": (Road.AFTER, "pictures"),
    "listing.docs_links.partner": (Road.AFTER, "link to your documentation"),
    "listing.docs_links.segment": (Road.AFTER, "link to Segment’s documentation"),
    "listing.docs_links.segment_text": (Road.AFTER, "Segment’s documentation"),
    "listing.docs_links.launch": (Road.AFTER, "link to launch content"),
    "listing.docs_links.launch_plan": (Road.AFTER, "marketing plan"),
    "settings.*.hint": (Road.INSTANT, "hint"),
    "settings": (Road.INSTANT, "order of the settings"),
    "settings.*.label": (Road.AFTER, "label"),
    "settings.*": (Road.BEFORE, "adding or removing a setting"),
    "settings.*.type": (Road.BEFORE, "type"),
    "settings.*.required": (Road.BEFORE, "required"),
    "settings.*.sensitive": (Road.BEFORE, "sensitive"),
    "settings.*.default": (Road.BEFORE, "default"),
    "settings.*.choices": (Road.BEFORE, "choices"),
    "settings.*.pattern": (Road.BEFORE, "pattern"),
    "settings.*.visible_if": (Road.BEFORE, "condition"),
    "settings.*.components": (Road.BEFORE, "components that get it"),
    "components.*": (Road.BEFORE, "adding or removing a component"),
    "components.*.endpoint": (Road.BEFORE, "endpoint"),
    "components.*.code": (Road.BEFORE, "code"),
    "components.*.shape": (Road.BEFORE, "shape of the plugin"),
    "components.*.library_name": (Road.BEFORE, "library name"),
    "components.*.mode": (Road.BEFORE, "mode"),
    "components.*.pull_request": (Road.BEFORE, "pull request"),
    "name": (Road.BEFORE, "name"),
    "scopes": (Road.BEFORE, "scopes"),
}  # fmt: skip

# Part of the console → the paths that its forms save.
PARTS: dict[str, tuple[str, ...]] = {
    "listing": ("listing.description", "listing.website", "listing.primary_category", "listing.secondary_categories",
                "listing.support_email", "listing.logo_svg", "listing.mark_svg"),
    "images": ("listing.images",),
    "docs": ("listing.docs_links",),
    "settings": ("settings",),
    "components": ("components",),
    "name": ("name",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs from the live version; None where there is none."""

    path: str
    before: Any
    after: Any

    @property
    def road(self) -> Road:
        return road_of(self.path)

    @property
    def title(self) -> str:
        """“Website”, “Setting region: hint”."""
        part, _, rest = self.path.partition(".")
        own, name = rest.split(".")[0], FIELDS.get(_pattern(self.path), (None, self.path))[1]
        if part == "settings" and own:
            return f"Setting {own}" + (f": {name}" if rest.count(".") else "")
        if part == "components":
            kind = str(ComponentKind(own).label) if own in ComponentKind.values else own
            return kind + (f": {name}" if rest.count(".") else "")
        return name[:1].upper() + name[1:]


def in_words(value: Any) -> Any:
    """A whole setting or component as a person reads it; any other value as it is."""
    if not isinstance(value, Mapping) or not ({"key", "kind"} & set(value)) or "on" in value:
        return value
    if "key" in value:
        need = "required" if value.get("required") else "optional"
        return f"{value.get('label') or value['key']} ({value.get('type', 'string')}, {need})"
    kind = value["kind"]
    return str(ComponentKind(kind).label) if kind in ComponentKind.values else str(kind)


def road_of(path: str) -> Road:
    """The road of a path; an unknown one is reviewed before."""
    return FIELDS.get(_pattern(path), (Road.BEFORE, ""))[0]


def is_part(path: str, part: str) -> bool:
    """Whether a form of `part` saves `path`; "" is every part."""
    return not part or any(path == each or path.startswith(f"{each}.") for each in PARTS[part])


def roads_of_part(part: str) -> dict[Road, list[str]]:
    """What a form tells before it is saved: the names of its fields by road, in the order of the roads."""
    named = [(road, name) for path, (road, name) in FIELDS.items() if is_part(path, part)]
    return {road: names for road in Road if (names := [name for each, name in named if each == road])}


def _pattern(path: str) -> str:
    part, _, rest = path.partition(".")
    if part not in ("settings", "components") or not rest:
        return path
    return f"{part}.*" + (f".{rest.partition('.')[2]}" if "." in rest else "")


# --- What differs ----------------------------------------------------------------------------------------


def field_changes(live: Mapping[str, Any], draft: Mapping[str, Any]) -> list[FieldChange]:
    """Every value of the draft that is not the live one's, in the order of the manifest."""
    found: list[FieldChange] = []
    if live.get("name") != draft.get("name"):
        found.append(FieldChange("name", live.get("name"), draft.get("name")))
    found += _rows("components", "kind", live, draft)
    found += _rows("settings", "key", live, draft)
    found += _order(live, draft)
    found += _values("listing", live.get("listing") or {}, draft.get("listing") or {})
    return found


def _rows(part: str, key: str, live: Mapping[str, Any], draft: Mapping[str, Any]) -> Iterator[FieldChange]:
    old, new = _by(key, live.get(part)), _by(key, draft.get(part))
    for name in dict.fromkeys([*old, *new]):
        if name in old and name in new:
            yield from _values(f"{part}.{name}", old[name], new[name])
        else:
            yield FieldChange(f"{part}.{name}", old.get(name), new.get(name))


def _by(key: str, rows: Iterable[Mapping[str, Any]] | None) -> dict[str, Mapping[str, Any]]:
    return {row[key]: row for row in rows or ()}


def _order(live: Mapping[str, Any], draft: Mapping[str, Any]) -> list[FieldChange]:
    old, new = list(_by("key", live.get("settings"))), list(_by("key", draft.get("settings")))
    was, becomes = [key for key in old if key in new], [key for key in new if key in old]
    return [FieldChange("settings", was, becomes)] if was != becomes else []


def _values(where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[FieldChange]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if name == "docs_links":
            yield from _values(f"{where}.{name}", before or {}, after or {})
        elif before != after and not (_is_empty(before) and _is_empty(after)):
            yield FieldChange(f"{where}.{name}", before, after)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


# --- Taking values over ----------------------------------------------------------------------------------


def carry(base: Mapping[str, Any], source: Mapping[str, Any], paths: Collection[str]) -> dict[str, Any]:
    """A copy of the manifest `base` with the values of `source` at `paths`.

    Paths are those of single fields and of the order of the settings; a setting that only one side has stays
    as `base` has it.
    """
    made = copy.deepcopy(dict(base))
    for path in paths:
        if path == "settings":
            _reorder(made, source)
        else:
            _put(made, source, path.split("."))
    return made


def _reorder(made: dict[str, Any], source: Mapping[str, Any]) -> None:
    places = {row["key"]: place for place, row in enumerate(source.get("settings") or ())}
    made["settings"] = sorted(made.get("settings") or (), key=lambda row: places.get(row["key"], len(places)))


def _put(made: dict[str, Any], source: Mapping[str, Any], steps: list[str]) -> None:
    part, *inner = steps
    if part == "listing":
        target, origin = made.setdefault(part, {}), source.get(part) or {}
    else:
        key = "key" if part == "settings" else "kind"
        rows, others = _by(key, made.get(part)), _by(key, source.get(part))
        own = inner.pop(0)
        if own not in rows or own not in others or not inner:
            return
        target, origin = rows[own], others[own]
    for step in inner[:-1]:
        target, origin = target.setdefault(step, {}), origin.get(step) or {}
    if inner[-1] in origin:
        target[inner[-1]] = copy.deepcopy(origin[inner[-1]])
    else:
        target.pop(inner[-1], None)


# --- What would break installs (D49) ---------------------------------------------------------------------


def breakages(live: Mapping[str, Any], draft: Mapping[str, Any]) -> list[str]:
    """Why the draft would break what customers have installed: each a sentence that says what to do instead."""
    old, new = _by("key", live.get("settings")), _by("key", draft.get("settings"))
    kinds = _by("kind", draft.get("components"))
    return [
        *(_gone(key) for key in old if key not in new),
        *(_required(key) for key in new if new[key].get("required") and not (key in old and old[key].get("required"))),
        *(
            f"The component “{ComponentKind(kind).label}” cannot be removed after launch: customers send to it."
            for kind in _by("kind", live.get("components"))
            if kind not in kinds and kind in ComponentKind.values
        ),
    ]


def _gone(key: str) -> str:
    return (
        f"The setting “{key}” cannot be removed or renamed after launch: customers have filled it in. "
        "Bring it back; you may change its label and its hint."
    )


def _required(key: str) -> str:
    return (
        f"The setting “{key}” cannot be required after launch: customers who have not filled it in would stop "
        "receiving data. Make it optional, and give it a default."
    )
