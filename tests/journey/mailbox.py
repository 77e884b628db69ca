"""One person's mails, read as the person reads them."""

import re
from dataclasses import dataclass, field

from tests.services.processes import wait_until
from tests.services.smtp import Mail, SmtpServer

LINK = re.compile(r"https?://[^\s>]+")
CODE = re.compile(r"^([0-9A-Z]{4}-[0-9A-Z]{4})\s*$", re.MULTILINE)


@dataclass
class Mailbox:
    """What `server` took for `address`. Each mail is read once: `read` returns the oldest unread one that fits."""

    server: SmtpServer
    address: str
    _read: set[str] = field(default_factory=set)

    def read(self, subject: str, *, seconds: float = 20.0) -> Mail:
        """Wait for an unread mail whose subject matches the pattern `subject`."""
        wait_until(
            lambda: self._unread(subject) is not None,
            seconds=seconds,
            what=f"a mail to {self.address} about {subject!r}; there are {self.subjects}",
        )
        mail = self._unread(subject)
        assert mail is not None
        self._read.add(mail.message_id)
        return mail

    def code(self) -> str:
        """The code of the confirmation mail."""
        found = CODE.search(self.read("(?i)confirm|code").text())
        assert found, "The mail carries no code."
        return found.group(1)

    def link(self, subject: str, *, containing: str) -> str:
        """The first link with `containing` in the text of the mail about `subject`."""
        links = links_of(self.read(subject))
        return next(link for link in links if containing in link)

    @property
    def subjects(self) -> list[str]:
        return [mail.subject for mail in self.server.to(self.address)]

    def _unread(self, subject: str) -> Mail | None:
        mails = self.server.to(self.address)
        return next((m for m in mails if m.message_id not in self._read and re.search(subject, m.subject)), None)


def links_of(mail: Mail) -> list[str]:
    return LINK.findall(mail.text())
