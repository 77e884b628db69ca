"""Mail as files: what development and the demo use instead of a mail server."""

import os
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FileMailBackend(BaseEmailBackend):
    """Writes each mail as one .eml file into EMAIL_FILE_PATH; `/dev/mail/` reads them.

    A file appears whole or not at all. Names sort by time; a mail sent twice is two files.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            write(Path(settings.EMAIL_FILE_PATH), bytes(message.message()))
        return len(email_messages)


def write(directory: Path, content: bytes) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}.eml"
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
    return path
