"""What exactly goes out with a customer's values (D10), shown without their secrets."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from apps_catalog.models import Setting
from apps_catalog.setting_keys import API_KEY
from apps_catalog.states import ComponentKind
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
