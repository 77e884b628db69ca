"""Standard Webhooks signatures: HMAC-SHA256 over `id.timestamp.body` (PRODUCT, “Signing”).

They stand beside the original's headers (D10), which know no signature (D11). While a secret is being
rotated there are two signatures, separated by a space; a receiver takes the request if either fits.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass

PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE_SECONDS = 300
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
HEADERS = (ID, TIMESTAMP, SIGNATURE)


class BadSecret(ValueError):
    """The text is no signing secret: not base64, or nothing at all."""


@dataclass(frozen=True, slots=True)
class Signing:
    """How one message is signed.

    `secrets` as they are shown (`whsec_…`), the current one first. `message_id` is the same for every
    attempt at the same message; `timestamp` is that of this attempt, in Unix seconds.
    """

    secrets: Sequence[str]
    message_id: str
    timestamp: int

    def headers(self, body: bytes) -> tuple[tuple[str, str], ...]:
        """The three headers; none without a secret. Raises BadSecret."""
        if not self.secrets:
            return ()
        signatures = [signature(key_of(secret), self.message_id, str(self.timestamp), body) for secret in self.secrets]
        return (ID, self.message_id), (TIMESTAMP, str(self.timestamp)), (SIGNATURE, " ".join(signatures))


def message_id(*parts: object) -> str:
    """A `webhook-id` that the same parts always give: letters and digits only, whatever the parts are."""
    return "msg_" + hashlib.sha256(":".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:32]


def new_secret() -> str:
    """A fresh secret of 32 random bytes, as it is shown and pasted."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode("ascii")


def key_of(secret: str) -> bytes:
    """The key that a secret stands for; the prefix and the padding may be missing. Raises BadSecret."""
    encoded = secret.strip().removeprefix(PREFIX).rstrip("=")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecret("A secret is “whsec_” and base64.") from None
    if not key:
        raise BadSecret("The secret is empty.")
    return key


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """One entry of `webhook-signature`. The timestamp is text, because what was received is what was signed."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


def is_signed_with(key: bytes, message_id: str, timestamp: str, signatures: str, body: bytes) -> bool:
    """Whether one of the signatures in the header fits. Says nothing about the age."""
    expected = signature(key, message_id, timestamp, body).encode()
    return any(hmac.compare_digest(expected, each.encode()) for each in signatures.split())
