"""Reading a mail that somebody answered: from the bytes of the mail server's pipe to a few plain lines.

Everything in it is hostile until read: the parser is asked for little, sizes are bounded before it starts, and
whatever goes wrong inside it is one refusal. What a text means is the business of the package that owns the case.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage, MIMEPart
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy, compat32
from email.utils import getaddresses
from enum import StrEnum

from notifications import reply
from notifications.html_text import text_of
from notifications.quotes import SIGNATURE, own_words

# A photo or two may hang on an answer; the text of it is what counts.
MAX_BYTES = 5 * 1024 * 1024
MAX_HEAD = 64 * 1024
MAX_PARTS = 100
MAX_TEXT = 10_000
# Of a part, before its quotes are cut off.
MAX_PART = 400_000
# Where mail servers write whom a mail is for, the surest first.
RECIPIENT_HEADERS = ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc")
BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
# Of one header of a part: the parser of structured ones takes seconds for 20,000 quotation marks.
MAX_HEADER = 2_000
# Everything unprintable but line breaks and tabs, and what turns text around.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Fault(StrEnum):
    """Why a mail is not taken; the value is a sentence for its sender."""

    TOO_LARGE = "It is too large: 5 MB are the most, attachments included."
    UNREADABLE = "It could not be read."
    EMPTY = "There is nothing new in it: only quotes, a signature or attachments."
    TOO_LONG = "It is too long: 10,000 characters are the most."


class Unreadable(Exception):
    """A mail that is not taken; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known before the text is read. `case` and `user_id` are those of the signed address, if it is genuine.

    `sender` is the one address of From, in lower case; "" when there is none or more than one. `is_automatic`: no
    person wrote it, so that nobody answers it either.
    """

    digest: str
    case: str
    user_id: int | None
    sender: str
    is_automatic: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that hangs on a mail. Its `name` has no folders in it; "" where it has none."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of the mail, without quotes and signature, and how many attachments it has.

    `files` are those attachments, where the mail was read whole (`read_whole`).
    """

    text: str
    attachments: int
    files: tuple[Attachment, ...] = ()


_read_header = HeaderRegistry()


def _beginning(name: str, value: str) -> str:
    """The parsed header; of a long one only its beginning."""
    return _read_header(name, value[:MAX_HEADER])


_MODERN = EmailPolicy(header_factory=_beginning)


def read_head(raw: bytes, recipient: str = "") -> Envelope:
    """Who writes to whom, from the head alone, however large the rest is.

    `recipient` is the envelope's, where the mail server tells it. Raises Unreadable for what is no mail.
    """
    head = re.split(rb"\r?\n\r?\n", raw[: MAX_HEAD + 4], maxsplit=1)[0]
    if not head.strip() or len(head) > MAX_HEAD:
        raise Unreadable(Fault.UNREADABLE)
    try:
        return _envelope(_raw_headers(head), raw, recipient)
    except Exception as error:  # the parser's own bugs are no reason to lose the next mail
        raise Unreadable(Fault.UNREADABLE) from error


def read_letter(raw: bytes) -> Letter:
    """The words. Raises Unreadable when there are none, too many, or when the mail is too large or broken."""
    letter = _read(raw, own_words)
    if len(letter.text) > MAX_TEXT:
        raise Unreadable(Fault.TOO_LONG)
    return letter


def read_whole(raw: bytes) -> Letter:
    """Everything above the signature, quotes too, with the attachments: for a form that is filled in and sent back.

    Raises Unreadable when there are no words, or when the mail is too large or broken.
    """
    return _read(raw, _above_signature, with_files=True)


def _read(raw: bytes, cut: Callable[[str], str], *, with_files: bool = False) -> Letter:
    if len(raw) > MAX_BYTES:
        raise Unreadable(Fault.TOO_LARGE)
    if raw.lower().count(b"boundary=") > MAX_PARTS:
        raise Unreadable(Fault.UNREADABLE)
    try:
        message = message_from_bytes(raw, policy=_MODERN)
        text, attachments = _words(message)
        letter = Letter(cut(text), attachments, tuple(_files(message)) if with_files else ())
    except Exception as error:  # as above
        raise Unreadable(Fault.UNREADABLE) from error
    if not letter.text:
        raise Unreadable(Fault.EMPTY)
    return letter


