"""The condition on which an action runs: `type = "track" and (event = "Order Completed" or $.properties.total exists)`.

    condition  = each { "or" each }
    each       = one { "and" one }
    one        = "not" one | "(" condition ")" | path "exists" | path ("=" | "!=" | "contains") value
    value      = "text" | 'text' | number | true | false | null

Words are understood in capitals too. `$.` in front of a path may be left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from runtime.events import EventType
from runtime.spec.paths import MISSING, BadPath, Path
from runtime.spec.paths import parse as parse_path

MOST_DEEP: Final = 20
TYPES: Final[tuple[str, ...]] = get_args(EventType)
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
      | (?P<sign>!=|==|=|\(|\))
      | (?P<word>(?:\$?[A-Za-z_.][\w.$-]*|\$(?=\[))(?:\[(?:\d+|'[^'\]]+'|"[^"\]]+")\][\w.$-]*)*)
    )""",
    re.VERBOSE,
)
_CONSTANTS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None}
_RESERVED: Final = frozenset({"and", "or", "not", "exists", "contains", *_CONSTANTS})


class BadTrigger(ValueError):
    """Not a condition. `at` is the place in the text, counted from 0; the message says what to write."""

    def __init__(self, text: str, at: int) -> None:
        self.at = at
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Compare:
    """`path operator value`; the operator is =, !=, contains or exists (then without a value)."""

    path: Path
    operator: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Condition", ...]


Condition = Compare | Not | Every | Either


# --- Reading ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words


def parse(text: str) -> Condition:
    """The condition that `text` says. Raises BadTrigger."""
    reader = _Reader(list(_tokens(text)), len(text))
    condition = reader.condition(0)
    if (extra := reader.here) is not None:
        raise BadTrigger(f"“{extra.text}” is too much here. Join conditions with “and” or “or”.", extra.at)
    return condition


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise BadTrigger(_unreadable(text[start]), start)
        kind = str(found.lastgroup)
        yield _Token(kind, found[kind], found.start(kind))
        at = found.end()


def _unreadable(character: str) -> str:
    if character in "\"'“”‘’":
        return 'A text begins here and does not end. Put it between straight quotes: "Order Completed".'
    if character in "<>":
        return "Only =, !=, contains and exists are understood here."
    return f"“{character}” is not understood here."


