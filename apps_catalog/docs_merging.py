"""A new draft of a text beside the one that was edited: section by section, so that nothing is overwritten unasked."""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

HEADING = re.compile(r"#{1,2} ")
FENCE = re.compile(r" {0,3}(```|~~~)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison. `kind`: kept in both, added by the new text, gone from yours."""

    kind: Literal["kept", "added", "gone"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One section that the new text would add or change; `title` names it."""

    title: str
    is_new: bool
    lines: list[Line]

    @property
    def name(self) -> str:
        """The title for people."""
        return self.title.lstrip("# ") or "Beginning"


def sections(text: str) -> dict[str, str]:
    """Title → the section with its heading, in order. What stands before the first heading has the title ""."""
    found: dict[str, list[str]] = {}
    title, in_code = "", False
    for line in text.splitlines():
        in_code ^= bool(FENCE.match(line))
        if HEADING.match(line) and not in_code:
            title = _free(line.strip(), found)
        found.setdefault(title, []).append(line)
    return {title: "\n".join(lines).strip() for title, lines in found.items() if any(map(str.strip, lines))}


def _free(title: str, taken: Collection[str]) -> str:
    """The title, or the title with a number when the text uses it twice."""
    number = 2
    name = title
    while name in taken:
        name, number = f"{title} ({number})", number + 1
    return name


def changes(mine: str, new: str) -> list[Change]:
    """What taking `new` would add or change. Sections that only `mine` has always stay."""
    old = sections(mine)
    return [
        Change(title, title not in old, _compared(old.get(title, ""), body))
        for title, body in sections(new).items()
        if old.get(title) != body
    ]


def merged(mine: str, new: str, take: Collection[str]) -> str:
    """`mine` with the sections named in `take` as `new` has them; a section it lacked comes after its predecessor."""
    result, proposed = sections(mine), sections(new)
    order = list(result)
    before = ""
    for title, body in proposed.items():
        if title in take:
            if title not in result:
                order.insert(order.index(before) + 1 if before in order else len(order) if before else 0, title)
            result[title] = body
        before = title if title in result else before
    return "\n\n".join(result[title] for title in order) + "\n" if order else ""


def _compared(old: str, new: str) -> list[Line]:
    kinds: dict[str, Literal["kept", "added", "gone"]] = {" ": "kept", "+": "added", "-": "gone"}
    return [
        Line(kinds[line[0]], line[2:]) for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line[0] in kinds
    ]