def _envelope(headers: dict[str, list[str]], raw: bytes, recipient: str) -> Envelope:
    message_id = headers.get("message-id", [""])[0].strip()
    found = reply.read(recipient) if recipient else _addressed(headers)
    case, user_id = found or ("", None)
    # One mail to the addresses of two threads is two.
    known_by = f"{case} {user_id} {message_id}".encode(errors="replace") if message_id else raw
    digest = hashlib.sha256(known_by).hexdigest()
    return Envelope(digest, case, user_id, _sender(headers), _is_automatic(headers))


def _raw_headers(head: bytes) -> dict[str, list[str]]:
    """As they came, unparsed: the parser of structured headers is neither quick nor safe on hostile ones."""
    found: dict[str, list[str]] = {}
    for name, value in BytesHeaderParser(policy=compat32).parsebytes(head + b"\r\n\r\n").raw_items():
        found.setdefault(name.lower(), []).append(str(value))
    return found


def _addressed(headers: dict[str, list[str]]) -> tuple[str, int] | None:
    values = (value for name in RECIPIENT_HEADERS for value in headers.get(name.lower(), ()))
    return next((found for value in values if (found := reply.read(value))), None)


def _sender(headers: dict[str, list[str]]) -> str:
    values = headers.get("from", [])
    if len(values) != 1 or len(values[0]) > 1_000:
        return ""
    addresses = [address for _, address in getaddresses(values) if address]
    return addresses[0].lower() if len(addresses) == 1 and len(addresses[0]) <= 254 else ""


def _is_automatic(headers: dict[str, list[str]]) -> bool:
    """Out-of-office notes, bounces and lists (RFC 3834): answering them is how loops begin."""
    first = {name: values[0].strip().lower() for name, values in headers.items()}
    return (
        first.get("auto-submitted", "no").partition(";")[0].strip() != "no"
        or first.get("precedence", "") in BULK
        or first.get("return-path", "").replace(" ", "") == "<>"
        or "list-id" in first
        or "x-autoreply" in first
        or "x-autorespond" in first
        or first.get("content-type", "").startswith("multipart/report")
    )


# --- Words ------------------------------------------------------------------------------------------------


def _words(message: EmailMessage) -> tuple[str, int]:
    body = message.get_body(preferencelist=("plain", "html"))
    attachments = sum(part is not body for part in message.iter_attachments()) if message.is_multipart() else 0
    if body is None:
        return "", attachments
    text = _decoded(body)[:MAX_PART]
    if body.get_content_subtype() == "html":
        text = text_of(text)
    elif body.get_param("format") == "flowed":
        text = _unflowed(text)
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")), attachments


def _unflowed(text: str) -> str:
    """Lines that end in a blank go on in the next one (RFC 3676); the line above a signature does not."""
    lines = text.replace("\r\n", "\n").split("\n")
    goes_on = [line.endswith(" ") and line != f"{SIGNATURE} " for line in lines]
    return "".join(line if more else f"{line}\n" for line, more in zip(lines, goes_on, strict=True)).strip("\n")


def _above_signature(text: str) -> str:
    lines = text.split("\n")
    ends = next((number for number, line in enumerate(lines) if line.rstrip() == SIGNATURE), len(lines))
    return "\n".join(lines[:ends]).strip("\n")


def _files(message: EmailMessage) -> Iterator[Attachment]:
    for part in message.walk():
        name = part.get_filename() or ""
        if part.is_multipart() or not name:
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield Attachment(re.split(r"[/\\]", name)[-1][:200], payload)


def _decoded(part: MIMEPart) -> str:
    """In the charset it names; where there is no such charset, as UTF-8 with marks for what is not."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(part.get_content_charset("utf-8"), errors="replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", errors="replace")