class _Reader:
    """Reads tokens from the left; one method for each line of the grammar."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens, self._end, self._next = tokens, end, 0

    @property
    def here(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def condition(self, depth: int) -> Condition:
        parts = [self._each(depth)]
        while self._take_word("or"):
            parts.append(self._each(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _each(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._take_word("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self, depth: int) -> Condition:
        if depth > MOST_DEEP:
            raise BadTrigger("This is nested too deeply. Write it in fewer brackets.", self._at)
        if self._take_word("not"):
            return Not(self._one(depth + 1))
        if self._take_sign("("):
            inner = self.condition(depth + 1)
            if not self._take_sign(")"):
                raise BadTrigger("A bracket is open here: close it with “)”.", self._at)
            return inner
        return self._comparison()

    def _comparison(self) -> Compare:
        path = self._path()
        if self._take_word("exists"):
            return Compare(path, "exists")
        if self._take_word("contains"):
            return Compare(path, "contains", self._value())
        if self._take_sign("=", "=="):
            return Compare(path, "=", self._value())
        if self._take_sign("!="):
            return Compare(path, "!=", self._value())
        raise BadTrigger("Say what to compare with: =, !=, contains or exists.", self._at)

    def _path(self) -> Path:
        token = self.here
        if token is None or token.kind != "word" or token.text.lower() in _RESERVED:
            raise BadTrigger("A part of the event belongs here, such as type, event or $.properties.total.", self._at)
        self._next += 1
        try:
            return parse_path(token.text)
        except BadPath as problem:
            raise BadTrigger(str(problem), token.at) from None

    def _value(self) -> Any:
        token = self.here
        if token is None or (token.kind == "word" and token.text.lower() not in _CONSTANTS) or token.kind == "sign":
            raise BadTrigger('A value belongs here: "text" in quotes, a number, true, false or null.', self._at)
        self._next += 1
        if token.kind == "text":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        if token.kind == "number":
            return float(token.text) if "." in token.text else int(token.text)
        return _CONSTANTS[token.text.lower()]

    @property
    def _at(self) -> int:
        return self.here.at if self.here else self._end

    def _take_word(self, word: str) -> bool:
        return self._take(self.here is not None and self.here.is_word(word))

    def _take_sign(self, *signs: str) -> bool:
        return self._take(self.here is not None and self.here.kind == "sign" and self.here.text in signs)

    def _take(self, is_there: bool) -> bool:
        self._next += is_there
        return is_there


# --- Asking ----------------------------------------------------------------------------------------------


def matches(condition: Condition, event: Mapping[str, Any]) -> bool:
    """Whether the action runs for this event. What an event does not have equals nothing but null."""
    match condition:
        case Not(part):
            return not matches(part, event)
        case Every(parts):
            return all(matches(part, event) for part in parts)
        case Either(parts):
            return any(matches(part, event) for part in parts)
        case Compare():
            return _compare(condition, condition.path.read(event))


def _compare(condition: Compare, value: Any) -> bool:
    there = None if value is MISSING else value
    match condition.operator:
        case "exists":
            return there is not None
        case "contains":
            return _contains(there, condition.value)
        case "=":
            return _same(there, condition.value)
        case _:
            return not _same(there, condition.value)


def _same(left: Any, right: Any) -> bool:
    """As in JSON: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _contains(value: Any, part: Any) -> bool:
    if isinstance(value, str):
        return isinstance(part, str) and part in value
    return isinstance(value, list) and any(_same(each, part) for each in value)


def types_of(condition: Condition) -> tuple[str, ...]:
    """The types of event for which it can be true; () when no event can ever meet it."""
    return tuple(kind for kind in TYPES if True in _outcomes(condition, kind))


def _outcomes(condition: Condition, kind: str) -> set[bool]:
    """What the condition can come to for events of this type, whatever else is in them."""
    match condition:
        case Not(part):
            return {not outcome for outcome in _outcomes(part, kind)}
        case Every(parts):
            return _joined([_outcomes(part, kind) for part in parts], all)
        case Either(parts):
            return _joined([_outcomes(part, kind) for part in parts], any)
        case Compare(path=path):
            if path.steps == ("type",):
                return {_compare(condition, kind)}
            if not has_root(kind, path.root):
                return {_compare(condition, MISSING)}
            return {True, False}


def _joined(sides: list[set[bool]], how: Any) -> set[bool]:
    """The outcomes of “and” (`all`) and “or” (`any`) over parts that do not know of each other."""
    return {how(max(side) for side in sides), how(min(side) for side in sides)}


_OWN_ROOTS: Final[dict[str, frozenset[str]]] = {
    "event": frozenset({"track"}),
    "name": frozenset({"page", "screen"}),
    "properties": frozenset({"track", "page", "screen"}),
    "traits": frozenset({"identify", "group"}),
    "groupId": frozenset({"group"}),
    "previousId": frozenset({"alias"}),
}


def has_root(kind: str, root: str) -> bool:
    """Whether events of this type have the field (D28)."""
    return root not in _OWN_ROOTS or kind in _OWN_ROOTS[root]


def event_names(condition: Condition) -> tuple[str, ...]:
    """The names of events that it asks for with `event =`, in order."""
    return tuple(dict.fromkeys(str(each.value) for each in comparisons(condition) if _asks_for_event(each)))


def _asks_for_event(compared: Compare) -> bool:
    return compared.path.steps == ("event",) and compared.operator == "=" and isinstance(compared.value, str)


def comparisons(condition: Condition) -> Iterator[Compare]:
    """Every comparison in it, from the left."""
    match condition:
        case Compare():
            yield condition
        case Not(part):
            yield from comparisons(part)
        case Every(parts) | Either(parts):
            for part in parts:
                yield from comparisons(part)
