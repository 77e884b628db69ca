"""Descriptions and documentation texts: Markdown in, a small safe HTML out (T13).

Three walls: caps on length and nesting before anything is parsed, a parser that knows no HTML and no
pictures, and an allow-list over what it wrote.
"""

import html
import re
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

MAX_SOURCE = 20_000
MAX_NESTING = 20
# The parser's time grows with the square of these.
MAX_BRACKETS = 1_500
# Each may open a list item or a row of a table.
MAX_LINES = 3_000

_TAGS = {"p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5", "h6"}
_TABLE_BOX = '<div class="table-wrap" role="region" aria-label="Table" tabindex="0"><table>'
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
_SCHEMES = {"http", "https", "mailto"}
_REL = "nofollow noopener noreferrer"
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")


class TooMuchMarkdown(ValueError):
    """A text that is too long or too deeply nested to be shown; the message says what to do."""


def check_source(text: str, limit: int = MAX_SOURCE) -> None:
    """Raise TooMuchMarkdown for a text over the caps."""
    if len(text) > limit:
        raise TooMuchMarkdown(f"The text has {len(text):,} characters. Shorten it to {limit:,}.")
    if text.count("[") > MAX_BRACKETS:
        raise TooMuchMarkdown(f"The text has more than {MAX_BRACKETS:,} square brackets. Remove some.")
    if text.count("\n") > MAX_LINES:
        raise TooMuchMarkdown(f"The text has more than {MAX_LINES:,} lines. Remove some.")
    deepest = max((_nesting(line) for line in text.splitlines()), default=0)
    if deepest > MAX_NESTING:
        raise TooMuchMarkdown(f"Quotes or lists are nested {deepest} deep. {MAX_NESTING} levels are shown.")


def render(text: str) -> str:
    """Safe HTML of a Markdown text; a text over the caps comes back as plain escaped text."""
    return _render(text, _parser(), _TAGS)


def render_docs(text: str) -> str:
    """The same for documentation, which may have tables: a description has no need of them.

    Each table scrolls in a box that the keyboard reaches. What somebody wrote can hold no tag of its own any more.
    """
    clean = _render(text, _docs_parser(), _TAGS | _TABLE_TAGS)
    return clean.replace("<table>", _TABLE_BOX).replace("</table>", "</table></div>")


def _render(text: str, parser: MarkdownIt, tags: set[str]) -> str:
    try:
        check_source(text)
    except TooMuchMarkdown:
        return f"<p>{html.escape(text[:MAX_SOURCE])}</p>"
    return nh3.clean(
        parser.render(text),
        tags=tags,
        attributes={"a": {"href"}, "*": set()},
        attribute_filter=_absolute_only,
        url_schemes=_SCHEMES,
        link_rel=_REL,
    )


def _absolute_only(tag: str, attribute: str, value: str) -> str | None:
    """A relative link would point into this product, whatever the writer meant."""
    if attribute != "href" or value.lower().startswith(("http://", "https://", "mailto:")):
        return value
    return None


def plain(text: str) -> str:
    """What a reader sees, as one line of plain text without any formatting."""
    spaced = re.sub(r"</(p|li|h[1-6]|pre|blockquote)>|<br>|<hr>", " ", render(text))
    return _SPACE.sub(" ", html.unescape(_TAG.sub("", spaced))).strip()


def visible_length(text: str) -> int:
    """How many characters a reader sees (PRODUCT, Description): formatting and link addresses do not count."""
    return len(plain(text))


def _nesting(line: str) -> int:
    """How many quotes and list items a line opens."""
    opened = re.match(r"(?:\s*(?:>|[-*+]\s|\d{1,9}[.)]\s))*", line)
    return len(re.findall(r">|[-*+]|\d+[.)]", opened[0])) if opened else 0


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    parser.disable(["image", "html_block", "html_inline"])
    parser.core.ruler.push("shift_headings", _shift_headings)
    return parser


@cache
def _docs_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable("table")
    parser.disable(["image", "html_block", "html_inline"])
    parser.core.ruler.push("shift_headings", _shift_headings)
    return parser


def _shift_headings(state: StateCore) -> None:
    """The page has its own h1 and h2; a heading in a text begins below them."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
