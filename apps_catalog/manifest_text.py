"""Reading JSON so that every value keeps its place: an error can be shown at its line.

`json.loads` forgets where things stood, stops at the first doubled key's second value without a word, and
explains a slip in a parser's terms. What it takes, `read_text` takes too, but for doubled keys, NaN and
bottomless nesting; the values are the same. After a slip whose meaning is plain (a comma too many or too few, a
comment, other quotes, True for true, a line break in a text) it is noted and reading goes on, so that all of them
are told at once; after any other the text can mean anything, and reading ends.
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
# Characters of a line that are shown with a slip.
EXCERPT = 160
# After so many slips nobody reads on.
MAX_FAULTS = 100
COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
BARE_KEY = re.compile(r"[A-Za-z_$][\w$-]*")
# Other quotes, with what ends a text that begins so.
QUOTES = {"'": "'", "‘": "’", "’": "’", "“": "”", "”": "”"}
STRAIGHT = 'Texts stand between straight double quotes: "like this".'
ONE_LINE = "A text cannot go over several lines or hold a tab. Write \\n for a line break and \\t for a tab."


@dataclass(frozen=True, slots=True)
class Fault:
    """A place in the text (counted in characters from 0) and what is wrong there."""

    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a line, and the place in it (from 0) that is meant; whether more comes before and after."""

    line: int
    text: str
    at: int
    is_cut_before: bool = False
    is_cut_after: bool = False

    def with_caret(self) -> str:
        """Two lines for a terminal: the piece behind its number, and a caret under the place."""
        before, after = "…" * self.is_cut_before, "…" * self.is_cut_after
        head = f"{self.line} | {before}"
        gap = "".join(char if char == "\t" else " " for char in head + self.text[: self.at])
        return f"{head}{self.text}{after}\n{gap}^"


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

    def excerpt(self, offset: int, width: int = EXCERPT) -> "Excerpt":
        """The line of an offset, or a piece of that many characters around it when the line is long."""
        number, column = self.place(offset)
        line = self.line(number)
        start = max(0, min(column - 1 - width // 2, len(line) - width))
        return Excerpt(number, line[start : start + width], column - 1 - start, start > 0, start + width < len(line))

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

    def note(self, offset: int, message: str) -> None:
        """A slip whose meaning is plain: reading goes on, unless there are too many."""
        if len(self.found.faults) >= MAX_FAULTS:
            raise _Stop(offset, message)
        self.found.faults.append(Fault(offset, message))

    def skip_space(self) -> None:
        self.at = SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
        while comment := COMMENT.match(self.text, self.at):
            self.note(self.at, "JSON has no comments. Remove this one.")
            self.at = SPACE.match(self.text, comment.end()).end()  # type: ignore[union-attr]

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
        if char in QUOTES:
            return self.quoted()
        if char == "{":
            return self.object(path, depth)
        if char == "[":
            return self.array(path, depth)
        return self.scalar()

    def string(self) -> str:
        """A text; a line break or a tab in it is noted once, the rest of the text is taken."""
        start = self.at
        try:
            text, self.at = scanstring(self.text, start + 1, True)
        except JSONDecodeError as error:
            message, offset = _in_string(error, start)
            if message != ONE_LINE:
                raise _Stop(offset, message) from None
            text, self.at = self.over_lines(start, offset)
        return str(text)

    def over_lines(self, start: int, offset: int) -> tuple[str, int]:
        """A text that goes over several lines. Its end is only sure when a sign that may follow a text comes next."""
        try:
            text, end = scanstring(self.text, start + 1, False)
        except JSONDecodeError:
            raise _Stop(offset, ONE_LINE) from None
        follows = SPACE.match(self.text, end).end()  # type: ignore[union-attr]
        if self.text[follows : follows + 1] not in (",", "}", "]", ":", ""):
            raise _Stop(offset, f"{ONE_LINE} Or the closing double quote is missing in this line.")
        self.note(offset, ONE_LINE)
        return text, end

    def quoted(self) -> str:
        """A text between quotes of another kind, which has to end in its line."""
        start = self.at
        end = self.text.find(QUOTES[self.peek()], start + 1)
        line_end = self.text.find("\n", start)
        if end < 0 or 0 <= line_end < end:
            raise _Stop(start, STRAIGHT)
        self.note(start, STRAIGHT)
        self.at = end + 1
        return self.text[start + 1 : end]

    def scalar(self) -> Any:
        if number := NUMBER.match(self.text, self.at):
            return self.number(number)
        word = WORD.match(self.text, self.at)
        if word is None or word[0] not in WORDS.keys() | FOREIGN.keys():
            raise _Stop(self.at, self.no_value(word[0] if word else ""))
        if word[0] in FOREIGN:
            self.note(self.at, f"JSON writes {FOREIGN[word[0]]} instead of {word[0]}.")
        self.at = word.end()
        return WORDS[FOREIGN.get(word[0], word[0])]

    def number(self, match: re.Match[str]) -> int | float:
        whole, fraction, exponent = match.groups()
        start, self.at = self.at, match.end()
        try:
            return float(match[0]) if fraction or exponent else int(whole)
        except ValueError:  # Python reads no number of more than 4,300 digits
            raise _Stop(start, "This number is too long to be read.") from None

    def no_value(self, word: str) -> str:
        """Why no value begins here."""
        if word in ("NaN", "Infinity", "-Infinity"):
            return f"{word} is not a number in JSON."
        char = self.peek()
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
                self.note(start, f"“{key[:60]}” is there twice; the first is in line {line}. Remove one.")
            first.setdefault(key, start)
            where = f"{path}.{key}" if path else key
            self.found.spans.setdefault(where, (start, self.at))
            self.colon()
            found[key] = self.value(where, depth + 1)
            self.next_or("}", "an object")
        self.at += 1
        return found

    def key(self) -> str:
        char = self.peek()
        if char == '"':
            return self.string()
        message = 'A key stands between straight double quotes, as in "name".'
        if char in QUOTES:
            return self.quoted()
        if bare := BARE_KEY.match(self.text, self.at):
            self.note(self.at, message)
            self.at = bare.end()
            return bare[0]
        raise _Stop(self.at, message if char else "The text ends here; a } is missing.")

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
        behind = self.at
        self.skip_space()
        char = self.peek()
        if char == end:
            return
        if char == ",":
            self.comma(end)
        elif char and self.at > behind and (char in '"{[' or char.isalnum()):
            self.note(self.at, f"A comma or a {end} is expected here, after a value in {what}.")
        else:
            raise _Stop(self.at, self.no_end(end, what))

    def no_end(self, end: str, what: str) -> str:
        """Why neither a comma nor the end stands here."""
        if self.at == len(self.text):
            return f"The text ends here; a {end} is missing."
        told = f"A comma or a {end} is expected here, after a value in {what}."
        is_behind_text = self.text[self.at - 1] == '"'
        return (
            f"{told} Or a double quote is missing before, or one inside a text lacks its backslash."
            if is_behind_text
            else told
        )

    def comma(self, end: str) -> None:
        comma = self.at
        self.at += 1
        self.skip_space()
        if self.peek() == end:
            self.note(comma, f"There is a comma too many: nothing follows before the {end} sign. Remove it.")


def _in_string(error: JSONDecodeError, start: int) -> tuple[str, int]:
    """What is wrong inside a text, in words, and where."""
    if error.msg.startswith("Unterminated"):
        return "This text has no closing double quote.", start
    if error.msg.startswith("Invalid control"):
        return ONE_LINE, error.pos
    wanted = 'After a backslash only these may stand: \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits.'
    return wanted, error.pos
