"""Reading the mails that FileMailBackend wrote (development only)."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"\d+-[0-9a-f]{8}\.eml")
LINK = re.compile(r"https?://[^\s<>\"']+")
# allauth's codes: two or three groups of capitals and digits, or of digits alone, on a line of their own.
CODE = re.compile(r"^\s*([A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5}){1,2}|\d{6,9})\s*$", re.MULTILINE)


@dataclass(frozen=True)
class StoredMail:
    """One .eml file, decoded. `name` is the file's name and the mail's address under /dev/mail/."""

    name: str
    sent_at: datetime
    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    headers: list[tuple[str, str]]

    @property
    def links(self) -> list[str]:
        """The links of the plain text, each once, in order."""
        return list(dict.fromkeys(link.rstrip(".,;:!?)") for link in LINK.findall(self.text)))

    @property
    def codes(self) -> list[str]:
        return list(dict.fromkeys(CODE.findall(self.text)))


def names() -> list[str]:
    """File names, newest first."""
    directory = Path(settings.EMAIL_FILE_PATH)
    found = [path.name for path in directory.iterdir()] if directory.is_dir() else []
    return sorted(filter(NAME.fullmatch, found), key=_written_at, reverse=True)


def read(name: str) -> StoredMail | None:
    """The mail of that name; None when there is none. Only names that the backend makes are looked for."""
    path = Path(settings.EMAIL_FILE_PATH) / name
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return StoredMail(
        name=name,
        sent_at=datetime.fromtimestamp(_written_at(name) / 1e9, UTC),
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=[(key, str(value)) for key, value in message.items()],
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _written_at(name: str) -> int:
    return int(name.partition("-")[0])
