"""Partners' servers with client libraries as partners use them, each a process that knows nothing of this project.

They answer alike:

    GET  /                the sign-up page with the button
    GET  /auth/segment    off to the authorization server
    GET  the redirect URI the code is exchanged, the destination created (or brought up to date, where there is one);
                          a page “Connected” with the answers of the Config API, or “Not connected” with the error
    POST /do/<what>       enable, read, read-with-old, renew, refresh, exchange-again: `{"status", "body"}`
"""

import json
import os
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.foreign import HOW_TO_GET_NODE, node_is_there, npm_folder, pip_folder
from tests.services.daemons import Daemon
from tests.services.ports import free_port
from tests.services.site import ROOT, Site

HERE = Path(__file__).parent
NODE, PYTHON = HERE / "node", HERE / "python"
CALLBACK = "/auth/segment/callback"
# The one as the example App is set up; the other one on another site than ours, as in life.
HOSTS = {"node": "localhost", "python": "127.0.0.1"}
LIBRARIES = tuple(HOSTS)


def missing(library: str) -> str:
    """How to get what the library runs in; "" when it is there."""
    return HOW_TO_GET_NODE if library == "node" and not node_is_there() else ""


class Partner:
    """A partner's server. It can be started as soon as its App has a client."""

    def __init__(self, library: str, directory: Path) -> None:
        self.library, self.port = library, free_port()
        self.url = f"http://{HOSTS[library]}:{self.port}"
        self.redirect_uri = f"{self.url}{CALLBACK}"
        self._log = directory / f"partner-{library}.log"
        self._daemon: Daemon | None = None

    def start(self, site: Site, made: Mapping[str, Any]) -> None:
        """`made` as tests/oauth_clients/setup.py wrote it."""
        if self._daemon is None:
            argv, extra = self._program()
            env = {**os.environ, **extra, "PARTNER": json.dumps(self._settings(site, made))}
            self._daemon = Daemon(argv, log=self._log, env=env, ready=self._answers)
        self._daemon.start()

    def stop(self) -> None:
        if self._daemon is not None:
            self._daemon.kill()

    def do(self, what: str) -> Any:
        """Have it act; what the server behind the library answered."""
        request = urllib.request.Request(f"{self._local}/do/{what}", data=b"", method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def log_tail(self) -> str:
        return self._daemon.log_tail() if self._daemon else ""

    @property
    def _local(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _program(self) -> tuple[list[str], dict[str, str]]:
        """What to start, and what it needs in its environment."""
        if self.library == "node":
            return ["node", str(npm_folder(NODE, ROOT / "var/oauth-node", ["partner.mjs"]) / "partner.mjs")], {}
        packages = pip_folder(PYTHON, ROOT / "var/oauth-python")
        return [sys.executable, str(PYTHON / "partner.py")], {"PYTHONPATH": str(packages)}

    def _settings(self, site: Site, made: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "host": "127.0.0.1", "port": self.port, "redirect_uri": self.redirect_uri, "issuer": site.base_url,
            "authorization_url": f"{site.base_url}/oauth2/auth", "token_url": f"{site.base_url}/oauth2/token",
            "api_url": f"{site.base_url}/v1beta", "destination": made["app"], "api_key": f"{self.library}-sign-up-key",
            **{name: made[name] for name in ("client_id", "client_secret", "scope")},
        }  # fmt: skip

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self._local, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
