"""The key of a setting: made once from its label, in camelCase, and never following it (D9)."""

import re
import unicodedata
from collections.abc import Collection

API_KEY = "apiKey"
MAX_KEY_LENGTH = 60
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,118}")
# Names that code in other languages trips over.
_UNSAFE = frozenset({"constructor", "prototype", "toString", "valueOf", "hasOwnProperty"})


def key_from_label(label: str, taken: Collection[str] = ()) -> str:
    """“Custom setting one” → `customSettingOne`; a number is added while the key is in `taken`."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", re.sub(r"['’]", "", plain))
    key = "".join([words[0].lower(), *(word[:1].upper() + word[1:].lower() for word in words[1:])] if words else [])
    if not key or not key[0].isalpha() or key in _UNSAFE:
        key = f"setting{key[:1].upper()}{key[1:]}"
    return _numbered(key[:MAX_KEY_LENGTH], {other.casefold() for other in taken})


def _numbered(key: str, taken: set[str]) -> str:
    candidate, number = key, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{key}{number}"
    return candidate
