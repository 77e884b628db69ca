"""What changed from one version to the next, told in words and word by word."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from runtime.evidence import text_digest

# Longer texts are compared line by line: comparing words costs their number squared.
WORDWISE_LIMIT = 4_000
NAMES = {"docs_links": "documentation links", "visible_if": "shown if"}
Piece = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs. A piece is (whether it differs, text); no pieces: there was nothing."""

    where: str
    before: list[Piece]
    now: list[Piece]

    @property
    def word(self) -> str:
        return "Changed" if self.before and self.now else "Added" if self.now else "Removed"

    @property
    def tone(self) -> str:
        return {"Changed": "info", "Added": "success", "Removed": "danger"}[self.word]


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Every value of two manifests that is not the same, in the order of the manifest."""
    old, new = dict(_flat(before)), dict(_flat(now))
    pairs = [(path, old.get(path, ""), new.get(path, "")) for path in dict.fromkeys([*new, *old])]
    return [_change(path, was, now_is) for path, was, now_is in pairs if was != now_is]


def compare(where: str, before: Any, now: Any) -> Change:
    """One value of a manifest and what it becomes; `where` names it, ending in the field for a drawing."""
    name = where.rpartition(".")[2]
    return _change(where, _text(name, before), _text(name, now))


def _flat(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(where, text) of every value that is filled in."""
    for name in ("name", "slug"):
        yield name.capitalize(), str(manifest.get(name, ""))
    for component in manifest.get("components", []):
        yield from _parts(f"Component {component.get('kind', '')}", component, without="kind")
    for setting in manifest.get("settings", []):
        yield from _parts(f"Setting {setting.get('key', '')}", setting, without="key")
    yield from _parts("Listing", manifest.get("listing") or {})


def _parts(what: str, values: Mapping[str, Any], without: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and name == "docs_links":
            yield from _parts(what, value)
        elif name != without and (text := _text(name, value)):
            yield f"{what}: {NAMES.get(name, name.replace('_', ' '))}", text


def _text(name: str, value: Any) -> str:
    if value is True:
        return "yes"
    if value in (None, False, "", [], {}):
        return ""
    if name == "code":
        return f"{str(value).count(chr(10)) + 1:,} lines, SHA-256 {text_digest(str(value))[:12]}"
    if name.endswith("_svg"):
        return f"picture {hashlib.sha256(str(value).encode()).hexdigest()[:12]}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _change(where: str, before: str, now: str) -> Change:
    if not (before and now):
        return Change(where, [(True, before)] if before else [], [(True, now)] if now else [])
    old, new = _tokens(before, now)
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return Change(
        where,
        [(tag != "equal", "".join(old[i:j])) for tag, i, j, _, _ in blocks if j > i],
        [(tag != "equal", "".join(new[k:m])) for tag, _, _, k, m in blocks if m > k],
    )


def _tokens(before: str, now: str) -> tuple[list[str], list[str]]:
    if max(len(before), len(now)) > WORDWISE_LIMIT:
        return before.splitlines(keepends=True), now.splitlines(keepends=True)
    return _words(before), _words(now)


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\S+", text)
