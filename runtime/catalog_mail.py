"""The mail template with which partners send their catalog entry (S23), written and read.

`write` and `read` are each other's inverse. What people make of a template in a mail program is read as far as it
can be; everything that could not be read is pointed out with its line, and nothing is guessed silently.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from itertools import islice
from typing import Any, NamedTuple

from runtime.catalog_labels import BULLET, LABELS, label_of, like_label, nearest
from runtime.catalog_remarks import Code, Note, Remark

# What the template itself says in place of a value.
PLACEHOLDERS = frozenset({
    "name of integration", "link to pr", "select a primary and (optional) secondary category where your integration",
    "brief description of your integration", "website for your company or product", "your logo includes the name",
    "your mark is square", "email address for customer support inquiries",
})  # fmt: skip
MAX_CHARACTERS = 100_000
# Of every value but the description. Some patterns take time with the square of what they read.
MAX_VALUE = 2_000
UNFILLED = Note("Still says what the template says; fill it in.")
TOO_LONG = f"Only the first {MAX_VALUE:,} characters were read."
# So many remarks about one field help; a text that earns more is no template.
MOST_UNKNOWN = MOST_TWICE = MOST_LINES = 10
# Nobody writes a template of more lines; further ones are not searched for labels.
MOST_SEARCHED = 300
# Fields whose value is one line.
ONE_LINE = ("name", "pull_request", "website", "logo", "mark", "support_email")
_INDENT = "  "
_QUOTE = re.compile(r"^(?:>\s?)+", re.MULTILINE)
_PULL = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/pull/\d+", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>().]+")
_LINK = re.compile(r"\[([^\]]*)\]\((\S+?)\)|<((?:https?|mailto):[^>\s]+)>")
_CATEGORY_WORD = re.compile(r"^(?:primary|secondary)(?:\s+category)?\s*[:=-]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the template asks for. `logo` and `mark` name a file or an address; categories begin with the primary."""

    name: str = ""
    pull_request: str = ""
    description: str = ""
    website: str = ""
    categories: tuple[str, ...] = ()
    logo: str = ""
    mark: str = ""
    support_email: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`lines`: field → the line in which its label stands."""

    entry: Entry
    remarks: list[Remark] = field(default_factory=list)
    lines: Mapping[str, int] = field(default_factory=dict)


class _Part(NamedTuple):
    """What stands below one label: the line of the label, and its lines of text."""

    line: int
    lines: list[str]


def write(entry: Entry) -> str:
    """The template, filled in. Further lines of a value are indented, so that they are never taken for a label."""
    values = {one.name: getattr(entry, one.name) for one in fields(entry)} | {"categories": ", ".join(entry.categories)}
    text = "".join(_line(LABELS[name][0], value) for name, value in values.items())
    return f"Please find the below info for {entry.name or 'our'} Catalog entry.\n\n{text}"


def _line(label: str, value: str) -> str:
    first, *others = value.split("\n")
    further = "".join(f"{_INDENT}{line}\n" if line else "\n" for line in others)
    return f"- **{label}:** {first}".rstrip() + f"\n{further}"


def read(text: str, categories: Mapping[str, str]) -> Reading:
    """What a filled-in template says. `categories` are the known names, and other spellings, each with its name."""
    parts: dict[str, _Part] = {}
    remarks = [Remark("", 0, "The text is too long; its end was left out.")] if len(text) > MAX_CHARACTERS else []
    twice, plain = 0, _plain(text[:MAX_CHARACTERS])
    for name, part in _parts(plain):
        if name in parts:
            twice += 1
            if twice <= MOST_TWICE:
                told = f"“{LABELS[name][0]}” stands here twice; the first one was taken."
                remarks.append(Remark(name, part.line, told))
        else:
            parts[name] = part
    values: dict[str, Any] = {}
    for name in LABELS:
        if name in parts:
            part, cut = _shortened(name, parts[name])
            values[name], found = _READERS[name](part, categories)
            remarks += [Remark(name, parts[name].line, *note) for note in [*cut, *found]]
        if not values.get(name) and not any(remark.field == name for remark in remarks):
            where = parts[name].line if name in parts else 0
            remarks.append(Remark(name, where, f"“{LABELS[name][0]}” is missing."))
    remarks += _not_taken(plain, parts)
    return Reading(Entry(**values), remarks, {name: part.line for name, part in parts.items()})


def _plain(text: str) -> list[str]:
    """The lines without what mail programs add: quotation marks of an answer, odd blanks, common indentation."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\xa0", " ").replace("\t", "    ")
    lines = text.split("\n")
    said = [line for line in lines if line.strip()]
    if said and all(line.startswith(">") for line in said if label_of(_QUOTE.sub("", line)) is not None):
        lines = [_QUOTE.sub("", line) for line in lines]
    labels = [line for line in lines if label_of(line.lstrip()) is not None]
    common = min((len(line) - len(line.lstrip()) for line in labels), default=0)
    return [line[common:] if line[:common].isspace() else line for line in lines]


