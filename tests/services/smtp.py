"""A real mail server that can misbehave at each point where a delivery can fail.

What it took is kept here, in the test's own process, so it survives the death of whoever sent it.
"""

import asyncio
import contextlib
import email
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from email.message import Message
from enum import Enum
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services.ports import free_port
from tests.services.processes import wait_until


class Behaviour(Enum):
    """What the server does with a message."""

    ACCEPT = "stored, answered 250"
    BUSY = "answered 451 after the text: try again later"
    REJECT = "answered 550 after the text: never"
    REJECT_RECIPIENT = "answered 550 at RCPT TO"
    HANG = "the text is read and never answered"
    HANG_UP = "the text is read, then the connection is cut without an answer; not stored"
    STORE_AND_HANG_UP = "stored, then the connection is cut without an answer"
    ACCEPT_AND_HANG_UP = "stored, answered 250, then the connection is cut"


STORES = {Behaviour.ACCEPT, Behaviour.STORE_AND_HANG_UP, Behaviour.ACCEPT_AND_HANG_UP}
CUTS = {Behaviour.HANG_UP, Behaviour.STORE_AND_HANG_UP, Behaviour.ACCEPT_AND_HANG_UP}
ANSWERS = {Behaviour.BUSY: "451 4.3.0 Try again later", Behaviour.REJECT: "550 5.7.1 Not wanted"}
STORED = "250 2.0.0 Stored"


@dataclass(frozen=True)
class Mail:
    """One message as it was stored. `at` is a monotonic clock's reading."""

    sender: str
    recipients: list[str]
    content: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def message(self) -> Message:
        return email.message_from_bytes(self.content)

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"] or "").strip()

    @property
    def subject(self) -> str:
        return str(email.header.make_header(email.header.decode_header(self.message["Subject"] or "")))

    def text(self, kind: str = "text/plain") -> str:
        """The decoded body of that content type; empty when there is none."""
        for part in self.message.walk():
            if part.get_content_type() == kind:
                raw = part.get_payload(decode=True)
                return raw.decode(part.get_content_charset() or "utf-8") if isinstance(raw, bytes) else ""
        return ""


class SmtpServer:
    """Listens on 127.0.0.1. `stop()` is an outage: connections are cut, the port is closed."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[Mail] = []
        self.attempts = 0
        self._default = Behaviour.ACCEPT
        self._next: deque[Behaviour] = deque()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._transports: set[asyncio.Transport] = set()

    @property
    def url(self) -> str:
        """The value for EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}/"

    # --- Steering ---------------------------------------------------------------------------------

    def behave(self, behaviour: Behaviour, *, times: int | None = None) -> None:
        """Act like this from now on, or for the next `times` messages only."""
        with self._lock:
            if times is None:
                self._default = behaviour
                self._next.clear()
            else:
                self._next.extend([behaviour] * times)

    def clear(self) -> None:
        """Forget the mails and every order given."""
        with self._lock:
            self.mails.clear()
            self.attempts = 0
            self._next.clear()
            self._default = Behaviour.ACCEPT

    def wait_for(self, number: int, *, seconds: float = 20.0) -> list[Mail]:
        """All mails, as soon as there are at least `number`."""
        wait_until(lambda: len(self.mails) >= number, seconds=seconds, what=f"{number} mails")
        return list(self.mails)

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in list(self.mails) if address in mail.recipients]

    def repeats(self) -> dict[str, int]:
        """Message-IDs stored more than once, and how often."""
        seen = Counter(mail.message_id for mail in list(self.mails))
        return {message_id: number for message_id, number in seen.items() if number > 1}

    # --- Running ----------------------------------------------------------------------------------

    def start(self) -> "SmtpServer":
        if self._thread is None:
            ready = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(ready,), name="smtp", daemon=True)
            self._thread.start()
            if not ready.wait(10):
                raise TimeoutError("The mail server did not start.")
        return self

    def stop(self) -> None:
        if self._loop and self._thread:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop = self._thread = None

    def _run(self, ready: threading.Event) -> None:
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(loop.create_server(lambda: self._protocol(loop), "127.0.0.1", self.port))
        self._loop = loop
        loop.call_soon(ready.set)
        try:
            loop.run_forever()
        finally:
            server.close()
            self._cut_all()
            loop.run_until_complete(_cancel_everything())
            loop.close()

    def _protocol(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        return _Connection(self, self._transports, loop=loop)

    def _cut_all(self) -> None:
        for transport in list(self._transports):
            transport.abort()

    # --- What aiosmtpd calls ------------------------------------------------------------------------

    def _take_order(self) -> Behaviour:
        with self._lock:
            self.attempts += 1
            return self._next.popleft() if self._next else self._default

    def _peek_order(self) -> Behaviour:
        with self._lock:
            return self._next[0] if self._next else self._default

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self._peek_order() is Behaviour.REJECT_RECIPIENT:
            self._take_order()
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient is fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        order = self._take_order()
        if order in STORES:
            self._store(envelope)
        if order is Behaviour.HANG:
            await asyncio.sleep(3600)
        if order is Behaviour.ACCEPT_AND_HANG_UP:
            await server.push(STORED)
            _cut(server, gently=True)
            raise ConnectionResetError
        if order in CUTS:
            _cut(server)
            raise ConnectionResetError
        return ANSWERS.get(order, STORED)

    def _store(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        self.mails.append(Mail(envelope.mail_from or "", list(envelope.rcpt_tos), content))


class _Connection(SMTP):
    """aiosmtpd's dialogue, plus a list of open connections and a quiet end when one is cut."""

    def __init__(self, handler: SmtpServer, open_ones: set[asyncio.Transport], **options: Any) -> None:
        super().__init__(handler, hostname="mail.test", enable_SMTPUTF8=True, **options)
        self._open_ones = open_ones

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._open_ones.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self._open_ones.discard(self.transport)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        with contextlib.suppress(ConnectionError):
            await super()._handle_client()


def _cut(connection: SMTP, *, gently: bool = False) -> None:
    """Close the connection: `gently` after what was written is sent, otherwise at once."""
    transport = connection.transport
    if isinstance(transport, asyncio.Transport):
        (transport.close if gently else transport.abort)()


async def _cancel_everything() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
