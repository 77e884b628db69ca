"""The description of a pull request: what its author says, and the boxes of the repository's template (S27).

Markdown as GitHub shows it, read line by line: whatever is in it, reading takes time in proportion to its length.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST = 65_536
MOST_BOXES = 100
MOST_OF_A_BOX = 300
_BOX = re.compile(r"\s{0,12}(?:[-*+]|\d{1,9}[.)])\s{1,4}\[([ xX])\]\s(.*)")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"\s{0,3}#{1,6}(?:\s|$)")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,1000}\)")
_MARKS = re.compile(r"(\*\*|__|`)")


@dataclass(frozen=True, slots=True)
class Description:
    """`text` is what was written, without the boxes, comments, and headings under which nothing is left.

    Each box is its own words, links and marks taken out.
    """

    text: str = ""
    ticked: list[str] = field(default_factory=list)
    unticked: list[str] = field(default_factory=list)


def read(body: str) -> Description:
    """Never raises. The same box twice counts once, as ticked if one of the two is."""
    boxes: dict[str, bool] = {}
    prose: list[str] = []
    for line, is_code in _lines(_without_comments(body[:MOST])):
        found = None if is_code else _BOX.fullmatch(line)
        if found is None:
            prose.append(line)
        elif (words := plain(found[2])) and (words in boxes or len(boxes) < MOST_BOXES):
            boxes[words] = boxes.get(words, False) or found[1] in "xX"
    ticked = [words for words, is_ticked in boxes.items() if is_ticked]
    return Description(_text(prose), ticked, [words for words, is_ticked in boxes.items() if not is_ticked])


def plain(markdown: str) -> str:
    """One line without links, bold and code marks: “[unit tests](…) **now**” → “unit tests now”."""
    words = _MARKS.sub("", _LINK.sub(r"\1", markdown[: 10 * MOST_OF_A_BOX]))
    return " ".join(words.split())[:MOST_OF_A_BOX].strip()


def _without_comments(body: str) -> str:
    """A comment that is never closed hides the rest, as in GitHub."""
    kept: list[str] = []
    place = 0
    while (start := body.find("<!--", place)) >= 0:
        kept.append(body[place:start])
        end = body.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        place = end + 3
    return "".join([*kept, body[place:]])


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is code between fences, where nothing is a box."""
    fence = ""
    for line in text.replace("\r\n", "\n").replace("\0", "").split("\n"):
        mark = _FENCE.match(line)
        if fence:
            yield line, True
            if mark and mark[1].startswith(fence):
                fence = ""
        else:
            yield line, bool(mark)
            fence = mark[1] if mark else ""


def _text(lines: list[str]) -> str:
    """Without empty sections and runs of blank lines."""
    kept: list[str] = []
    is_empty = False  # whether the last line kept is a heading with nothing below it so far
    for line in lines:
        if _HEADING.match(line):
            _drop_empty(kept, is_empty)
            kept.append(line.rstrip())
            is_empty = True
        elif line.strip():
            kept.append(line.rstrip())
            is_empty = False
        elif kept and kept[-1]:
            kept.append("")
    _drop_empty(kept, is_empty)
    return "\n".join(kept).strip()


def _drop_empty(kept: list[str], is_empty: bool) -> None:
    while is_empty and kept and not kept[-1]:
        kept.pop()
    if is_empty and kept:
        kept.pop()
