"""What may be typed: addresses of websites and of people, and names that fit on one line."""

import re
import unicodedata
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_is_url = URLValidator(schemes=["http", "https"])
WEBSITE_ADVICE = "Enter the address of your website, for example https://www.example.com."
# As long as the columns that keep it.
MAX_WEBSITE = 300


def read_website(text: str) -> str:
    """A full web address from what people type; a missing scheme becomes https. Raises ValidationError."""
    typed = text.strip()
    address = typed if _SCHEME.match(typed) else f"https://{typed.lstrip('/')}"
    try:
        _is_url(address)
        parts = urlsplit(address)
        has_log_in = parts.username is not None or parts.password is not None
    except (ValidationError, ValueError):
        raise ValidationError(WEBSITE_ADVICE, code="website") from None
    if has_log_in or "." not in (parts.hostname or ""):
        raise ValidationError(WEBSITE_ADVICE, code="website")
    if len(address) > MAX_WEBSITE:  # the scheme may have been what was too much
        raise ValidationError(f"Use an address of at most {MAX_WEBSITE} characters, https:// included.", code="website")
    return address


def validate_one_line(text: str) -> None:
    """Refuses line breaks and invisible characters: the text goes into subjects and headings (T27)."""
    if any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in text):
        raise ValidationError("Write this on one line, without invisible characters.", code="one_line")


def read_address(text: str) -> str:
    """One plain, lower-case mail address. Raises ValidationError.

    Quoted local parts and anything that a mail server could read as a second recipient are refused (T27).
    """
    address = text.strip().lower()
    if len(address) > 254:
        raise ValidationError("An email address has 254 characters at most.", code="address")
    if re.search(r"[\s\"',;:<>()\[\]\\]|=\?", address) or not address.isascii() or not address.isprintable():
        raise ValidationError("Enter one plain email address, for example name@example.com.", code="address")
    validate_email(address)
    return address
