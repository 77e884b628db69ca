"""The values of an App's settings that a test run uses: read from text, checked, and remembered sealed."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from apps_catalog.models import Component, Setting
from apps_catalog.states import SettingType
from runtime.egress import BadHeader, check_header_pair
from runtime.webhooks import API_KEY, build_request
from vault.sealing import CannotOpen

MAX_TEXT = 5_000
_YES, _NO = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})


def read_value(setting: Setting, text: str) -> Any:
    """The value that `text` stands for, by the setting's type (D8). Raises ValidationError for people."""
    if len(text) > MAX_TEXT:
        raise ValidationError(f"Use at most {MAX_TEXT:,} characters.")
    options = choices_of(setting)
    if setting.type == SettingType.SELECT and options and text not in options:
        raise ValidationError(f"Choose one of: {', '.join(options)}.")
    reader = _READERS.get(setting.type)
    return reader(text) if reader else text


def value_when_empty(setting: Setting) -> Any:
    """What an optional setting that nobody filled in is sent as; None means that it is left out."""
    if setting.default is not None:
        return setting.default
    if setting.type == SettingType.BOOLEAN:
        return False
    return None if setting.type in _READERS else ""


def choices_of(setting: Setting) -> dict[str, str]:
    """Value → label of a choice setting; choices may be plain texts or objects with value and label."""
    found = {}
    for choice in setting.choices or []:
        value = str(choice.get("value", "")) if isinstance(choice, dict) else str(choice)
        found[value] = str(choice.get("label") or value) if isinstance(choice, dict) else value
    return found


def check_values(values: Mapping[str, Any]) -> None:
    """Raise ValidationError unless the values can be sent as the headers of D10."""
    key = values.get(API_KEY)
    if not key or not isinstance(key, str):
        raise ValidationError("Enter an API key.", code="required")
    try:
        for name, value in build_request("https://example.com/", {}, key, values).headers:
            check_header_pair(name, value)
    except BadHeader:
        raise ValidationError(
            "Together these values are too long: they travel in one header, which holds about 6,000 characters."
        ) from None
    except ValueError:
        raise ValidationError("One of these values has a character that cannot be sent.") from None


def remembered(component: Component) -> dict[str, Any]:
    """The values kept from an earlier run, or {}; unreadable ones count as forgotten."""
    try:
        return component.open_test_settings()
    except CannotOpen:
        return {}


def remember(component: Component, values: Mapping[str, Any]) -> None:
    """Keep the values for the next run, sealed; an empty mapping forgets them."""
    if remembered(component) != values:
        component.put_test_settings(dict(values))
        Component.objects.filter(pk=component.pk).update(test_settings_sealed=component.test_settings_sealed)


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise ValidationError("Enter true or false.")
    return word in _YES


def _number(text: str) -> int | float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValidationError("Enter a number.")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _list(text: str) -> list[Any]:
    """A JSON list, or one entry a line."""
    if text.lstrip().startswith("["):
        value = _json(text)
        if isinstance(value, list):
            return value
    return [line.strip() for line in text.splitlines() if line.strip()]


def _mapping(text: str) -> dict[str, Any]:
    value = _json(text)
    if not isinstance(value, dict):
        raise ValidationError('Enter a JSON object, as in {"name": "value"}.')
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationError("This is not valid JSON.") from None


def _anything(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


_READERS: dict[str, Callable[[str], Any]] = {
    SettingType.BOOLEAN: _boolean,
    SettingType.NUMBER: _number,
    SettingType.ARRAY: _list,
    SettingType.TEXT_MAP: _mapping,
    SettingType.MAP: _mapping,
    SettingType.MIXED: _anything,
}
