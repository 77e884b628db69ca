"""Secrets, codes and tokens as values: how one is made, and under what it is kept."""

import hashlib
import secrets
from typing import Any

# 256 random bits, which URL-safe base64 writes as 43 characters.
_RANDOM_BYTES = 32


def new_value(request: Any = None) -> str:
    """43 characters that need no escaping in a header, a URL or a shell.

    The toolkit hands its request to a generator; nothing of it is in the value.
    """
    return secrets.token_urlsafe(_RANDOM_BYTES)


def digest(value: str) -> str:
    """The SHA-256 under which a value is kept and found, as 64 hexadecimal characters."""
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()
