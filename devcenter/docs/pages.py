"""The documentation: Markdown files of the repository, shown by the product itself."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2] / "docs"

# What the reader's index shows, in this order; other files are for contributors and stay in the repository.
SECTIONS: dict[str, tuple[str, ...]] = {
    "Start": ("quick-start", "joining", "lifecycle", "glossary"),
    "Build": ("webhook", "functions", "web-plugins", "settings-builder", "test-suite", "listing", "manifest"),
    "Build by pull request": ("pull-requests", "plan", "local-testing", "release-train"),
    "Try it out": ("workspaces", "tracking-api", "seeing-events", "deliveries"),
    "Enable with Segment": ("enable-with-segment", "config-api", "enable-with-segment-customers"),
    "Get reviewed": ("review", "beta", "maintenance"),
    "Review": ("reviewing",),
    "Run": ("operations", "settings", "security", "github", "architecture", "contributing"),
}


@dataclass(frozen=True)
class Page:
    slug: str
    title: str
    markdown: str

    @property
    def html(self) -> SafeString:
        return _render(self.markdown)


def index() -> dict[str, list[Page]]:
    """The pages by section; files that are missing are left out."""
    return {title: [page for slug in slugs if (page := load(slug)) is not None] for title, slugs in SECTIONS.items()}


@lru_cache(maxsize=64)
def load(slug: str) -> Page | None:
    """The page named `slug`, or None when it is not among SECTIONS or has no file."""
    if not any(slug in slugs for slugs in SECTIONS.values()):
        return None
    file = ROOT / f"{slug}.md"
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    title = next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), slug)
    return Page(slug, title, text)


@lru_cache(maxsize=64)
def _render(text: str) -> SafeString:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    _name_headings(tokens)
    _point_links_at_the_product(tokens)
    return mark_safe(reader.renderer.render(tokens, reader.options, {}))  # noqa: S308  our own files


def _name_headings(tokens: list[Token]) -> None:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor(inline.content))
        elif opening.type == "table_open":
            opening.attrSet("class", "table")


def anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _point_links_at_the_product(tokens: list[Token]) -> None:
    """`review.md#steps` in a file is `/docs/review/#steps` here."""
    for token in tokens:
        for child in token.children or []:
            href = str(child.attrGet("href") or "")
            match = re.fullmatch(r"([a-z0-9-]+)\.md(#.*)?", href)
            if match:
                child.attrSet("href", reverse("docs-page", args=[match[1]]) + (match[2] or ""))
