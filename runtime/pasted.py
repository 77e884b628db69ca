"""Reading a request that a person pasted: headers and body as on the wire, or a curl command.

Pasting is rarely exact: forms send CRLF, editors add a newline, frameworks write `HTTP_WEBHOOK_ID`. All of
that is forgiven here and said by `runtime.signature_check`.
"""

import re
import shlex
from dataclasses import dataclass, field
from itertools import pairwise

MAX_CHARACTERS = 200_000
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)")
_START_LINE = re.compile(r"[A-Z]{3,10} \S+( HTTP/\d(\.\d)?)?$")
# What curl takes for the body, and the options that stand before something else of no interest here.
_DATA = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})
_HEADER_OPTIONS = frozenset({"-H", "--header"})


@dataclass(frozen=True, slots=True)
class Pasted:
    """Headers by name in lower case with dashes; the body as text, with the newlines that were typed."""

    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


def read_pasted(text: str) -> Pasted:
    """The request in `text`. What is no header and no body is left out; nothing raises."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff\n ")
    return _read_curl(text) if re.match(r"\$?\s*curl\s", text) else _read_wire(text)


def header_name(name: str) -> str:
    """`HTTP_WEBHOOK_ID`, `webhook_id` and `Webhook-Id` are one header."""
    return name.strip().lower().replace("_", "-").removeprefix("http-")


def _read_wire(text: str) -> Pasted:
    lines = text.split("\n")
    headers: dict[str, str] = {}
    for number, line in enumerate(lines):
        if not line.strip():
            return Pasted(headers, "\n".join(lines[number + 1 :]))
        found = _HEADER.fullmatch(line.strip())
        if line.lstrip()[:1] in ("{", "["):  # the blank line was lost
            return Pasted(headers, "\n".join(lines[number:]))
        if found and not _START_LINE.fullmatch(line.strip()):
            headers[header_name(found[1])] = found[2].strip()
    return Pasted(headers, "")


def _read_curl(text: str) -> Pasted:
    try:
        words = shlex.split(text.lstrip("$ ").replace("\\\n", " "))
    except ValueError:  # a quote without its end
        return Pasted()
    headers: dict[str, str] = {}
    body = ""
    for option, value in _options(words):
        if option in _HEADER_OPTIONS and (found := _HEADER.fullmatch(value.strip())):
            headers[header_name(found[1])] = found[2].strip()
        elif option in _DATA:
            body = value
    return Pasted(headers, body)


def _options(words: list[str]) -> list[tuple[str, str]]:
    """(option, value) pairs, also for `--data=…` and `-H'…'`."""
    pairs = [(word, following) for word, following in pairwise(words) if word.startswith("-")]
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name.startswith("--"):
            pairs.append((name, value))
        elif word.startswith(("-H", "-d")) and len(word) > 2:
            pairs.append((word[:2], word[2:]))
    return pairs