def _parts(lines: list[str]) -> Iterator[tuple[str, _Part]]:
    current: _Part | None = None
    for number, line in enumerate(lines, start=1):
        found = None if line.startswith(_INDENT) else label_of(line)
        if found:
            name, first = found
            current = _Part(number, [first])
            yield name, current
        elif current is not None:
            current.lines.append(line.removeprefix(_INDENT).rstrip())


# --- What was not read as its writer meant it -----------------------------------------------------------


def _not_taken(lines: list[str], parts: Mapping[str, _Part]) -> Iterator[Remark]:
    """Lines that were left out, and lines that look like a label and are none; each at its own line."""
    left_out = [remark for name in ONE_LINE if name in parts for remark in _left_out(name, parts[name])]
    yield from left_out
    told = {remark.line for remark in left_out}
    yield from islice((remark for remark in _like_labels(lines) if remark.line not in told), MOST_LINES)


def _left_out(name: str, part: _Part) -> Iterator[Remark]:
    """What stands below a value of one line. Of the template's own words nobody misses the rest."""
    said = [(number, line.strip()) for number, line in enumerate(part.lines, start=part.line) if line.strip()]
    if not said or _is_placeholder(_unwrapped(said[0][1][:MAX_VALUE])):
        return
    for number, line in said[1 : 1 + MOST_LINES]:
        told = f"“{line[:80]}” was left out: “{LABELS[name][0]}” is one line.{_meant(like_label(line) or '')}"
        yield Remark(name, number, told, Code.LEFT_OUT)
    if more := said[1 + MOST_LINES :]:
        yield Remark(name, more[0][0], f"This and {len(more) - 1:,} more lines were left out.", Code.LEFT_OUT)


def _like_labels(lines: list[str]) -> Iterator[Remark]:
    """Lines that look like a label, mistyped: not indented, and before the first label only what is near one."""
    name = ""
    for number, line in enumerate(lines[:MOST_SEARCHED], start=1):
        if line.startswith(_INDENT):
            continue
        if found := label_of(line):
            name = found[0]
        elif (words := like_label(line)) and (name or nearest(words)) and not _is_of_categories(name, line):
            became = f"counts as part of “{LABELS[name][0]}”" if name else "was left out"
            told = f"“{words}” was not read as a label: this line {became}.{_meant(words)}"
            yield Remark(name, number, told, Code.LABEL)


def _is_of_categories(name: str, line: str) -> bool:
    bare = BULLET.sub("", line.strip()).strip("_* ")
    return name == "categories" and bool(_CATEGORY_WORD.match(bare) or bare.casefold().startswith("choose from"))


def _meant(words: str) -> str:
    near = nearest(words)
    return f" Do you mean “{near}:”?" if near else ""


# --- Values -------------------------------------------------------------------------------------------


def _shortened(name: str, part: _Part) -> tuple[_Part, list[Note]]:
    """At most MAX_VALUE characters of a value, and what is to be said about it; a description is only kept."""
    text = "\n".join(_lines_of(part))
    if name == "description" or len(text) <= MAX_VALUE:
        return part, []
    return _Part(part.line, text[:MAX_VALUE].split("\n")), [Note(TOO_LONG)]


def _lines_of(part: _Part) -> list[str]:
    return [line.strip() for line in part.lines if line.strip()]


