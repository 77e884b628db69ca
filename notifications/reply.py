"""Where an answer by mail goes: an address that names case and person, and cannot be made up.

`<local>+<case>-<user>-<signature>@<domain>` of the setting REPLY_ADDRESS, all in lower case, because mail servers
on the way may not keep capitals. The signature is 130 bits of HMAC-SHA-256 under SECRET_KEY; older keys still
verify, so that a key can be replaced while mails are being answered.
"""

import base64
import re

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

_SALT = "notifications.reply"
# Cases whose mails can be answered: what stands before the colon, and what stands for it in an address.
_CASES = {"app": "a", "catalog": "c"}
_LETTERS = {letter: name for name, letter in _CASES.items()}
_SIGNED = r"([a-z])(\d{1,18})-(\d{1,18})-([a-z2-7]{26})"


def address_for(case: str, user: User) -> str:
    """The reply address of `user` in `case` (“app:12”); "" where the setting is empty or nobody would read it."""
    name, _, number = case.partition(":")
    if not settings.REPLY_ADDRESS or name not in _CASES or not number.isdigit():
        return ""
    local, _, domain = settings.REPLY_ADDRESS.rpartition("@")
    body = f"{_CASES[name]}{number}-{user.pk}"
    return f"{local}+{body}-{_signature(body, settings.SECRET_KEY)}@{domain}"


def read(text: str) -> tuple[str, int] | None:
    """(case, user id) of the first genuine reply address in `text`; None when there is none."""
    if not settings.REPLY_ADDRESS:
        return None
    local, _, domain = settings.REPLY_ADDRESS.rpartition("@")
    pattern = re.compile(rf"(?<![\w.+-]){re.escape(local)}\+{_SIGNED}@{re.escape(domain)}(?![\w.-])", re.IGNORECASE)
    for letter, number, user_id, signature in pattern.findall(text[:10_000].lower()):
        if letter in _LETTERS and _is_genuine(f"{letter}{number}-{user_id}", signature):
            return f"{_LETTERS[letter]}:{number}", int(user_id)
    return None


def _is_genuine(body: str, signature: str) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_signature(body, key), signature) for key in keys)


def _signature(body: str, key: str) -> str:
    digest = salted_hmac(_SALT, body, secret=key, algorithm="sha256").digest()
    return base64.b32encode(digest[:17]).decode().lower()[:26]
