"""Settings and fields of a plan as definitions of the actions framework, and the types that belong to them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from planning.scaffold import typescript
from planning.scaffold.typescript import doc, name
from runtime.spec.mappings import Wanted, fit, path_of
from runtime.spec.paths import MISSING, BadPath

Entry = Mapping[str, Any]
GENERATED: Final = "Made from the plan. `./bin/run generate:types` writes this file anew from the definition."
# Types of settings here → those of the framework; a list is one of texts.
_SETTING_TYPES: Final = {"boolean": "boolean", "number": "number", "password": "password"}
_IN_TYPESCRIPT: Final = {
    "boolean": "boolean",
    "number": "number",
    "integer": "number",
    "object": "{ [k: string]: unknown }",
}
_SAMPLES: Final[Mapping[str, Any]] = {"boolean": True, "number": 1}


def wanted(entry: Entry) -> Wanted:
    return Wanted(entry["key"], entry["label"], entry["type"], bool(entry["required"]), entry["default"])


# --- Settings ----------------------------------------------------------------------------------------


def setting_definition(setting: Entry) -> dict[str, Any]:
    """One of `authentication.fields` or `settings`."""
    kind = _setting_type(setting)
    is_list = setting["type"] == "array"
    return {
        "label": setting["label"] or setting["key"],
        "description": setting.get("hint") or setting["label"] or setting["key"],
        "type": kind,
        "multiple": True if is_list else None,
        "required": True if setting.get("required") and not setting.get("visible_if") else None,
        "default": _default(setting, kind),
        "choices": _choices(setting.get("choices")) if setting["type"] == "select" else None,
    }


def _setting_type(setting: Entry) -> str:
    if setting.get("sensitive") and setting["type"] == "string":
        return "password"
    return _SETTING_TYPES.get(setting["type"], "string")


def _default(setting: Entry, kind: str) -> Any:
    default = setting.get("default")
    if setting["type"] == "select" and default is not None:
        return _as_text(default) or None
    is_flag = isinstance(default, bool)
    if kind == "boolean":
        return default if is_flag else None
    if kind == "number":
        return default if isinstance(default, int | float) and not is_flag else None
    return default if kind == "string" and isinstance(default, str) and default else None


def _choices(choices: Any) -> list[dict[str, str]] | None:
    """The options, each with a value and a label; the framework's are texts."""
    found = []
    for choice in choices if isinstance(choices, list) else []:
        plain = choice.get("value") if isinstance(choice, Mapping) else choice
        label = choice.get("label") if isinstance(choice, Mapping) else ""
        if isinstance(plain, str | int | float):
            found.append({"value": _as_text(plain), "label": str(label or _as_text(plain))})
    return found or None


def _as_text(plain: Any) -> str:
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def setting_types(settings: Sequence[Entry]) -> str:
    lines = [_typed(each["key"], _setting_doc(each), _setting_ts(each), _is_required(each)) for each in settings]
    return _interface("Settings", lines)


def _setting_doc(setting: Entry) -> str:
    return str(setting.get("hint") or setting["label"] or setting["key"])


def _setting_ts(setting: Entry) -> str:
    if setting["type"] == "array":
        return "string[]"
    return _IN_TYPESCRIPT.get(_setting_type(setting), "string")


def _is_required(setting: Entry) -> bool:
    return bool(setting.get("required")) and not setting.get("visible_if")


def setting_sample(setting: Entry) -> Any:
    """A value that tests can use."""
    if setting["type"] == "array":
        return ["sample"]
    choices = _choices(setting.get("choices")) if setting["type"] == "select" else None
    return choices[0]["value"] if choices else _SAMPLES.get(_setting_type(setting), "sample")


# --- Fields of an action -----------------------------------------------------------------------------


def field_definition(field: Entry) -> dict[str, Any]:
    return {
        "label": field["label"] or field["key"],
        "description": field["label"] or field["key"],
        "type": field["type"],
        "required": True if field["required"] else None,
        "default": _mapping(wanted(field)),
    }


def _mapping(field: Wanted) -> Any:
    """Where the value comes from: a path of the event, a fixed value of the field's type, or nothing."""
    if not field.default.strip():
        return None
    try:
        path = path_of(field.default)
    except BadPath:
        return None
    if path is not None:
        return {"@path": str(path)}
    fixed = fit(field.default, field.type)
    return None if fixed is MISSING else fixed


def payload_types(fields: Sequence[Entry]) -> str:
    lines = [_typed(each["key"], each["label"], _field_ts(each["type"]), bool(each["required"])) for each in fields]
    return _interface("Payload", lines)


def _field_ts(kind: str) -> str:
    return "string | number" if kind == "datetime" else _IN_TYPESCRIPT.get(kind, "string")


# --- Both --------------------------------------------------------------------------------------------


def _typed(key: str, words: str, kind: str, is_required: bool) -> str:
    return f"{doc(words or key, 1)}\n  {name(key)}{'' if is_required else '?'}: {kind}"


def _interface(title: str, lines: Iterable[str]) -> str:
    inner = "\n".join(lines)
    body = f"{{\n{inner}\n}}" if inner else "{}"
    return f"{typescript.comment(GENERATED)}\n\nexport interface {title} {body}\n"
