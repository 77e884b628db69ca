"""Grammar of header fields that somebody else configured (T6)."""

import re

MAX_NAME_LENGTH = 100
MAX_VALUE_LENGTH = 8 * 1024

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x20-\x7e\t]*")


class BadHeader(ValueError):
    """A header that must not be sent. The text is written for the person who configured it."""


def check_header_pair(name: str, value: str) -> None:
    """Raise `BadHeader` unless name and value can be sent without changing the meaning of the request.

    A name is a token of RFC 9110; a value is printable ASCII with inner spaces and tabs. Which names are
    reserved is the caller's business.
    """
    if not _TOKEN.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
        raise BadHeader(
            "A header name may hold letters, digits and hyphens only, "
            f"at most {MAX_NAME_LENGTH} characters: {_shown(name)} is not valid."
        )
    if not _VALUE.fullmatch(value):
        raise BadHeader(f"The value of header {name} may hold plain ASCII characters in a single line only.")
    if value != value.strip():
        raise BadHeader(f"Remove the space before or after the value of header {name}.")
    if len(value) > MAX_VALUE_LENGTH:
        raise BadHeader(f"The value of header {name} is longer than {MAX_VALUE_LENGTH:,} characters.")


def _shown(name: str) -> str:
    return f"“{ascii(name[:40])[1:-1]}”"
