"""The values of an App's settings that a test run uses: read from text, checked, and remembered sealed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from apps_catalog.models import Component, Setting
from apps_catalog.setting_conditions import shown_keys
from apps_catalog.setting_sending import values_sent
from apps_catalog.setting_values import EMPTY, TEXTS, choice_value, read_text, value_when_empty
from apps_catalog.states import SettingType
from runtime.egress import BadHeader, check_header_pair
from runtime.webhooks import API_KEY, build_request
from vault.sealing import CannotOpen

MAX_TEXT = 5_000
_YES, _NO = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})


def read_value(setting: Setting, text: str) -> Any:
    """The value that `text` stands for, by the setting's type (D8); None for none. Raises ValidationError.

    Read as in the form of a customer; from a terminal yes and no are taken, too.
    """
    if len(text) > MAX_TEXT:
        raise ValidationError(f"Use at most {MAX_TEXT:,} characters.")
    if setting.type == SettingType.BOOLEAN:
        return _boolean(text)
    if not text.strip():
        return value_of_nothing(setting)
    if setting.type == SettingType.SELECT and setting.choices:
        return _chosen(setting.choices, text)
    return read_text(setting.type, text.strip())


def value_of_nothing(setting: Setting) -> Any:
    """What a field that was emptied stands for: an empty text where the type is one, else None."""
    return "" if setting.type in TEXTS | {SettingType.SELECT} else None


def _chosen(choices: Iterable[Any], text: str) -> Any:
    """The value of the option, as itself: 10 is sent as a number."""
    options = {str(choice_value(choice)): choice_value(choice) for choice in choices}
    if text not in options:
        raise ValidationError(f"Choose one of: {', '.join(options)}.")
    return options[text]


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise ValidationError("Enter true or false.")
    return word in _YES


def installed_with(used: Sequence[Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """What an install sends (D10) whose form was touched only where `given` says so; None empties a field.

    `used`: the settings of the component. A condition that asks for a setting which it does not use hides nothing.
    """
    untouched = {setting.key: value_when_empty(setting) for setting in used}
    return values_sent(used, untouched | {key: given[key] for key in untouched.keys() & given.keys()})


def missing(used: Sequence[Setting], values: Mapping[str, Any]) -> list[Setting]:
    """The required settings that have no value; one that a condition hides is not asked for."""
    shown = shown_keys(used, values)
    return [each for each in used if each.required and each.key in shown and values.get(each.key) in EMPTY]


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
