"""`config` of a destination and the values of its App's settings: there and back (D45, D47).

The values pass through the very form that customers fill in, so that both take the same. What is added here: a value
has the JSON type of its setting, nothing is required until the destination is switched on, and secrets are shown by
their last four characters only, which sent back mean “as it was”.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from apps_catalog.customer_form import CustomerForm
from apps_catalog.models import Setting
from apps_catalog.setting_secrets import is_sensitive
from apps_catalog.setting_sending import sent_with
from apps_catalog.setting_values import EMPTY, SEVERAL_LINES
from apps_catalog.states import SettingType
from installs.config_api import errors
from runtime.redaction import MASK, hint

Values = Mapping[str, Any]
_PREFIX = "config"
# What a value of each type must be, in words and in Python. A select takes whatever is one of its options.
_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    SettingType.STRING: ("a string", (str,)),
    SettingType.PASSWORD: ("a string", (str,)),
    SettingType.COLOR: ("a string such as #0a7a51", (str,)),
    SettingType.BOOLEAN: ("true or false", (bool, str)),
    SettingType.NUMBER: ("a number", (int, float, str)),
    SettingType.ARRAY: ("a list", (list,)),
    SettingType.TEXT_MAP: ("an object of strings", (dict,)),
    SettingType.MAP: ("an object", (dict,)),
    SettingType.SELECT: ("one of its options", (str, int, float, bool)),
    SettingType.MIXED: ("any JSON value", (object,)),
}
_WORDS = {"true": True, "false": False}


def config_of(name: str, settings: Sequence[Setting], values: Values) -> list[dict[str, Any]]:
    """The entries of a destination called `name`, one for each setting; null where nothing is filled in."""
    return [
        {
            "name": f"{name}/config/{setting.key}",
            "display_name": setting.label,
            "value": shown(setting, values.get(setting.key)),
            "type": setting.type,
        }
        for setting in settings
    ]


def shown(setting: Setting, value: Any) -> Any:
    """A value as it is given out: of a secret the last four characters (D47)."""
    if not is_sensitive(setting) or value in EMPTY:
        return value
    return hint(value) if isinstance(value, str) else MASK


def read_config(name: str, settings: Sequence[Setting], config: Any) -> dict[str, Any]:
    """What the entries of a body say, by key. Raises ApiError for what is no entry of a setting."""
    if not isinstance(config, list):
        raise errors.invalid("“destination.config” must be a list of entries with a name and a value")
    given: dict[str, Any] = {}
    for entry in config:
        key = _key(name, settings, entry)
        if key in given:
            raise errors.invalid(f"“destination.config” has {key} twice")
        given[key] = entry["value"]
    return given


def _key(name: str, settings: Sequence[Setting], entry: Any) -> str:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or "value" not in entry:
        raise errors.invalid("every entry of “destination.config” needs a name and a value")
    given, prefix = str(entry["name"]), f"{name}/config/"
    key = given.removeprefix(prefix)
    if not given.startswith(prefix):
        raise errors.invalid(f"“{given[:200]}” is no name of an entry here, names begin with {prefix}")
    if not any(setting.key == key for setting in settings):
        known = ", ".join(setting.key for setting in settings) or "none"
        raise errors.invalid(f"there is no setting “{key[:120]}”, settings are {known}")
    return key


def merged(settings: Sequence[Setting], saved: Values | None, given: Values) -> dict[str, Any]:
    """The values to save: `given` over `saved`, or over what an untouched form has when `saved` is None.

    Raises ApiError that names the setting and says what it should be.
    """
    base = untouched(settings) if saved is None else saved
    wanted = {
        setting.key: _told(setting, given[setting.key], base.get(setting.key))
        if setting.key in given
        else base.get(setting.key)
        for setting in settings
    }
    return _checked(settings, wanted)


def require_secrets_anew(settings: Sequence[Setting], saved: Values, given: Values, values: Values) -> None:
    """Refuse to send a secret where its owner did not send it.

    Who may write a setting such as a host, but never read a secret, would get it there. So whoever changes another
    setting gives the secrets too, or clears them. Raises ApiError that names the secret.
    """
    changed = [
        setting.label
        for setting in settings
        if not is_sensitive(setting) and setting.key in given and values.get(setting.key) != saved.get(setting.key)
    ]
    for setting in settings:
        is_anew = setting.key in given and not _is_mask(given[setting.key])
        is_kept = values.get(setting.key) not in EMPTY and not is_anew
        if changed and is_sensitive(setting) and is_kept:
            raise _wrong(setting, f"send the secret again, or clear it, when you change “{changed[0]}”")


def _is_mask(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(MASK)


def untouched(settings: Sequence[Setting]) -> dict[str, Any]:
    """What stands in the form before anybody types."""
    return {setting.key: None if is_sensitive(setting) else setting.default for setting in settings}


def _told(setting: Setting, value: Any, saved: Any) -> Any:
    """A value of a body; the mask of the saved secret stands for that secret."""
    if is_sensitive(setting) and _is_mask(value):
        if saved in EMPTY or value != shown(setting, saved):
            raise _wrong(setting, "this is a masked value, send the real one or leave it out")
        return saved
    if value is None or _fits(setting, value):
        return value
    raise _wrong(setting, f"the value must be {_TYPES[setting.type][0]}")


def _fits(setting: Setting, value: Any) -> bool:
    kinds: Any = _TYPES[setting.type][1]
    if not isinstance(value, kinds):
        return False
    if setting.type == SettingType.BOOLEAN:
        return isinstance(value, bool) or value.lower() in _WORDS
    if setting.type == SettingType.TEXT_MAP:
        return all(isinstance(each, str) for each in value.values())
    return not (setting.type == SettingType.NUMBER and isinstance(value, bool))


def _checked(settings: Sequence[Setting], wanted: Values) -> dict[str, Any]:
    form = CustomerForm(_typed(settings, wanted), settings=settings, prefix=_PREFIX)
    for field in form.fields.values():
        field.required = False
    if not form.is_valid():
        key, problems = next(iter(form.errors.items()))
        by_key = {setting.key: setting for setting in settings}
        text = " ".join(map(str, problems))
        raise _wrong(by_key[key], text) if key in by_key else errors.invalid(text)
    values = form.values()
    try:
        sent_with(settings, values)
    except ValidationError as problem:
        raise errors.invalid(" ".join(problem.messages)) from None
    return values


def _typed(settings: Sequence[Setting], wanted: Values) -> dict[str, str]:
    """The values as they are typed into the form; an empty field is left out."""
    texts = {setting.key: _text(setting, wanted[setting.key]) for setting in settings}
    return {f"{_PREFIX}-{key}": text for key, text in texts.items() if text}


def _text(setting: Setting, value: Any) -> str:
    if setting.type == SettingType.BOOLEAN:
        is_on = _WORDS.get(value.lower()) if isinstance(value, str) else value
        return "on" if is_on else ""
    if value is None or value == "":
        return ""
    return json.dumps(value) if setting.type in SEVERAL_LINES else str(value)


def _wrong(setting: Setting, text: str) -> errors.ApiError:
    return errors.invalid(f"setting “{setting.key}” ({setting.label}): {text}")
