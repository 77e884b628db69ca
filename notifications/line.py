"""One connection to the mail server for many messages."""

import contextlib
import smtplib
from collections.abc import Callable

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from notifications import mime
from notifications.failures import CannotConnect, Failure, read_failure
from notifications.models import OutboxMessage, OutboxQuerySet


class Line:
    """A way out for mails. Opens the connection when it is first needed, and anew when it has gone dead meanwhile."""

    def __init__(self, make_backend: Callable[[], BaseEmailBackend] = get_connection) -> None:
        self._make_backend = make_backend
        self._backend: BaseEmailBackend | None = None

    def waiting(self) -> OutboxQuerySet:
        return OutboxMessage.objects.mails()

    def hand_over(self, row: OutboxMessage) -> Failure | None:
        """Send one row as a mail; None when the server took it."""
        try:
            self.send(mime.build(row))
        except Exception as error:  # read_failure raises again what is not about mail
            return read_failure(error)
        return None

    def send(self, mail: EmailMessage) -> None:
        """Hand over one message. Raises CannotConnect, or what the server's answer raised."""
        backend = self._open()
        try:
            backend.send_messages([mail])
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
            raise  # an answer: the connection is fine
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            with contextlib.suppress(OSError):
                backend.close()

    def _open(self) -> BaseEmailBackend:
        if self._backend is not None and not _is_alive(self._backend):
            self.close()
        if self._backend is None:
            backend = self._make_backend()
            try:
                backend.open()
            except OSError as error:
                raise CannotConnect from error
            self._backend = backend
        return self._backend


def _is_alive(backend: BaseEmailBackend) -> bool:
    """Asks the server, so that a connection it closed after the last message costs no try of the next."""
    connection = getattr(backend, "connection", None)
    if connection is None:
        return True
    try:
        return bool(connection.noop()[0] == 250)
    except OSError:
        return False
