"""The one table of what a manifest may say: it reads manifests, and it is the JSON Schema that we publish.

Every problem carries the path of what is wrong (`settings[2].type`), and all are found in one reading. Keys may
be absent; then their defaults hold. Unknown keys are problems: a misspelt key would otherwise be lost silently.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps_catalog import picture_guard, svg, validators
from apps_catalog.code_limits import MAX_CODE
from apps_catalog.image_limits import MAX_IMAGES
from apps_catalog.manifest_images import Image, each_image_once
from apps_catalog.manifest_rules import PARTNER, Rules
from apps_catalog.manifest_shapes import Anything, Choice, Flag, Items, Json, Record, Shape, Text, Variants
from apps_catalog.manifest_values import ManifestError, Reading, parse, unstorable
from apps_catalog.models import LaunchKind, Setting
from apps_catalog.setting_conditions import circle_in_words, circles
from apps_catalog.states import ComponentKind, PluginShape, SettingType

DOCS_LINKS = ("partner", "segment", "launch")


# --- Shapes that only a manifest has ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Option(Shape):
    """One choice of a setting: a plain value, or a value with a label."""

    hint: str = "A text, or an object with “value” and “label”."

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        is_object = isinstance(value, dict) and set(value) <= {"value", "label"} and "value" in value
        if not (is_object or isinstance(value, str | int | float)):
            reading.refuse(path, 'A text, or an object with "value" and "label".')
        return value

    def schema(self) -> Json:
        labelled = {"type": "object", "properties": {"value": {}, "label": {}}, "required": ["value"]}
        return {"anyOf": [{"type": ["string", "number", "boolean"]}, {**labelled, "additionalProperties": False}]}


@dataclass(frozen=True, slots=True)
class Category(Text):
    """The name of a category, read as its slug; "" when there is none."""

    def checked(self, text: str, path: str, reading: Reading) -> str:
        if not text and not self.required:
            return ""
        category = validators.find_category(text)
        if category is None:
            reading.refuse(path, f"There is no category {text[:60]!r}.")
            return ""
        return category.slug


@dataclass(frozen=True, slots=True)
class Picture(Text):
    """An SVG picture, read as what is left of it after cleaning."""

    clean: Callable[[bytes], svg.CleanSvg] = svg.clean_svg

    def checked(self, text: str, path: str, reading: Reading) -> str:
        if not text:
            return ""
        try:
            return self.clean(text.encode()).text
        except svg.BadSvg as problem:
            reading.refuse(path, str(problem))
            return ""


@dataclass(frozen=True, slots=True)
class DocsLinks(Record):
    """An object, or a plain list of links in the order partner, segment, launch."""

    def read(self, value: Any, path: str, reading: Reading) -> Json:
        if isinstance(value, list):
            value = dict(zip(DOCS_LINKS, value, strict=False))
        return Record.read(self, value, path, reading)

    def schema(self) -> Json:
        return {"anyOf": [Record.schema(self), {"type": "array", "items": {"type": ["string", "null"]}}]}


# --- What has to fit together ----------------------------------------------------------------------------


def _named(values: Json, path: str, reading: Reading) -> Json:
    if not (values["name"] or values["slug"] or reading.has_problem("name") or reading.has_problem("slug")):
        reading.refuse("name", "Give the App a name.")
    return values


def _each_kind_once(found: list[Any], path: str, reading: Reading) -> list[Any]:
    kinds = [component["kind"] for component in found]
    for index, kind in enumerate(kinds):
        if kind and kind in kinds[:index]:
            reading.refuse(f"{path}[{index}].kind", "An App has at most one component of each kind.")
    return found


def _each_key_once(found: list[Any], path: str, reading: Reading) -> list[Any]:
    keys = [setting["key"] if reading.rules.may_repeat else setting["key"].casefold() for setting in found]
    for index, key in enumerate(keys):
        if key and key in keys[:index]:
            reading.refuse(f"{path}[{index}].key", "Two settings have the same key.")
    return found


def _settings(found: list[Any], path: str, reading: Reading) -> list[Any]:
    """What holds for the list as a whole."""
    found = _each_key_once(found, path, reading)
    if not reading.rules.may_circle:
        _no_circle(found, path, reading)
    return found


def _no_circle(found: list[Any], path: str, reading: Reading) -> None:
    """Each circle is told once, at the condition of the first setting in it."""
    rows = [Setting(key=one["key"], label=one["label"], visible_if=one["visible_if"]) for one in found]
    place = {row.key: index for index, row in enumerate(rows)}
    for circle in circles(rows):
        advice = "Then none of them could ever be shown. Take the condition out of one of them."
        message = f"{circle_in_words(circle)} {advice}"
        reading.refuse(f"{path}[{place[circle[0].key]}].visible_if", message)


def _setting(values: Json, path: str, reading: Reading) -> Json:
    kind = str(values["type"])
    if not (reading.has_problem(f"{path}.type") or reading.has_problem(f"{path}.choices")):
        values["default"] = reading.checked(
            reading.rules.default, values["default"], f"{path}.default", kind, values["choices"]
        )
    sensitive = values["sensitive"] or kind == SettingType.PASSWORD
    return {**values, "label": values["label"] or values["key"], "type": kind, "sensitive": sensitive}


def _each_category_once(values: Json, path: str, reading: Reading) -> Json:
    seen = [values["primary_category"]]
    for index, slug in enumerate(values["secondary_categories"]):
        if slug and slug in seen and not reading.rules.may_repeat:
            reading.refuse(f"{path}.secondary_categories[{index}]", "This category is there twice.")
        seen.append(slug)
    return values


def _endpoint(url: str) -> str:
    return validators.clean_url(url, limit=validators.MAX_ENDPOINT)


# --- The table -------------------------------------------------------------------------------------------

SETTING = Record(
    {
        "key": Text("Sent with every event, and never changes. Letters, digits, _ and -.",
                    check=lambda rules: rules.key, required=True),
        "label": Text("What customers read above the field. The key, if there is none.", limit=200),
        "hint": Text("What customers read below the field.", limit=2_000),
        "type": Choice(tuple(SettingType.values), SettingType.STRING.value, "What customers can fill in."),
        "required": Flag("Whether customers have to fill it in."),
        "sensitive": Flag("Whether it is a secret: never shown again. A password always is."),
        "default": Anything("What is in the field at first."),
        "choices": Items(Option(), lambda rules: validators.MAX_CHOICES, PARTNER, hint="The options of a select."),
        "pattern": Text("A regular expression that the value has to match.", limit=300,
                        check=lambda rules: validators.clean_pattern),
        "visible_if": Anything("When the field is shown: an object with “key” and “value” of another setting."),
        "components": Items(Choice(tuple(ComponentKind.values)), hint="Which components get it; none means all."),
    },
    check=_setting,
)  # fmt: skip

COMPONENT = Variants(
    "kind",
    {
        ComponentKind.SUBSCRIPTION_WEBHOOK.value: Record(
            {"endpoint": Text("Where events are sent, with https.", limit=500, check=lambda rules: _endpoint)}
        ),
        ComponentKind.SUBSCRIPTION_FUNCTION.value: Record({"code": Text("JavaScript.", limit=MAX_CODE)}),
        ComponentKind.WEB_PLUGIN.value: Record(
            {
                "code": Text("JavaScript.", limit=MAX_CODE),
                "shape": Choice(
                    tuple(PluginShape.values),
                    PluginShape.OBJECT.value,
                    "Whether the code is a plugin object or a device-mode destination script.",
                ),
                "library_name": Text(
                    "The global name of a destination script.",
                    limit=100,
                    check=lambda rules: validators.clean_library_name,
                ),
            }
        ),
        ComponentKind.ACTIONS_DESTINATION.value: Record(
            {
                "mode": Choice(("cloud", "device"), hint="Where it runs."),
                "pull_request": Text("Address of the pull request.", limit=300),
            }
        ),
    },
)
COMPONENT_KEYS = {kind: tuple(record.members) for kind, record in COMPONENT.options.items()}


def _link(hint: str) -> Text:
    return Text(hint, limit=20_000, check=lambda rules: rules.link)


LISTING = Record(
    {
        "description": Text("Markdown, as the catalog shows it.",
                            check=lambda rules: validators.clean_description_source),
        "website": Text("Your product’s website.", check=lambda rules: rules.link),
        "primary_category": Category("The category under which customers look for it."),
        "secondary_categories": Items(Category(required=True), lambda rules: rules.max_secondary, PARTNER,
                                      hint="Further categories, the best one first."),
        "support_email": Text("Where Segment reaches your support. Customers never see it.", limit=254,
                              check=lambda rules: validators.clean_email),
        "docs_links": DocsLinks(
            {
                "partner": _link("Your documentation about Segment."),
                "segment": _link("Segment’s documentation about your App."),
                "segment_text": Text("The text of Segment’s documentation, in Markdown.", limit=20_000,
                                     check=lambda rules: validators.clean_markdown),
                "launch": _link("What you publish when the App goes live."),
                "launch_plan": Record(
                    {
                        "kind": Choice(("", *LaunchKind.values), hint="What you publish."),
                        "on": Text("The day for which it is planned, as 2026-12-31.", limit=10,
                                   check=lambda rules: validators.clean_day),
                        "note": Text("What Segment should know about it.", limit=validators.MAX_NOTE),
                    },
                    hint="The plan for the launch (S21).", may_be_null=True,
                ),
            },
            hint="Where people read more.", may_be_null=True,
        ),
        "logo_svg": Picture("The wide logo, as SVG.", svg.MAX_BYTES, clean=picture_guard.clean_logo),
        "mark_svg": Picture("The square mark, as SVG.", svg.MAX_BYTES, clean=picture_guard.clean_mark),
        "images": Items(Image(), lambda rules: MAX_IMAGES, PARTNER, check=each_image_once,
                        hint="Pictures of your product (S23)."),
    },
    check=_each_category_once, hint="What the catalog shows.", may_be_null=True,
)  # fmt: skip

MANIFEST = Record(
    {
        "$schema": Text("Where this schema is, for your editor. It is not kept.", limit=300),
        "name": Text("As your customers know it.", limit=120, check=lambda rules: rules.name),
        "slug": Text("The part of its web address. Made from the name, if there is none.", limit=120,
                     check=lambda rules: rules.slug),
        "components": Items(COMPONENT, check=_each_kind_once, hint="How it gets data; at most one of each kind."),
        "settings": Items(SETTING, lambda rules: rules.max_settings, PARTNER, check=_settings,
                          hint="What customers fill in, in this order."),
        "listing": LISTING,
    },
    check=_named,
)  # fmt: skip


# --- Reading ---------------------------------------------------------------------------------------------


def load(text: str, rules: Rules = PARTNER) -> Json:
    """The manifest in a JSON text, read by `read`. Raises ManifestError."""
    return read(parse(text), rules)


def read(data: Any, rules: Rules = PARTNER) -> Json:
    """`data` with all defaults filled in and every value checked by `rules`. Raises the first ManifestError.

    What the policy limits is not judged here: a draft that was saved under another policy stays readable.
    """
    manifest, problems = examine(data, rules)
    if problems:
        raise problems[0]
    return manifest


def examine(data: Any, rules: Rules = PARTNER) -> tuple[Json, list[ManifestError]]:
    """The same with every problem at once; the manifest is only of use when there is none."""
    if problems := list(unstorable(data)):
        return MANIFEST.blank(), problems
    reading = Reading(rules)
    return MANIFEST.read(data, "", reading), reading.problems


def json_schema(address: str) -> Json:
    """The table as JSON Schema (draft 2020-12), published at `address`; written for Apps of partners."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address, "title": "Manifest of an App"}
    return head | MANIFEST.schema()
