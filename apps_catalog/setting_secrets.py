"""Which values of settings must never be stored or shown as they are (D9, SECURITY T25)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apps_catalog.models import Setting
from apps_catalog.setting_keys import API_KEY
from apps_catalog.states import SettingType


def secrets_of(values: Mapping[str, Any], sensitive: Iterable[str]) -> list[str]:
    """The values that must not be stored: the API key, and those of the settings with a `sensitive` key (D9)."""
    return [text for key in {*sensitive, API_KEY} if key in values for text in _texts(values[key])]


def sensitive_keys(settings: Iterable[Setting]) -> list[str]:
    return sorted(setting.key for setting in settings if is_sensitive(setting))


def is_sensitive(setting: Setting) -> bool:
    return setting.sensitive or setting.type == SettingType.PASSWORD or setting.key == API_KEY


def _texts(value: Any) -> Iterator[str]:
    """Every text within a setting's value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
