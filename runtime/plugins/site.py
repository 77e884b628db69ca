"""The sample site, answered out of memory: its page, analytics.js, the settings document, and the plugin's script.

The origin is made up and never resolved: DevTools' interception answers it before any network is asked.
"""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runtime.plugins.report import PluginEvent, Shape

HOST = "sample-site.test"
ORIGIN = f"https://{HOST}"
WRITE_KEY = "sample-site-write-key"
# The name on window under which a factory is handed over whose script was not said to have one of its own.
LIBRARY_NAME = "partnerPlugin"
# What device-mode destinations are called in `integrations`.
CREATION_NAME = "Web plugin under test"
ANALYTICS = Path(__file__).resolve().parents[2] / "static" / "vendor" / "analytics-next"
_PAGE = Path(__file__).with_name("page")
_BUNDLE = re.compile(r"/analytics-next/bundles/([A-Za-z0-9-]+\.bundle\.[0-9a-f]+\.js)")
_MODULE = re.compile(r"^\s*export\b", re.MULTILINE)
_SCRIPT, _JSON = "text/javascript; charset=utf-8", "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site answers: status, content type and body."""

    status: int
    content_type: str
    body: bytes


_ACCEPTED = Answer(200, _JSON, b'{"success":true}')
_NOT_FOUND = Answer(404, "text/plain", b"There is nothing here.")


@cache
def harness() -> str:
    """The script that drives the page: an expression, a function of the binding's name."""
    return (_PAGE / "harness.js").read_text()


class SampleSite:
    """One run's site. `code` is the partner's script, `settings` what the customer set for it.

    `library_name` is where the factory of a “remote_plugin” stands on window; without it, any will do.
    """

    def __init__(
        self,
        code: str,
        settings: dict[str, Any],
        events: Sequence[PluginEvent],
        shape: Shape,
        library_name: str = "",
    ) -> None:
        self._code, self._settings, self._events, self._shape = code, settings, events, shape
        self._library_name = library_name
        self.is_module = shape == "plugin" and bool(_MODULE.search(code))

    @property
    def plan(self) -> dict[str, Any]:
        """What the harness has to load."""
        return {
            "shape": self._shape,
            "settings": self._settings,
            "isModule": self.is_module,
            "writeKey": WRITE_KEY,
            "library": f"{ORIGIN}/analytics.js/v1/{WRITE_KEY}/analytics.min.js",
            "libraryName": self._library_name or LIBRARY_NAME,
            "isNameGiven": bool(self._library_name),
            "plugin": f"{ORIGIN}/{'module' if self.is_module else 'plugin'}.js",
        }

    def answer(self, method: str, url: str) -> Answer:
        """The answer to a request for this host."""
        path = urlsplit(url).path
        if method == "POST" and path.startswith("/v1/"):
            return _ACCEPTED
        bundle = _BUNDLE.fullmatch(path)
        if bundle:
            return _file(ANALYTICS / bundle[1], _SCRIPT)
        match path:
            case "/":
                return Answer(200, "text/html; charset=utf-8", self._page().encode())
            case "/site.css":
                return _file(_PAGE / "site.css", "text/css; charset=utf-8")
            case "/plugin.js":
                return Answer(200, _SCRIPT, self._code.encode("utf-8", "replace"))
            case "/module.js":
                return Answer(200, _SCRIPT, _MODULE_START.encode())
            case _ if path == f"/analytics.js/v1/{WRITE_KEY}/analytics.min.js":
                return _file(ANALYTICS / "standalone.js", _SCRIPT)
            case _ if path == f"/v1/projects/{WRITE_KEY}/settings":
                return Answer(200, _JSON, json.dumps(self._settings_document()).encode())
            case _:
                return _NOT_FOUND

    def _page(self) -> str:
        steps = "".join(
            f'<li><button type="button" id="event-{index}">{html.escape(event.name)}</button></li>'
            for index, event in enumerate(self._events)
        )
        return (_PAGE / "index.html").read_text().replace("{steps}", steps)

    def _settings_document(self) -> dict[str, Any]:
        return {
            "integrations": {
                "Segment.io": {
                    "apiKey": WRITE_KEY,
                    "apiHost": f"{HOST}/v1",
                    "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
                },
                CREATION_NAME: {"versionSettings": {"componentTypes": []}},
            },
            "plan": {"track": {"__default": {"enabled": True}}},
            "middlewareSettings": {},
            "enabledMiddleware": {},
            "metrics": {"sampleRate": 0},
            "remotePlugins": self._remote_plugins(),
        }

    def _remote_plugins(self) -> list[dict[str, Any]]:
        if self._shape != "remote_plugin":
            return []
        return [
            {
                "name": CREATION_NAME,
                "creationName": CREATION_NAME,
                "url": f"{ORIGIN}/plugin.js",
                "libraryName": self._library_name or LIBRARY_NAME,
                "settings": self._settings,
            }
        ]


# A plugin written as a module exports the plugin, or a function from settings to it.
_MODULE_START = """
import * as given from "/plugin.js";
const made = given.default ?? given.plugin;
const plugin = typeof made === "function" ? await made(window.pluginSettings) : made;
const register = window.registerPlugin;
delete window.registerPlugin;
if (plugin) register(plugin);
"""


def _file(path: Path, content_type: str) -> Answer:
    return Answer(200, content_type, path.read_bytes()) if path.is_file() else _NOT_FOUND
