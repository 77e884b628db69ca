"""Secrets at rest: AES-256-GCM with key ids, bound to the place where each secret is kept.

A sealed value is `v1.<key id>.<base64 of nonce and ciphertext>`. The context ("reviewer-access:<id>")
is authenticated with it, so a ciphertext moved to another row does not open (SECURITY T25).
"""

import base64
import binascii
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12


class CannotOpen(Exception):
    """The sealed value is damaged, stands in the wrong place, or its key is not configured."""


@lru_cache(maxsize=4)
def parse_keys(text: str) -> dict[str, bytes]:
    """`id:base64key,...` as an ordered dict; the first key seals. Raises ImproperlyConfigured."""
    keys: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        key_id, _, encoded = entry.partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except (ValueError, binascii.Error):
            key = b""
        if not key_id.isalnum() or len(key) != 32:
            raise ImproperlyConfigured(
                "VAULT_KEYS wants id:key pairs, each key 32 bytes in URL-safe base64, separated by commas."
            )
        keys[key_id] = key
    if not keys:
        raise ImproperlyConfigured("VAULT_KEYS names no key.")
    return keys


def seal(plaintext: str, context: str) -> str:
    """Encrypt `plaintext` under the current key, bound to `context`."""
    key_id, key = next(iter(parse_keys(settings.VAULT_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    box = nonce + AESGCM(key).encrypt(nonce, plaintext.encode(), _bind(key_id, context))
    return f"v1.{key_id}.{base64.urlsafe_b64encode(box).decode()}"


def unseal(sealed: str, context: str) -> str:
    """The plaintext of `sealed`. Raises CannotOpen; never returns the ciphertext."""
    version, _, rest = sealed.partition(".")
    key_id, _, encoded = rest.partition(".")
    key = parse_keys(settings.VAULT_KEYS).get(key_id)
    if version != "v1" or key is None:
        raise CannotOpen(f"The key “{key_id}” of this secret is not among VAULT_KEYS.")
    try:
        box = base64.urlsafe_b64decode(encoded)
        opened = AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _bind(key_id, context))
        return opened.decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise CannotOpen("This secret is damaged or does not belong here.") from None


def is_current(sealed: str) -> bool:
    """Whether `sealed` is under the key that seals now."""
    return sealed.startswith(f"v1.{next(iter(parse_keys(settings.VAULT_KEYS)))}.")


def _bind(key_id: str, context: str) -> bytes:
    return f"{key_id}|{context}".encode()
