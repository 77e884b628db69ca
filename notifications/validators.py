"""What may stand in the head of a mail (SECURITY T27)."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

SUBJECT_LIMIT = 200
# Characters that turn the direction of the text around them: a name could pass for another one.
TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_is_address = EmailValidator(message="“%(value)s” is not one mail address.")


def one_address(value: str) -> str:
    """`value` when it is exactly one plain address, else ValidationError.

    Stricter than Django's validator: no quoted local part (it may hold a second “@” or a comma), ASCII only
    (not every server takes more), at most 254 characters.
    """
    _is_address(value)
    if '"' in value or not value.isascii() or len(value) > 254:
        raise ValidationError(_is_address.message, code="invalid", params={"value": value})
    return value


def one_line(text: str, limit: int = SUBJECT_LIMIT) -> str:
    """`text` as a single line without control characters, cut at `limit` characters."""
    clean = "".join(" " if unicodedata.category(char) == "Cc" else char for char in TURNS.sub("", text))
    line = " ".join(clean.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
