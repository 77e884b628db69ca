"""Reading JSON so that every value keeps its place: an error can be shown at its line.

`json.loads` forgets where things stood, stops at the first doubled key's second value without a word, and
explains a slip in a parser's terms. What it takes, `read_text` takes too, but for doubled keys, NaN and
bottomless nesting; the values are the same.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Any

SPACE = re.compile(r"[ \t\n\r]*")
NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
WORD = re.compile(r"-?[A-Za-z_]+")
WORDS = {"true": True, "false": False, "null": None}
# How other languages write the three words of JSON.
FOREIGN = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false",
           "None": "null", "nil": "null", "NULL": "null", "undefined": "null"}  # fmt: skip
MAX_NESTING = 100
# Far more than any App needs, and read within a quarter of a second.
MAX_VALUES = 50_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A place in the text (counted in characters from 0) and what is wrong there."""

    offset: int
    message: str


@dataclass
class Located:
    """What a text says, and where. `spans` leads from a path (`settings[2].type`) to its first and last offset.

    The place of a member is its key, that of an item its beginning.
    """

    text: str
    value: Any = None
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        start = self._line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)]

    def span(self, path: str) -> tuple[int, int]:
        """Where `path` stands; for what is absent, the nearest thing around it."""
        while path and path not in self.spans:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.spans.get(path, (0, 0))


class _Stop(Exception):
    """The text is no JSON from here on."""

    def __init__(self, offset: int, message: str) -> None:
        self.fault = Fault(offset, message)
        super().__init__(message)


def read_text(text: str) -> Located:
    """Read a JSON text as far as it goes; `faults` is empty when it is JSON as we take it."""
    found = Located(text)
    reader = _Reader(found)
    try:
        found.value = reader.document()
    except _Stop as stop:
        found.faults.append(stop.fault)
    return found


class _Reader:
    """Recursive descent. Each method reads one thing from `at` and leaves `at` behind it."""

    def __init__(self, found: Located) -> None:
        self.found, self.text, self.at, self.count = found, found.text, 0, 0

    def document(self) -> Any:
        self.skip_space()
        if self.at == len(self.text):
            raise _Stop(0, "There is nothing here. Start with { and end with }.")
        value = self.value("", 0)
        self.skip_space()
        if self.at < len(self.text):
            raise _Stop(self.at, "The manifest has ended, and more text follows. Remove it, or one bracket before it.")
        return value

    def skip_space(self) -> None:
        self.at = SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
        if self.text.startswith(("//", "/*"), self.at):
            raise _Stop(self.at, "JSON has no comments. Remove this one.")

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def value(self, path: str, depth: int) -> Any:
        if depth > MAX_NESTING:
            raise _Stop(self.at, "The text is nested too deeply.")
        self.count += 1
        if self.count > MAX_VALUES:
            raise _Stop(self.at, f"The text holds more than {MAX_VALUES:,} values. No App needs so many.")
        start = self.at
        self.found.spans.setdefault(path, (start, start + 1))
        char = self.peek()
        if char == '"':
            return self.string()
        if char == "{":
            return self.object(path, depth)
        if char == "[":
            return self.array(path, depth)
        return self.scalar()

    def string(self) -> str:
        start = self.at
        try:
            text, self.at = scanstring(self.text, start + 1, True)
        except JSONDecodeError as error:
            raise _Stop(*_in_string(error, start)) from None
        return str(text)

    def scalar(self) -> Any:
        if number := NUMBER.match(self.text, self.at):
            return self.number(number)
        word = WORD.match(self.text, self.at)
        if word is None or word[0] not in WORDS:
            raise _Stop(self.at, self.no_value(word[0] if word else ""))
        self.at = word.end()
        return WORDS[word[0]]

    def number(self, match: re.Match[str]) -> int | float:
        whole, fraction, exponent = match.groups()
        start, self.at = self.at, match.end()
        try:
            return float(match[0]) if fraction or exponent else int(whole)
        except ValueError:  # Python reads no number of more than 4,300 digits
            raise _Stop(start, "This number is too long to be read.") from None

    def no_value(self, word: str) -> str:
        """Why no value begins here."""
        if word in FOREIGN:
            return f"JSON writes {FOREIGN[word]} instead of {word}."
        if word in ("NaN", "Infinity", "-Infinity"):
            return f"{word} is not a number in JSON."
        char = self.peek()
        if char in ("'", "“", "”", "‘", "’") and char:
            return 'Texts stand between straight double quotes: "like this".'
        if not char:
            return "The text ends here, and a value is missing."
        if char in "}],":
            return f"A value is missing before the {char} sign. Is there a comma too many?"
        return "A value is expected here: a text in double quotes, a number, true, false, null, a list or an object."

    def object(self, path: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        first: dict[str, int] = {}
        self.at += 1
        self.skip_space()
        while self.peek() != "}":
            start, key = self.at, self.key()
            if key in first:
                line, _ = self.found.place(first[key])
                self.found.faults.append(
                    Fault(start, f"“{key[:60]}” is there twice; the first is in line {line}. Remove one.")
                )
            first.setdefault(key, start)
            where = f"{path}.{key}" if path else key
            self.found.spans.setdefault(where, (start, self.at))
            self.colon()
            found[key] = self.value(where, depth + 1)
            self.next_or("}", "an object")
        self.at += 1
        return found

    def key(self) -> str:
        if self.peek() != '"':
            message = 'A key stands between straight double quotes, as in "name".'
            raise _Stop(self.at, message if self.peek() else "The text ends here; a } is missing.")
        return self.string()

    def colon(self) -> None:
        self.skip_space()
        if self.peek() != ":":
            raise _Stop(self.at, "A colon is expected between a key and its value.")
        self.at += 1
        self.skip_space()

    def array(self, path: str, depth: int) -> list[Any]:
        found: list[Any] = []
        self.at += 1
        self.skip_space()
        while self.peek() != "]":
            found.append(self.value(f"{path}[{len(found)}]", depth + 1))
            self.next_or("]", "a list")
        self.at += 1
        return found

    def next_or(self, end: str, what: str) -> None:
        """After a value: a comma and something more, or the end."""
        self.skip_space()
        char = self.peek()
        if char == end:
            return
        if char != ",":
            missing = f"The text ends here; a {end} is missing." if not char else ""
            raise _Stop(self.at, missing or f"A comma or a {end} is expected here, after a value in {what}.")
        comma = self.at
        self.at += 1
        self.skip_space()
        if self.peek() == end:
            raise _Stop(comma, f"There is a comma too many: nothing follows before the {end} sign. Remove it.")


def _in_string(error: JSONDecodeError, start: int) -> tuple[int, str]:
    """What is wrong inside a text, in words, and where."""
    if error.msg.startswith("Unterminated"):
        return start, "This text has no closing double quote."
    if error.msg.startswith("Invalid control"):
        return (
            error.pos,
            "A text cannot go over several lines or hold a tab. Write \\n for a line break and \\t for a tab.",
        )
    return (
        error.pos,
        'After a backslash only these may stand: \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits.',
    )