def _one(part: _Part) -> tuple[str, list[Note]]:
    """A value of one line, and what is to be said about it."""
    lines = _lines_of(part)
    value = _unwrapped(lines[0]) if lines else ""
    if _is_placeholder(value):
        return "", [UNFILLED]
    return value, []


def _unwrapped(value: str) -> str:
    """Without emphasis, quotation marks and the brackets of a link around the whole."""
    value = _LINK.sub(lambda found: found[2] or found[3].removeprefix("mailto:"), value).strip()
    for opening, closing in (("**", "**"), ("__", "__"), ("_", "_"), ("*", "*"), ("“", "”"), ('"', '"'), ("`", "`")):
        inner = value[len(opening) : -len(closing)]
        if len(value) > len(opening) + len(closing) and value.startswith(opening) and value.endswith(closing):
            value = value if opening in inner else inner.strip()
    return value


def _is_placeholder(value: str) -> bool:
    text = value.strip("_* .").casefold()
    return any(text.startswith(placeholder) for placeholder in PLACEHOLDERS)


def _text(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[Note]]:
    return _one(part)


def _description(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[Note]]:
    value = "\n".join(line.rstrip() for line in part.lines).strip()
    return ("", [UNFILLED]) if _is_placeholder(value) else (value, [])


def _website(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[Note]]:
    value, remarks = _one(part)
    if not value or re.match(r"https?://[^\s/]+", value):
        return value, remarks
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:/\S*)?", value):
        return f"https://{value}", [*remarks, Note(f"Read as https://{value}; look whether that is right.")]
    return value, [*remarks, Note("This is no address of a website.", Code.INVALID)]


def _pull_request(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[Note]]:
    value, remarks = _one(part)
    found = _PULL.match(value)
    if not value or (found and found[0] == value):
        return value, remarks
    if found:
        return found[0], [*remarks, Note("Shortened to the address of the pull request.")]
    return value, [*remarks, Note("This is no address of a pull request on GitHub.", Code.INVALID)]


def _support(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[Note]]:
    value, remarks = _one(part)
    if not value or _ADDRESS.fullmatch(value):
        return value, remarks
    inside = _ADDRESS.search(value)
    if inside:
        return inside[0], [*remarks, Note(f"Taken from “{value[:80]}”.")]
    return value, [*remarks, Note("This is no email address.", Code.INVALID)]


def _categories(part: _Part, known: Mapping[str, str]) -> tuple[tuple[str, ...], list[Note]]:
    spelled = {name.casefold(): right for name, right in known.items()}
    names: dict[str, None] = {}
    unknown: list[str] = []
    for line in _lines_of(part):
        if _is_placeholder(line):
            return (), [UNFILLED]
        if line.casefold().startswith("choose from"):
            continue
        for piece in _pieces(line, spelled.keys()):
            right = spelled.get(piece.casefold())
            names |= {right: None} if right else {}
            unknown += [] if right else [piece]
    remarks = [Note(_unknown(piece, known)) for piece in unknown[:MOST_UNKNOWN]]
    more = len(unknown) - len(remarks)
    return tuple(names), [*remarks, *([Note(f"And {more:,} more that are no categories.")] if more else [])]


def _pieces(line: str, known: Collection[str]) -> Iterator[str]:
    """The names in a line, set apart by commas, semicolons, slashes or “and”; a known name is never cut."""
    for part in re.split(r"[,;|]", _unwrapped(BULLET.sub("", line))):
        name = _unwrapped(_CATEGORY_WORD.sub("", part.strip()))
        name = re.sub(r"\s*\((?:primary|secondary)\)$", "", name, flags=re.IGNORECASE)
        if not name or name.casefold() in known:
            yield from [name] if name else []
            continue
        pieces = [_CATEGORY_WORD.sub("", piece.strip()) for piece in re.split(r"\s+/\s+|\s+and\s+", name)]
        yield from filter(None, pieces)


def _unknown(piece: str, known: Mapping[str, str]) -> str:
    near = get_close_matches(piece, known, n=1)
    hint = f" Do you mean “{known[near[0]]}”?" if near else ""
    return f"“{piece[:80]}” is no category.{hint}"


_READERS = {
    "name": _text, "pull_request": _pull_request, "description": _description, "website": _website,
    "categories": _categories, "logo": _text, "mark": _text, "support_email": _support,
}  # fmt: skip
