"""What a function logged: the first part for a page, and everything as a text."""

from collections.abc import Mapping, Sequence
from typing import Any

SHOWN_BYTES = 4096  # D19
Line = Mapping[str, Any]


def first_part(lines: Sequence[Line]) -> list[Line]:
    """The lines of the first 4 kB; the one that goes beyond is cut there."""
    shown: list[Line] = []
    left = SHOWN_BYTES
    for line in lines:
        data = str(line["text"]).encode()
        if len(data) > left:
            return [*shown, {**line, "text": data[:left].decode(errors="ignore")}] if left else shown
        shown.append(line)
        left -= len(data)
    return shown


def as_text(lines: Sequence[Line]) -> str:
    """One line for each call of the console, with its level where that is not “log”."""
    return "".join(f"{_level(line)}{line['text']}\n" for line in lines)


def _level(line: Line) -> str:
    return "" if line["level"] == "log" else f"{line['level']}: "
