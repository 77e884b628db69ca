"""What separates two manifests, for people: in sentences by part, and line by line.

Both sides are manifests as `export` writes them, so every key is there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from apps_catalog.states import ComponentKind

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
# A text up to this length is quoted; a longer one is measured.
QUOTED = 60
CONTEXT = 3
# Beyond this many differing lines a comparison line by line says little and takes seconds.
MAX_COMPARED = 800
MAX_ROWS = 2_000
# As SequenceMatcher writes them: what happens to lines i to j of the one text, and k to m of the other.
Block = tuple[str, int, int, int, int]
LISTING_NAMES = {
    "description": "The description", "website": "The website", "primary_category": "The primary category",
    "secondary_categories": "The further categories", "support_email": "The support address",
    "logo_svg": "The logo", "mark_svg": "The mark", "images": "The images",
    "partner": "The link to your documentation", "segment": "The link to Segment’s documentation",
    "segment_text": "The text of Segment’s documentation", "launch": "The link to launch content",
    "launch_plan": "The marketing plan",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence about one part. `kind` is added, removed or changed."""

    kind: str
    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison: `kind` is added, removed, same or gap; numbers are None where there is no line."""

    kind: str
    before: int | None
    after: int | None
    text: str


# --- In sentences ----------------------------------------------------------------------------------------


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What would become of the draft, in the order of the manifest."""
    found: list[Change] = []
    if before["name"] != after["name"]:
        found.append(Change(CHANGED, "Name", f"{_value(before['name'])} becomes {_value(after['name'])}. "
                                             "The web address stays."))  # fmt: skip
    found += _components(before["components"], after["components"])
    found += _settings(before["settings"], after["settings"])
    found += _listing(before["listing"], after["listing"])
    return found


def _components(before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    old, new = ({each["kind"]: each for each in side} for side in (before, after))
    for kind in [*old, *(kind for kind in new if kind not in old)]:
        name = f"The {_kind(kind)}"
        if kind not in new:
            yield Change(REMOVED, "Components", f"{name} goes, and its tests with it.")
        elif kind not in old:
            yield Change(ADDED, "Components", f"{name} is added.")
        else:
            yield from _members(old[kind], new[kind], "Components", name)


def _kind(kind: str) -> str:
    return str(ComponentKind(kind).label) if kind in ComponentKind.values else kind


def _settings(before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    old, new = ({each["key"]: each for each in side} for side in (before, after))
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in new:
            yield Change(REMOVED, "Settings", f"“{key}” goes. Customers who filled it in lose their value.")
        elif key not in old:
            yield Change(ADDED, "Settings", f"“{key}” is added.")
        else:
            yield from _members(old[key], new[key], "Settings", f"“{key}”")
    if _order(old, new) != _order(new, old):
        yield Change(CHANGED, "Settings", "Their order changes.")


def _order(keys: Iterable[str], others: Mapping[str, Any]) -> list[str]:
    return [key for key in keys if key in others]


def _listing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = ({**side, **side["docs_links"]} for side in (before, after))
    for key in dict.fromkeys([*old, *new]):
        was, becomes = old.get(key), new.get(key)
        if key != "docs_links" and not _same(was, becomes) and not (_is_empty(was) and _is_empty(becomes)):
            name = LISTING_NAMES.get(key, key.replace("_", " ").capitalize())
            yield _member(was, becomes, "Listing", name)


def _members(old: Mapping[str, Any], new: Mapping[str, Any], part: str, owner: str) -> Iterator[Change]:
    for key in old:
        if not _same(old[key], new.get(key)):
            yield _member(old[key], new.get(key), part, f"{owner}: {key.replace('_', ' ')}")


def _member(old: Any, new: Any, part: str, name: str) -> Change:
    if _is_empty(old):
        return Change(ADDED, part, f"{name} is filled in: {_value(new)}.")
    if _is_empty(new):
        return Change(REMOVED, part, f"{name} is emptied. It was {_value(old)}.")
    return Change(CHANGED, part, f"{name}: {_value(old)} becomes {_value(new)}.")


def _same(old: Any, new: Any) -> bool:
    """In Python 1 equals true, in JSON it does not."""
    return type(old) is type(new) and bool(old == new)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f"“{value}”" if len(value) <= QUOTED and "\n" not in value else f"a text of {len(value):,} characters"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else str(value)


# --- Line by line ----------------------------------------------------------------------------------------


def rows(before: str, after: str) -> list[Row]:
    """The differing lines of two texts with three lines around them; [] for equal ones.

    Texts that differ in very many lines are shown as the whole old and the whole new stretch.
    """
    if before == after:
        return []
    old, new = before.split("\n"), after.split("\n")
    found = list(_rows(old, new, _blocks(old, new)))
    hidden = len(found) - MAX_ROWS
    return found if hidden <= 0 else [*found[:MAX_ROWS], Row("gap", None, None, f"{hidden:,} more lines")]


def _blocks(old: list[str], new: list[str]) -> list[Block]:
    """Like SequenceMatcher.get_opcodes, in bounded time: the common head and tail are not compared at all."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    ends = len(old) - tail, len(new) - tail
    middle = old[head : ends[0]], new[head : ends[1]]
    if max(map(len, middle)) > MAX_COMPARED:
        found: Iterable[Block] = [("replace", 0, len(middle[0]), 0, len(middle[1]))]
    else:
        found = SequenceMatcher(None, *middle, autojunk=False).get_opcodes()
    moved = [(tag, i + head, j + head, k + head, m + head) for tag, i, j, k, m in found]
    return [("equal", 0, head, 0, head), *moved, ("equal", ends[0], len(old), ends[1], len(new))]


def _rows(old: list[str], new: list[str], blocks: list[Block]) -> Iterator[Row]:
    for tag, i, j, k, m in _joined(blocks):
        if tag == "equal":
            yield from _quiet(old, i, j, k, is_first=i == 0 and k == 0, is_last=j == len(old) and m == len(new))
        else:
            yield from (Row(REMOVED, number + 1, None, old[number]) for number in range(i, j))
            yield from (Row(ADDED, None, number + 1, new[number]) for number in range(k, m))


def _joined(blocks: list[Block]) -> list[Block]:
    """Equal blocks that touch are one."""
    found: list[Block] = []
    for block in blocks:
        tag, i, j, k, m = block
        if found and tag == found[-1][0] == "equal":
            found[-1] = (tag, found[-1][1], j, found[-1][3], m)
        elif j > i or m > k:
            found.append(block)
    return found


def _quiet(old: list[str], i: int, j: int, k: int, *, is_first: bool, is_last: bool) -> Iterator[Row]:
    """Equal lines: some beside each difference, the others as a gap."""
    head, tail = (0 if is_first else CONTEXT), (0 if is_last else CONTEXT)
    same = [Row("same", number + 1, k + number - i + 1, old[number]) for number in range(i, j)]
    hidden = len(same) - head - tail
    if hidden <= 1:
        yield from same
        return
    yield from same[:head]
    yield Row("gap", None, None, f"{hidden:,} lines stay as they are")
    yield from same[len(same) - tail :]
