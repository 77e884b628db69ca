"""What every page must look like, whoever opens it: nothing sticks out sideways, and axe finds no fault."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.counts import FULL

# WCAG 2.2 AA contains the levels and versions below it.
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
# A dark page differs from a light one in its colours only.
RULES_FOR = {"light": RULES, "dark": CONTRAST}
# What is looked at in one scheme today is looked at in the other one another day.
DAY = datetime.now(UTC).toordinal()
# A colour on its way from light to dark is no fault. (A sheet made by script is not what the policy forbids.)
NO_TRANSITIONS = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important; }");
  document.adoptedStyleSheets = [sheet];
}"""
WIDER_THAN_THE_WINDOW = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && each.offsetParent)
  .filter((each) => !each.closest(".table-wrap, pre, .tabs, [tabindex='0']"))
  .slice(0, 5).map((each) => each.outerHTML.slice(0, 120))"""


def sideways_scroll(page: Page) -> list[str]:
    """Empty when the page fits the window; otherwise what sticks out."""
    if page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        return []
    return [f"{page.url} is wider than the window: {page.evaluate(WIDER_THAN_THE_WINDOW)}"]


def schemes(name: str, day: int = DAY) -> list[str]:
    """In which of them axe looks at a page today: light on three days of four, dark on the fourth; with FULL=1 both."""
    if FULL:
        return ["light", "dark"]
    return ["dark" if (crc32(name.encode()) + day) % 4 == 0 else "light"]


def glance(page: Page, *, known: frozenset[tuple[str, str]] = frozenset()) -> list[str]:
    """What axe finds in today's scheme. Afterwards the page is light again."""
    found = [fault for scheme in schemes(urlsplit(page.url).path) for fault in faults(page, scheme, known=known)]
    page.emulate_media(color_scheme="light")
    return found


def faults(page: Page, scheme: str, *, known: frozenset[tuple[str, str]] = frozenset()) -> list[str]:
    """What axe finds in that colour scheme, a line for each element. `known`: (rule, part of the element's HTML)."""
    page.evaluate(NO_TRANSITIONS)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    options = {"runOnly": RULES_FOR[scheme], "resultTypes": ["violations"]}
    found = page.evaluate(f"axe.run({json.dumps(options)})")
    return [
        f"{page.url} ({scheme}): {violation['id']}: {_said(node)}"
        for violation in found["violations"]
        for node in violation["nodes"]
        if not any(rule == violation["id"] and part in node["html"] for rule, part in known)
    ]


def _said(node: dict[str, Any]) -> str:
    reason = next((check["message"] for check in node["any"] + node["all"] + node["none"]), "")
    return f"{node['html'][:160]} – {reason}"
