import base64
import hashlib
import hmac
import time


def is_from_segment(secret: str, headers: dict, body: bytes) -> bool:
    """`headers` by lower-case name; `body` as it arrived, before any parser."""
    message_id = headers.get("webhook-id", "")
    sent = headers.get("webhook-timestamp", "")
    if not sent.isdigit() or abs(time.time() - int(sent)) > 5 * 60:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{sent}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    given = headers.get("webhook-signature", "").encode().split()
    return any(hmac.compare_digest(expected, each) for each in given)
