"""The code that a version froze: what a reviewer reads, what is tested again, and what an approval deploys."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps_catalog.code_differences import Row, counts, rows
from apps_catalog.states import CODE_KINDS, ComponentKind, PluginShape
from runtime.evidence import text_digest

# Characters that show as nothing or turn the order of a line around, so that code reads as what it is not.
HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
LONG_LINE = 1_000
LINES_NAMED = 10


@dataclass(frozen=True, slots=True)
class FrozenCode:
    """One component of a manifest that has code. `shape` is empty for a function; `sha256` is in hex."""

    kind: str
    code: str
    shape: str = ""
    library_name: str = ""

    @property
    def title(self) -> str:
        return str(ComponentKind(self.kind).label)

    @property
    def shape_title(self) -> str:
        return str(PluginShape(self.shape).label) if self.shape in PluginShape.values else self.shape

    @property
    def sha256(self) -> str:
        return text_digest(self.code)

    @property
    def size(self) -> int:
        """Bytes in UTF-8."""
        return len(self.code.encode())

    @property
    def line_count(self) -> int:
        return self.code.count("\n") + 1

    @property
    def numbers(self) -> str:
        """1 to the last line, one a line: a column beside the code."""
        return "\n".join(map(str, range(1, self.line_count + 1)))

    @property
    def warnings(self) -> list[str]:
        """What makes the code hard to read, in sentences."""
        lines = list(enumerate(self.code.split("\n"), start=1))
        hidden = [number for number, line in lines if HIDDEN.search(line)]
        long = [number for number, line in lines if len(line) > LONG_LINE]
        return [
            *([f"Characters that cannot be seen stand in {_named(hidden)}."] if hidden else []),
            *([f"Nobody reads lines as long as {_named(long)}; it may be minified."] if long else []),
        ]


@dataclass(frozen=True, slots=True)
class Compared:
    """Frozen code beside that of an earlier version; `before` is None where there was none."""

    now: FrozenCode
    before: FrozenCode | None
    rows: list[Row]

    @property
    def added(self) -> int:
        return counts(self.rows)[0]

    @property
    def removed(self) -> int:
        return counts(self.rows)[1]

    @property
    def is_handed_over_otherwise(self) -> bool:
        """Whether a plugin changed its shape or the name of its library."""
        old = self.before
        return old is not None and (old.shape, old.library_name) != (self.now.shape, self.now.library_name)


def _named(lines: list[int]) -> str:
    """“line 3”, “lines 3, 8, 9 and 12 more”."""
    shown = ", ".join(f"{number:,}" for number in lines[:LINES_NAMED])
    more = f" and {len(lines) - LINES_NAMED:,} more" if len(lines) > LINES_NAMED else ""
    return f"line{'s' if len(lines) > 1 else ''} {shown}{more}"


def frozen_code(manifest: Mapping[str, Any]) -> list[FrozenCode]:
    """The functions and plugins of a manifest that have code, in its order."""
    parts = manifest.get("components") or ()
    return [_read(part) for part in parts if part.get("kind") in CODE_KINDS and part.get("code")]


def compared(manifest: Mapping[str, Any], former: Mapping[str, Any] | None) -> list[Compared]:
    """Each with what separates it from `former`; no rows where nothing does, or where there was nothing."""
    old = {one.kind: one for one in frozen_code(former or {})}
    return [_compare(now, old.get(now.kind)) for now in frozen_code(manifest)]


def _read(part: Mapping[str, Any]) -> FrozenCode:
    usual = PluginShape.OBJECT.value if part["kind"] == ComponentKind.WEB_PLUGIN else ""
    return FrozenCode(part["kind"], part["code"], part.get("shape") or usual, part.get("library_name", ""))


def _compare(now: FrozenCode, before: FrozenCode | None) -> Compared:
    return Compared(now, before, rows(before.code, now.code) if before else [])
