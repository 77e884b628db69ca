"""Reading a manifest: a JSON object in the shape of CONTRACT, checked key by key.

Every error names the path of what is wrong (`settings[2].type`). Keys may be absent; then their defaults
hold. Unknown keys are errors: a misspelt key would otherwise be lost silently.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from apps_catalog import svg, validators
from apps_catalog.manifest_rules import PARTNER, Rules
from apps_catalog.manifest_values import (
    ManifestError,
    check_texts,
    checked,
    parse,
    read_flag,
    read_list,
    read_object,
    read_text,
)
from apps_catalog.states import ComponentKind, SettingType

MAX_CODE = 200_000
TOP = {"name", "slug", "components", "settings", "listing"}
COMPONENT_KEYS: dict[str, tuple[str, ...]] = {
    ComponentKind.SUBSCRIPTION_WEBHOOK: ("endpoint",),
    ComponentKind.SUBSCRIPTION_FUNCTION: ("code",),
    ComponentKind.WEB_PLUGIN: ("code",),
    ComponentKind.ACTIONS_DESTINATION: ("mode", "pull_request"),
}
SETTING_KEYS = {
    "key", "label", "hint", "type", "required", "sensitive", "default", "choices", "pattern", "visible_if",
    "components",
}  # fmt: skip
LISTING_KEYS = {
    "description", "website", "primary_category", "secondary_categories", "support_email", "docs_links",
    "logo_svg", "mark_svg", "images",
}  # fmt: skip
DOCS_KEYS = ("partner", "segment", "segment_text", "launch")
MAX_IMAGES = 2


def load(text: str, rules: Rules = PARTNER) -> dict[str, Any]:
    """The manifest in a JSON text, read by `read`. Raises ManifestError."""
    return read(parse(text), rules)


def read(data: Any, rules: Rules = PARTNER) -> dict[str, Any]:
    """`data` with all defaults filled in and every value checked by `rules`. Raises ManifestError.

    What the policy limits is not judged here: a draft that was saved under another policy stays readable.
    """
    check_texts(data, "", 0)
    top = read_object(data, "", TOP)
    name = read_text(top, "name", "", limit=120)
    slug = read_text(top, "slug", "", limit=120)
    if not name and not slug:
        raise ManifestError("name", "Give the App a name.")
    return {
        "name": checked(rules.name, name, "name") if name else "",
        "slug": checked(rules.slug, slug, "slug") if slug else "",
        "components": _components(read_list(top, "components", "")),
        "settings": _settings(read_list(top, "settings", ""), rules),
        "listing": _listing({} if top.get("listing") is None else top["listing"], rules),
    }


# --- Parts -------------------------------------------------------------------------------------------


def _components(items: list[Any]) -> list[dict[str, str]]:
    found = [_component(item, f"components[{index}]") for index, item in enumerate(items)]
    kinds = [component["kind"] for component in found]
    for index, kind in enumerate(kinds):
        if kind in kinds[:index]:
            raise ManifestError(f"components[{index}].kind", "An App has at most one component of each kind.")
    return found


def _component(item: Any, path: str) -> dict[str, str]:
    kind = item.get("kind") if isinstance(item, dict) else None
    if kind not in COMPONENT_KEYS:
        raise ManifestError(f"{path}.kind", f"One of {', '.join(COMPONENT_KEYS)}.")
    keys = COMPONENT_KEYS[kind]
    read_object(item, path, {"kind", *keys})
    values = {key: read_text(item, key, path, limit=MAX_CODE if key == "code" else 500) for key in keys}
    if values.get("endpoint"):
        values["endpoint"] = checked(_clean_endpoint, values["endpoint"], f"{path}.endpoint")
    if values.get("mode", "") not in ("", "cloud", "device"):
        raise ManifestError(f"{path}.mode", "Either cloud or device.")
    return {"kind": kind, **values}


def _clean_endpoint(url: str) -> str:
    return validators.clean_url(url, limit=validators.MAX_ENDPOINT)


def _settings(items: list[Any], rules: Rules) -> list[dict[str, Any]]:
    found = [_setting(item, f"settings[{index}]", rules) for index, item in enumerate(items)]
    keys = [setting["key"] if rules.may_repeat else setting["key"].casefold() for setting in found]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise ManifestError(f"settings[{index}].key", "Two settings have the same key.")
    return found


def _setting(item: Any, path: str, rules: Rules) -> dict[str, Any]:
    item = read_object(item, path, SETTING_KEYS)
    kind = read_text(item, "type", path) or SettingType.STRING
    if kind not in SettingType.values:
        raise ManifestError(f"{path}.type", f"One of {', '.join(SettingType.values)}.")
    choices = _choices(item, path)
    key = checked(rules.key, read_text(item, "key", path), f"{path}.key")
    return {
        "key": key,
        "label": read_text(item, "label", path, limit=200) or key,
        "hint": read_text(item, "hint", path, limit=2_000),
        "type": str(kind),
        "required": read_flag(item, "required", path),
        "sensitive": read_flag(item, "sensitive", path) or kind == SettingType.PASSWORD,
        "default": checked(lambda value: rules.default(value, kind, choices), item.get("default"),
                            f"{path}.default"),
        "choices": choices,
        "pattern": checked(validators.clean_pattern, read_text(item, "pattern", path, limit=300), f"{path}.pattern"),
        "visible_if": item.get("visible_if"),
        "components": _kinds(item, path),
    }  # fmt: skip


def _choices(item: Mapping[str, Any], path: str) -> list[Any]:
    choices = read_list(item, "choices", path)
    if len(choices) > validators.MAX_CHOICES:
        raise ManifestError(f"{path}.choices", f"At most {validators.MAX_CHOICES} options.")
    for index, choice in enumerate(choices):
        is_object = isinstance(choice, dict) and set(choice) <= {"value", "label"} and "value" in choice
        if not (is_object or isinstance(choice, str | int | float)):
            raise ManifestError(f"{path}.choices[{index}]", 'A text, or an object with "value" and "label".')
    return choices


def _kinds(item: Mapping[str, Any], path: str) -> list[str]:
    kinds = read_list(item, "components", path)
    for index, kind in enumerate(kinds):
        if kind not in ComponentKind.values:
            raise ManifestError(f"{path}.components[{index}]", f"One of {', '.join(ComponentKind.values)}.")
    return kinds


def _listing(data: Any, rules: Rules) -> dict[str, Any]:
    listing = read_object(data, "listing", LISTING_KEYS)
    primary, secondary = _categories(listing, rules)
    return {
        "description": checked(
            validators.clean_description_source, read_text(listing, "description", "listing"), "listing.description"
        ),
        "website": checked(rules.link, read_text(listing, "website", "listing"), "listing.website"),
        "primary_category": primary,
        "secondary_categories": secondary,
        "support_email": checked(
            validators.clean_email, read_text(listing, "support_email", "listing", limit=254), "listing.support_email"
        ),
        "docs_links": _docs({} if listing.get("docs_links") is None else listing["docs_links"], rules),
        "logo_svg": _picture(listing, "logo_svg", svg.clean_logo),
        "mark_svg": _picture(listing, "mark_svg", svg.clean_mark),
        "images": _images(listing),
    }


def _categories(listing: Mapping[str, Any], rules: Rules) -> tuple[str, list[str]]:
    """The slugs of the primary category ("" for none) and of the secondary ones."""
    primary = read_text(listing, "primary_category", "listing")
    slugs = [_category(primary, "listing.primary_category")] if primary else []
    secondary = read_list(listing, "secondary_categories", "listing")
    if len(secondary) > rules.max_secondary:
        raise ManifestError("listing.secondary_categories", f"At most {rules.max_secondary}.")
    for index, name in enumerate(secondary):
        path = f"listing.secondary_categories[{index}]"
        slug = _category(name, path)
        if slug in slugs and not rules.may_repeat:
            raise ManifestError(path, "This category is there twice.")
        slugs.append(slug)
    return ("", slugs) if not primary else (slugs[0], slugs[1:])


def _category(name: Any, path: str) -> str:
    category = validators.find_category(name) if isinstance(name, str) else None
    if category is None:
        raise ManifestError(path, f"There is no category {str(name)[:60]!r}.")
    return category.slug


def _docs(data: Any, rules: Rules) -> dict[str, str]:
    """Documentation links: an object, or a plain list of links in the order partner, segment, launch."""
    if isinstance(data, list):
        data = dict(zip(("partner", "segment", "launch"), data, strict=False))
    docs = read_object(data, "listing.docs_links", set(DOCS_KEYS))
    values = {key: read_text(docs, key, "listing.docs_links", limit=20_000) for key in DOCS_KEYS}
    for key in ("partner", "segment", "launch"):
        values[key] = checked(rules.link, values[key], f"listing.docs_links.{key}")
    values["segment_text"] = checked(
        validators.clean_markdown, values["segment_text"], "listing.docs_links.segment_text"
    )
    return values


def _picture(listing: Mapping[str, Any], key: str, clean: Callable[[bytes], svg.CleanSvg]) -> str:
    text = read_text(listing, key, "listing", limit=svg.MAX_BYTES)
    if not text:
        return ""
    try:
        return clean(text.encode()).text
    except svg.BadSvg as problem:
        raise ManifestError(f"listing.{key}", str(problem)) from None


def _images(listing: Mapping[str, Any]) -> list[Any]:
    images = read_list(listing, "images", "listing")
    if len(images) > MAX_IMAGES:
        raise ManifestError("listing.images", f"At most {MAX_IMAGES} (S23).")
    for index, image in enumerate(images):
        is_object = isinstance(image, dict) and all(isinstance(value, str) for value in image.values())
        if not (is_object or isinstance(image, str)) or len(json.dumps(image)) > 2_000:
            raise ManifestError(f"listing.images[{index}]", "An address, or an object of short texts.")
    return images
