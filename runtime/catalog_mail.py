"""The mail template with which partners send their catalog entry (S23), written and read.

`write` and `read` are each other's inverse. What people make of a template in a mail program is read as far as it
can be; everything that could not be read is pointed out with its line, and nothing is guessed silently.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, NamedTuple

# Field → the label of the template, then what people write instead.
LABELS: Mapping[str, tuple[str, ...]] = {
    "name": ("Name", "Integration name", "Name of integration"),
    "pull_request": (
        "Link to your most recent PR on the actions-destination repository", "Link to your most recent PR",
        "Most recent PR", "Link to PR", "Pull request", "PR link", "PR",
    ),
    "description": ("Description",),
    "website": ("Website", "Web site", "URL"),
    "categories": ("Categories", "Category"),
    "logo": ("Logo",),
    "mark": ("Mark", "Icon"),
    "support_email": (
        "Customer support email address", "Customer support email", "Support email address", "Support email",
    ),
}  # fmt: skip
# What the template itself says in place of a value.
PLACEHOLDERS = frozenset({
    "name of integration", "link to pr", "select a primary and (optional) secondary category where your integration",
    "brief description of your integration", "website for your company or product", "your logo includes the name",
    "your mark is square", "email address for customer support inquiries",
})  # fmt: skip
MAX_CHARACTERS = 100_000
_INDENT = "  "
_QUOTE = re.compile(r"^(?:>\s?)+", re.MULTILINE)
_BULLET = re.compile(r"^(?:[-*•–]\s+|\d{1,2}[.)]\s+)")
_PULL = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/pull/\d+", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>().]+")
_LINK = re.compile(r"\[([^\]]*)\]\((\S+?)\)|<((?:https?|mailto):[^>\s]+)>")
_CATEGORY_WORD = re.compile(r"^(?:primary|secondary)(?:\s+category)?\s*[:=-]\s*", re.IGNORECASE)
_FIELDS = {re.sub(r"\W+", " ", label).strip().casefold(): name for name, all_ in LABELS.items() for label in all_}


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


class Remark(NamedTuple):
    """Something that a person has to look at. `line` counts from 1; 0 when it is about no line."""

    field: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    entry: Entry
    remarks: list[Remark] = field(default_factory=list)


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
    for name, part in _parts(_plain(text[:MAX_CHARACTERS])):
        if name in parts:
            remarks.append(Remark(name, part.line, f"“{LABELS[name][0]}” stands here twice; the first one was taken."))
        else:
            parts[name] = part
    values: dict[str, Any] = {}
    for name in LABELS:
        if name in parts:
            values[name], found = _READERS[name](parts[name], categories)
            remarks += [Remark(name, parts[name].line, text) for text in found]
        if not values.get(name) and not any(remark.field == name for remark in remarks):
            where = parts[name].line if name in parts else 0
            remarks.append(Remark(name, where, f"“{LABELS[name][0]}” is missing."))
    return Reading(Entry(**values), remarks)


def _plain(text: str) -> list[str]:
    """The lines without what mail programs add: quotation marks of an answer, odd blanks, common indentation."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\xa0", " ").replace("\t", "    ")
    lines = text.split("\n")
    said = [line for line in lines if line.strip()]
    if said and all(line.startswith(">") for line in said if _label(_QUOTE.sub("", line)) is not None):
        lines = [_QUOTE.sub("", line) for line in lines]
    labels = [line for line in lines if _label(line.lstrip()) is not None]
    common = min((len(line) - len(line.lstrip()) for line in labels), default=0)
    return [line[common:] if line[:common].isspace() else line for line in lines]


def _parts(lines: list[str]) -> Iterator[tuple[str, _Part]]:
    current: _Part | None = None
    for number, line in enumerate(lines, start=1):
        found = None if line.startswith(_INDENT) else _label(line)
        if found:
            name, first = found
            current = _Part(number, [first])
            yield name, current
        elif current is not None:
            current.lines.append(line.removeprefix(_INDENT).rstrip())


def _label(line: str) -> tuple[str, str] | None:
    """The field that a line begins, and the rest of the line; None for any other line."""
    rest = _BULLET.sub("", line.strip())
    label, colon, value = rest.partition(":")
    name = _FIELDS.get(re.sub(r"[\W_]+", " ", label).strip().casefold())
    if not colon or name is None:
        return None
    # “**Name:** value” leaves the closing stars behind the colon.
    opened = label.count("**") % 2 or label.count("__") % 2
    return name, re.sub(r"^\s*(?:\*\*|__)", "", value).strip() if opened else value.strip()


def _lines_of(part: _Part) -> list[str]:
    return [line.strip() for line in part.lines if line.strip()]


def _one(part: _Part) -> tuple[str, list[str]]:
    """A value of one line, and what is to be said about it."""
    lines = _lines_of(part)
    value = _unwrapped(lines[0]) if lines else ""
    if _is_placeholder(value):
        return "", ["Still says what the template says; fill it in."]
    return value, ["Only the first line was taken."] if len(lines) > 1 else []


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


def _text(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[str]]:
    return _one(part)


def _description(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[str]]:
    value = "\n".join(line.rstrip() for line in part.lines).strip()
    return ("", ["Still says what the template says; fill it in."]) if _is_placeholder(value) else (value, [])


def _website(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[str]]:
    value, remarks = _one(part)
    if not value or re.match(r"https?://[^\s/]+", value):
        return value, remarks
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:/\S*)?", value):
        return f"https://{value}", [*remarks, f"Read as https://{value}; look whether that is right."]
    return value, [*remarks, "This is no address of a website."]


def _pull_request(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[str]]:
    value, remarks = _one(part)
    found = _PULL.match(value)
    if not value or (found and found[0] == value):
        return value, remarks
    if found:
        return found[0], [*remarks, "Shortened to the address of the pull request."]
    return value, [*remarks, "This is no address of a pull request on GitHub."]


def _support(part: _Part, categories: Mapping[str, str]) -> tuple[str, list[str]]:
    value, remarks = _one(part)
    if not value or _ADDRESS.fullmatch(value):
        return value, remarks
    inside = _ADDRESS.search(value)
    if inside:
        return inside[0], [*remarks, f"Taken from “{value[:80]}”."]
    return value, [*remarks, "This is no email address."]


def _categories(part: _Part, known: Mapping[str, str]) -> tuple[tuple[str, ...], list[str]]:
    spelled = {name.casefold(): right for name, right in known.items()}
    names, remarks = [], []
    for line in _lines_of(part):
        if _is_placeholder(line):
            return (), ["Still says what the template says; fill it in."]
        if line.casefold().startswith("choose from"):
            continue
        for piece in _pieces(line, spelled.keys()):
            right = spelled.get(piece.casefold())
            if right is None:
                remarks.append(_unknown(piece, known))
            elif right not in names:
                names.append(right)
    return tuple(names), remarks


def _pieces(line: str, known: Collection[str]) -> Iterator[str]:
    """The names in a line, set apart by commas, semicolons, slashes or “and”; a known name is never cut."""
    for part in re.split(r"[,;|]", _unwrapped(_BULLET.sub("", line))):
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
