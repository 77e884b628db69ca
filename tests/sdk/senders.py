"""Segment's SDKs as their users run them: nothing is set but the write key and the host."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from segment.analytics.client import Client

from tests.foreign import npm_folder
from tests.sdk.calls import Call
from tests.services.receiver import Reply

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NODE = HERE / "node"


# --- Python --------------------------------------------------------------------------------------------


class PythonSender:
    """segment-analytics-python; it sends from a thread of its own, so `start` returns at once."""

    def __init__(self, host: str, write_key: str) -> None:
        self.errors: list[str] = []
        self._client = Client(
            write_key, host=host, gzip=True, upload_size=25, upload_interval=0.05,
            on_error=lambda error, items: self.errors.append(f"{error}: {len(items)} events"),
        )  # fmt: skip

    def start(self, calls: Sequence[Call]) -> None:
        for call in calls:
            self._send(call)

    def finish(self) -> list[str]:
        """Wait until everything is handed over; what the SDK reported as errors."""
        self._client.flush()
        self._client.join()
        return self.errors

    def stop(self) -> None:
        """Its thread ends with the process, and holds nothing that has to be given back."""

    def _send(self, call: Call) -> None:
        common: dict[str, Any] = {"timestamp": datetime.fromisoformat(call.at), "message_id": call.message_id}
        user, facts = f"user-{call.number}", {"number": call.number}
        match call.kind:
            case "page" | "screen":
                getattr(self._client, call.kind)(user, "Shop", "Pricing", facts, **common)
            case "identify":
                self._client.identify(user, facts, **common)
            case "track":
                self._client.track(user, "Order Completed", facts, **common)
            case "group":
                self._client.group(user, f"group-{call.number}", facts, **common)
            case _:
                self._client.alias(f"visitor-{call.number}", user, **common)


# --- Node ----------------------------------------------------------------------------------------------


def node_folder(var: Path) -> Path:
    """Where the Node SDK is installed, below `var`."""
    return npm_folder(NODE, var / "sdk-node", ["send.mjs"])


class _Process:
    """A sender in a process of its own: calls on its standard input, what became of them on its output, as JSON."""

    def __init__(self, argv: Sequence[str], folder: Path) -> None:
        self._argv, self._folder = argv, folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, calls: Sequence[Call]) -> None:
        # From a file, because a process that reads late would hold up the writer of a pipe.
        with tempfile.TemporaryFile() as given:
            given.write(json.dumps([call.as_json for call in calls]).encode())
            given.seek(0)
            self._process = subprocess.Popen(self._argv, cwd=self._folder, stdin=given, stdout=subprocess.PIPE)

    def result(self) -> Any:
        assert self._process is not None, "start it first"
        output, _ = self._process.communicate(timeout=300)
        assert self._process.returncode == 0, f"{self._argv[0]} ended with {self._process.returncode}"
        return json.loads(output)

    def stop(self) -> None:
        """End it, whatever became of it."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class NodeSender(_Process):
    """@segment/analytics-node."""

    def __init__(self, host: str, write_key: str, folder: Path) -> None:
        super().__init__(["node", "send.mjs", host, write_key], folder)

    def finish(self) -> list[str]:
        errors: list[str] = self.result()
        return errors


# --- analytics.js ------------------------------------------------------------------------------------


class BrowserSender(_Process):
    """analytics.js on a website, in Chromium. `plugin` has the kinds of calls that reached the device-mode plugin."""

    def __init__(self, address: str) -> None:
        super().__init__([sys.executable, "-m", "tests.sdk.browsing", address], ROOT)
        self.plugin: list[str] = []

    def finish(self) -> list[str]:
        found = self.result()
        self.plugin = found["plugin"]
        errors: list[str] = found["errors"]
        return errors


def website(host: str, write_key: str) -> Reply:
    """A customer's page that loads analytics.js from `host`, as a receiver answers with it."""
    page = (HERE / "website.html").read_text().replace("{host}", host).replace("{write_key}", write_key)
    return Reply(body=page.encode(), headers=(("Content-Type", "text/html; charset=utf-8"),))
