"""What an exchange shows to somebody who looks for a cause. Pure; reads untrusted bytes and never fails."""

import json
import re
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, urlsplit

from runtime.egress import ErrorKind, Exchange

# Pages name their maker near the top.
_LOOKED_AT = 32 * 1024


class Clues:
    """One exchange, taken apart. `status` is 0 without a complete answer."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.response = exchange.response
        self.kind: ErrorKind | None = exchange.error.kind if exchange.error else None
        self.said = exchange.error.message if exchange.error else ""
        self.status = exchange.response.status if exchange.response and not exchange.error else 0

    def header(self, name: str) -> str:
        """The header's first value in small letters, or ""."""
        return self.response.header(name).strip().lower() if self.response else ""

    def has(self, *words: str) -> bool:
        """Whether the body holds one of the words, whatever the casing."""
        return any(word in self.text for word in words)

    @cached_property
    def text(self) -> str:
        """The beginning of the body in small letters, entities and runs of space made plain."""
        raw = self.response.body[:_LOOKED_AT].decode("utf-8", "replace").lower() if self.response else ""
        return " ".join(raw.replace("&#x27;", "'").replace("&#39;", "'").replace("&quot;", '"').split())

    @cached_property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @cached_property
    def is_html(self) -> bool:
        return "text/html" in self.header("content-type") or self.text.startswith(("<!doctype html", "<html"))

    @cached_property
    def is_chunked(self) -> bool:
        return "chunked" in self.header("transfer-encoding")

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.response.body) if self.response else None
        except (ValueError, RecursionError):
            return None

    @cached_property
    def admits_error(self) -> bool:
        """JSON that says no although the status says yes."""
        body = self.json if isinstance(self.json, dict) else {}
        code = body.get("statusCode", body.get("status", body.get("code")))
        return (
            bool(body.get("error") or body.get("errors"))
            or body.get("success") is False
            or body.get("ok") is False
            or code in ("error", "fail", "failed", "failure")
            or (isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600)
        )

    # --- Redirects ----------------------------------------------------------------------------------

    @cached_property
    def is_redirect(self) -> bool:
        return self.status in (301, 302, 303, 307, 308) and bool(self.header("location"))

    @cached_property
    def location(self) -> SplitResult:
        """Where a redirect leads, in small letters; empty parts for a Location that cannot be read."""
        try:
            return urlsplit(self.header("location"))
        except ValueError:
            return urlsplit("")

    @cached_property
    def asked_host(self) -> str:
        """The host that was asked, without port."""
        headers = {name.lower(): value for name, value in self.exchange.request.headers}
        return re.sub(r":\d+$", "", headers.get("host", "").lower())

    @cached_property
    def asked_path(self) -> str:
        """The path that was asked, without query."""
        target = self.exchange.request.start_line.split(" ")[1:2]
        return (target[0] if target else "").partition("?")[0].lower()

    @property
    def led_host(self) -> str:
        """The host that a redirect leads to: the same one where it names none."""
        return re.sub(r":\d+$", "", self.location.netloc) or self.asked_host
