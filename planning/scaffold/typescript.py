"""Writing TypeScript in which nothing that a person typed can be anything but text."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
# Whatever ends a line in JavaScript, or cannot be seen.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_INDENT = "  "
_SHORT = 80
RESERVED = frozenset(
    """
    abstract any arguments as async await boolean break case catch class const constructor continue debugger declare
    default delete do else enum eval export extends false finally for from function get if implements import in
    infer instanceof interface is keyof let module namespace never new null number object of package private protected
    public readonly require return set static string super switch symbol this throw true try type typeof undefined
    unique unknown var void while with yield
""".split()
)


class Code(str):
    """TypeScript that stands for itself where a value is written."""

    __slots__ = ()


def text(value: str) -> str:
    """A string in single quotes, as the repository writes them."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{_UNSAFE.sub(_escape, escaped)}'"


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return _ESCAPES.get(character) or f"\\u{ord(character):04x}"


def name(key: str) -> str:
    """A key as the name of a property: bare where it can be, else in quotes."""
    return key if _IDENTIFIER.fullmatch(key) else text(key)


def member(owner: str, key: str) -> str:
    """How a property is read: `settings.apiKey`, `settings['api-key']`."""
    return f"{owner}.{key}" if _IDENTIFIER.fullmatch(key) else f"{owner}[{text(key)}]"


def identifier(key: str, taken: Iterable[str] = ()) -> str:
    """A name for a variable that is like `key`, is no word of the language and is none of `taken`."""
    words = re.sub(r"[^A-Za-z0-9_$]+(.)?", lambda found: (found[1] or "").upper(), key)
    made = words if words and not words[0].isdigit() else f"action{words[:1].upper()}{words[1:]}"
    made = f"{made}Action" if made in RESERVED else made
    found, number = made, 1
    while found in set(taken):
        number += 1
        found = f"{made}{number}"
    return found


def value(content: Any, depth: int = 0) -> str:
    """A value as the repository's formatter writes it. `Code` stands for itself; None leaves a key of an object out."""
    if isinstance(content, Code):
        return str(content)
    if isinstance(content, bool):
        return "true" if content else "false"
    if content is None:
        return "null"
    if isinstance(content, int | float):
        return repr(content)
    if isinstance(content, str):
        return text(content)
    if isinstance(content, Mapping):
        return _object(content, depth)
    return _list(list(content), depth)


def _object(content: Mapping[str, Any], depth: int) -> str:
    inner = _INDENT * (depth + 1)
    entries = [f"{inner}{name(key)}: {value(each, depth + 1)}" for key, each in content.items() if each is not None]
    return "{\n" + ",\n".join(entries) + f"\n{_INDENT * depth}}}" if entries else "{}"


def _list(content: list[Any], depth: int) -> str:
    inner = _INDENT * (depth + 1)
    entries = [f"{inner}{value(each, depth + 1)}" for each in content]
    short = f"[{', '.join(entry.strip() for entry in entries)}]"
    if len(short) <= _SHORT and not any("\n" in entry for entry in entries):
        return short
    return "[\n" + ",\n".join(entries) + f"\n{_INDENT * depth}]" if entries else "[]"


def comment(words: str, depth: int = 0) -> str:
    """One or more `//` lines; nothing in them can end the comment."""
    lines = [_UNSAFE.sub(" ", line).rstrip() for line in words.splitlines()]
    return "\n".join(f"{_INDENT * depth}// {line}".rstrip() for line in lines)


def doc(words: str, depth: int = 0) -> str:
    """A `/** */` comment on lines of its own."""
    safe = [_UNSAFE.sub(" ", line).replace("*/", "* /").rstrip() for line in words.splitlines() or [""]]
    indent = _INDENT * depth
    return "\n".join([f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in safe), f"{indent} */"])
