"""Sample code for an App's server: one file per language under data/samples/, complete.

A file holds `{{name}}` where a value of the client goes. Parts for one kind of scope stand between lines of their own:
`~ destination`, `~ wide` and `~ end`, each behind the language's comment sign.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from apps_catalog.models import App, Setting
from apps_catalog.setting_values import choice_value
from apps_catalog.states import SettingType
from installs.addresses import config_api_url, oauth_url
from installs.models import Client
from installs.redirects import LOOPBACK_HOSTS
from installs.states import ScopeKind
from workspaces.installing import modes_of
from workspaces.states import ConnectionMode

FOLDER = Path(__file__).parent / "data" / "samples"
LANGUAGES = {"Python": "enable.py", "JavaScript": "enable.mjs", "Ruby": "enable.rb", "Go": "enable.go"}
# Where a sample listens until the partner has registered an address of its own machine.
LOCAL_URI = "http://localhost:8888/auth/segment/callback"
_MARK = re.compile(r"(?:#|//)~ (destination|wide|end)\n")
_VALUE = re.compile(r"\{\{(\w+)\}\}")
_SIMPLE = frozenset({SettingType.STRING, SettingType.PASSWORD})


@dataclass(frozen=True, slots=True)
class Sample:
    language: str
    file: str
    code: str

    @property
    def id(self) -> str:
        return f"sample-{self.language.lower()}"


def samples(client: Client, *, redirect_uri: str = "") -> list[Sample]:
    """The program in each language, with the values of this client; the secret is none of them."""
    values = _values(client, redirect_uri or local_uri(client) or LOCAL_URI)
    part = "destination" if client.scope_kind == ScopeKind.DESTINATION else "wide"
    return [Sample(name, file, _filled(_pieces(file, part), values)) for name, file in LANGUAGES.items()]


def local_uri(client: Client) -> str:
    """The first registered redirect URI at which a program on one's own machine can listen, or ""."""
    plain = (uri for uri in client.uris if uri.startswith("http://"))
    return next((uri for uri in plain if urlsplit(uri).netloc.rsplit(":", 1)[0] in LOOPBACK_HOSTS), "")


def _values(client: Client, redirect_uri: str) -> dict[str, str]:
    """As literals: a text in double quotes and an object of such texts read the same in all four languages."""
    found: dict[str, Any] = {
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": client.scope,
        "authorize_url": oauth_url("/oauth2/auth"),
        "token_url": oauth_url("/oauth2/token"),
        "api_url": config_api_url("").rstrip("/"),
        "destination": client.app.slug,
        "settings": _settings_of(client.app),
        "mode": mode_of(client.app),
    }
    # Ruby reads “#{…}” inside a text as code.
    return {name: json.dumps(value, ensure_ascii=False).replace("#", "\\u0023") for name, value in found.items()}


def mode_of(app: App) -> str:
    """The connection mode to ask for: the one way that there is, or the product's choice between two (D45)."""
    ways = sorted(modes_of(app.components.values_list("kind", flat=True)) - {ConnectionMode.UNSPECIFIED})
    return ways[0] if len(ways) == 1 else str(ConnectionMode.UNSPECIFIED)


def _settings_of(app: App) -> dict[str, str]:
    """What the App needs before it can be switched on, with a value that says what goes there."""
    needed = [setting for setting in app.settings.all() if setting.required and setting.visible_if is None]
    return {setting.key: value for setting in needed if (value := _stand_in(setting))}


def _stand_in(setting: Setting) -> str:
    if setting.type in _SIMPLE:
        return setting.default if isinstance(setting.default, str) else f"{setting.label} of this customer"
    if setting.type == SettingType.SELECT and setting.choices:
        return str(choice_value(setting.choices[0]))
    return ""


@cache
def _pieces(file: str, part: str) -> str:
    """The file with its parts for `part` (“destination” or “wide”), without the others and without the marks."""
    text, kept = (FOLDER / f"{file}.txt").read_text(encoding="utf-8"), []
    pieces = ["end", *_MARK.split(text)]
    for mark, piece in zip(pieces[::2], pieces[1::2], strict=True):
        kept.append(piece if mark in ("end", part) else "")
    return "".join(kept)


def _filled(text: str, values: dict[str, str]) -> str:
    return _VALUE.sub(lambda found: values[found[1]], text)
