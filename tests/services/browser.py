"""Headless Chromium that takes every console error, page error and CSP violation as a failure."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

# On a machine that is busy with other tests, an autosave takes its time.
expect.set_options(timeout=15_000)

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = """
    --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync
""".split()
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
WATCH_CSP = """
document.addEventListener("securitypolicyviolation", (event) => {
  const place = `${event.sourceFile}:${event.lineNumber}`;
  window.reportCspViolation(`${event.violatedDirective} blocked ${event.blockedURI} at ${place} ${event.sample}`);
});
"""
# A form with mistakes is answered with 422 and shown again (an honest status, and no fault of the page).
HONEST_ANSWERS = r"Failed to load resource: the server responded with a status of 422"


def find_program() -> str | None:
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Problems:
    """What went wrong on the pages of one test."""

    found: list[str] = field(default_factory=list)
    _allowed: list[str] = field(default_factory=lambda: [HONEST_ANSWERS])

    def allow(self, pattern: str) -> None:
        """Expect messages that match `pattern`, for instance `status of 404` where a test asks for a 404."""
        self._allowed.append(pattern)

    def add(self, text: str) -> None:
        self.found.append(text)

    def unexpected(self) -> list[str]:
        return [text for text in self.found if not any(re.search(pattern, text) for pattern in self._allowed)]


class Pages:
    """Opens pages for one test; each call is a visitor of its own, with their own cookies.

        page = page_factory()                        # desktop, light
        page = page_factory(size="phone", scheme="dark", javascript=False)

    Relative addresses are resolved against `base_url`.
    """

    def __init__(self, browser: Browser, *, base_url: str | None = None, shots: Path | None = None) -> None:
        self._browser, self.base_url, self._shots = browser, base_url, shots
        self.problems = Problems()
        self._contexts: list[BrowserContext] = []

    def __call__(
        self,
        *,
        size: str = "desktop",
        scheme: str = "light",
        base_url: str | None = None,
        javascript: bool = True,
        **options: Any,
    ) -> Page:
        width, height = SIZES[size]
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            base_url=base_url or self.base_url,
            java_script_enabled=javascript,
            has_touch=size == "phone",
            is_mobile=size == "phone",
            **options,
        )
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        self._watch(context)
        return context.new_page()

    def _watch(self, context: BrowserContext) -> None:
        context.expose_binding("reportCspViolation", lambda source, text: self._note(source["page"], "CSP", text))
        context.add_init_script(WATCH_CSP)
        context.on("page", self._watch_page)

    def _watch_page(self, page: Page) -> None:
        page.on("console", lambda message: self._note_console(page, message))
        page.on("pageerror", lambda error: self._note(page, "error", str(error)))
        page.on("crash", lambda _: self._note(page, "crash", "the page crashed"))

    def _note_console(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(page, "console", f"{message.text} ({message.location.get('url', '')})")

    def _note(self, page: Page, kind: str, text: str) -> None:
        self.problems.add(f"{kind} on {page.url}: {text}")

    def screenshot(self, page: Page, name: str) -> Path | None:
        """Keep a picture of the whole page when SCREENSHOTS=1; `name` without a suffix."""
        if self._shots is None:
            return None
        self._shots.mkdir(parents=True, exist_ok=True)
        viewport = page.viewport_size
        size = "phone" if viewport and viewport["width"] == SIZES["phone"][0] else "desktop"
        path = self._shots / f"{name}-{size}.png"
        page.evaluate("scrollTo(0, 0)")  # what sticks to the top of the window belongs there
        page.screenshot(path=path, full_page=True)
        return path

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()
