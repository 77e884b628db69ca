"""The values of settings: how each of the ten types (D8) is typed as text, shown as text, and sent."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from apps_catalog.models import Setting
from apps_catalog.states import SettingType
from apps_catalog.validators import clean_number

# Types whose value is one text: a pattern can be asked of them.
TEXTS = frozenset({SettingType.STRING, SettingType.PASSWORD})
# Types that can be kept secret: what is chosen from few things gives itself away.
CAN_BE_SECRET = frozenset(SettingType) - {SettingType.BOOLEAN, SettingType.SELECT, SettingType.COLOR}
# Types that are typed in several lines.
SEVERAL_LINES = frozenset({SettingType.ARRAY, SettingType.TEXT_MAP, SettingType.MAP, SettingType.MIXED})
EMPTY: tuple[Any, ...] = (None, "", [], {})

_PAIR = " = "
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_FUNCTION = re.compile(r"(?:rgba?|hsla?)\([0-9.,%/\s+-]{1,60}\)", re.IGNORECASE)


def read_text(kind: str, text: str) -> Any:
    """The value that a typed text stands for; None for none. Raises ValidationError with what to write instead."""
    if not text.strip():
        return None
    reader = _READERS.get(kind)
    return reader(text) if reader else text


def as_text(kind: str, value: Any) -> str:
    """The text that `read_text` reads back as `value`; "" for nothing."""
    if value in EMPTY:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind == SettingType.ARRAY and _is_lines(value):
        return "\n".join(value)
    if kind == SettingType.TEXT_MAP and _is_pairs(value):
        return "\n".join(f"{key}{_PAIR}{each}" for key, each in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def value_when_empty(setting: Setting) -> Any:
    """What a setting that nobody filled in is sent as: its default, else the empty value of its type.

    None means that it is left out, because its type has no empty value that every language reads alike.
    """
    if setting.default is not None:
        return setting.default
    if setting.type == SettingType.BOOLEAN:
        return False
    return None if setting.type in SEVERAL_LINES | {SettingType.NUMBER} else ""


def choice_value(choice: Any) -> Any:
    """The value of an option, which is a plain one or {"value", "label"}."""
    return choice.get("value") if isinstance(choice, dict) else choice


def choice_label(choice: Any) -> str:
    """What customers see of an option."""
    value = choice_value(choice)
    return str(choice.get("label") or value) if isinstance(choice, dict) else str(value)


# --- Reading -----------------------------------------------------------------------------------------


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word not in ("true", "false"):
        raise ValidationError("Enter true or false.")
    return word == "true"


def _list(text: str) -> list[Any]:
    """A list in JSON, or one entry per line."""
    if text.lstrip().startswith("["):
        found = _json(text)
        if isinstance(found, list):
            return found
    return [line.strip() for line in text.splitlines() if line.strip()]


def _map(text: str) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise ValidationError('Enter a JSON object, as in {"name": "value"}.')
    return found


def _text_map(text: str) -> dict[str, Any]:
    """An object of texts in JSON, or one “name = value” per line."""
    if text.lstrip().startswith("{"):
        found = _map(text)
        if not all(isinstance(value, str) for value in found.values()):
            raise ValidationError('Every value must be a text, as in {"name": "value"}.')
        return found
    return dict(_pair(line) for line in text.splitlines() if line.strip())


def _pair(line: str) -> tuple[str, str]:
    name, sign, value = line.partition("=")
    if not sign or not name.strip():
        raise ValidationError("Write one pair per line, as in name = value.")
    return name.strip(), value.strip()


def _color(text: str) -> str:
    color = text.strip()
    if not (_HEX.fullmatch(color) or _FUNCTION.fullmatch(color)):
        raise ValidationError("Enter a colour such as #0a7a51 or rgba(10, 122, 81, 0.5).")
    return color


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ValidationError('This is not JSON. Write it as in {"name": "value"}.') from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_READERS: Mapping[str, Callable[[str], Any]] = {
    SettingType.BOOLEAN: _boolean,
    SettingType.NUMBER: lambda text: clean_number(text.strip()),
    SettingType.ARRAY: _list,
    SettingType.TEXT_MAP: _text_map,
    SettingType.MAP: _map,
    SettingType.MIXED: _json,
    SettingType.COLOR: _color,
}


# --- Showing -----------------------------------------------------------------------------------------


def _is_lines(value: Any) -> bool:
    """Whether a list survives being written one entry per line."""
    return isinstance(value, list) and not str(value[0]).lstrip().startswith("[") and all(map(_is_line, value))


def _is_line(entry: Any) -> bool:
    return isinstance(entry, str) and entry.strip() == entry != "" and len(entry.splitlines()) == 1


def _is_pairs(value: Any) -> bool:
    """Whether a map survives being written one “name = value” per line."""
    if not isinstance(value, dict) or next(iter(value)).startswith("{"):
        return False
    return all(_is_line(key) and "=" not in key and (each == "" or _is_line(each)) for key, each in value.items())
