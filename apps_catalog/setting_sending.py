"""What exactly goes out with a customer's values (D10), and how it is shown without their secrets."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from apps_catalog.models import Setting
from apps_catalog.setting_conditions import shown_keys
from apps_catalog.setting_keys import API_KEY
from apps_catalog.setting_values import EMPTY, value_when_empty
from apps_catalog.states import ComponentKind, SettingType
from runtime.egress import BadHeader, check_header_pair
from runtime.redaction import hint
from runtime.webhooks import build_request

_ANYWHERE = "https://example.com/"
_NAMES = ("Authorization", "X-Segment-Settings")


@dataclass(frozen=True, slots=True)
class Sent:
    """The two headers that carry settings, and what they decode to: `authorization` is “<apiKey>:”, `settings` JSON.

    Secrets are masked inside. `size` is the real length of X-Segment-Settings in characters.
    """

    headers: tuple[tuple[str, str], ...]
    authorization: str
    settings: str
    size: int
    masked: tuple[str, ...]


def settings_for(settings: Sequence[Setting], kind: str = ComponentKind.SUBSCRIPTION_WEBHOOK) -> list[Setting]:
    """The settings that a component of this kind uses: none named means all (D9)."""
    return [setting for setting in settings if not setting.components or kind in setting.components]


def values_sent(settings: Sequence[Setting], filled: Mapping[str, Any]) -> dict[str, Any]:
    """What an install sends, by key (D10), when `filled` is what stands in its form; None is an empty field.

    What a condition hides is sent like a field that nobody touched, whatever stands in it.
    """
    shown = shown_keys(settings, filled)
    found = {each.key: _sent(each, filled.get(each.key) if each.key in shown else None, shown) for each in settings}
    return {key: value for key, value in found.items() if value is not None}


def _sent(setting: Setting, value: Any, shown: Collection[str]) -> Any:
    if value is None and setting.key in shown and setting.default not in EMPTY:  # a default that was taken out
        return "" if setting.type == SettingType.COLOR else None
    if isinstance(value, str) and isinstance(setting.default, str) and value == setting.default.strip():
        return setting.default  # untouched: only the spaces around it were lost on the way
    return value_when_empty(setting) if value is None else value


def sent_with(settings: Sequence[Setting], values: Mapping[str, Any]) -> Sent:
    """What the webhook gets for these values. Raises ValidationError when they cannot be sent as headers."""
    used = settings_for(settings)
    real = _headers({setting.key: values[setting.key] for setting in used if setting.key in values})
    _check(real)
    shown = {setting.key: _shown(setting, values[setting.key]) for setting in used if setting.key in values}
    masked = _headers(shown)
    return Sent(
        headers=tuple(masked.items()),
        authorization=base64.b64decode(masked["Authorization"].removeprefix("Basic ")).decode(),
        settings=_pretty(masked["X-Segment-Settings"]),
        size=len(real["X-Segment-Settings"]),
        masked=tuple(setting.label for setting in used if setting.sensitive and shown.get(setting.key)),
    )


def _headers(values: Mapping[str, Any]) -> dict[str, str]:
    try:
        request = build_request(_ANYWHERE, {}, str(values.get(API_KEY, "")), values)
    except ValueError:
        raise ValidationError("One of these values has a character that cannot be sent.") from None
    return {name: value for name, value in request.headers if name in _NAMES}


def _check(headers: Mapping[str, str]) -> None:
    try:
        for name, value in headers.items():
            check_header_pair(name, value)
    except BadHeader:
        raise ValidationError(
            "Together these values are too long: they travel in one header, which holds about 6,000 characters."
        ) from None


def _shown(setting: Setting, value: Any) -> Any:
    if not setting.sensitive or value in (None, "", [], {}):
        return value
    return hint(value if isinstance(value, str) else "")


def _pretty(header: str) -> str:
    return json.dumps(json.loads(base64.b64decode(header)), indent=2, ensure_ascii=False)
