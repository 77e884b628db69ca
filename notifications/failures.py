"""What an error of the mail server means for a message: try again, or never (SECURITY F13)."""

import smtplib
from dataclasses import dataclass
from datetime import datetime

# The server does not want *us* (no log-in, not now): the message itself has done nothing wrong.
OUR_FAULT = (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError)
NEEDS_LOGIN = {530, 535, 538}


class CannotConnect(Exception):
    """No connection to the mail server could be had; the cause is chained."""


@dataclass(frozen=True)
class Failure:
    """`final`: do not try again. `line_is_down`: others would fail now, too. `unsure`: it may have arrived.

    `wait_until`: the other side named a time; the message waits for it, and no try is counted.
    """

    reason: str
    final: bool = False
    line_is_down: bool = False
    unsure: bool = False
    wait_until: datetime | None = None


def read_failure(error: Exception) -> Failure:
    """Judge an error raised while connecting or sending. Raises it again when it is none of the mail's."""
    if isinstance(error, CannotConnect):
        return Failure(f"The mail server cannot be reached: {_words(error.__cause__)}", line_is_down=True)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        (code, answer), *_ = error.recipients.values()
        return Failure(_answer(code, answer), final=_is_final(code))
    if isinstance(error, smtplib.SMTPResponseException):
        final = _is_final(error.smtp_code) and not isinstance(error, OUR_FAULT)
        return Failure(_answer(error.smtp_code, error.smtp_error), final=final)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Failure(f"The mail server cannot take this message: {error}", final=True)
    if isinstance(error, OSError):  # SMTPException is one, too
        # The text may have gone through before the line broke: nobody knows.
        return Failure(f"The connection broke: {_words(error)}", line_is_down=True, unsure=True)
    if isinstance(error, ValueError | TypeError | LookupError):
        return Failure(f"The message cannot be built: {_words(error)}", final=True)
    raise error


def _is_final(code: int) -> bool:
    return 500 <= code < 600 and code not in NEEDS_LOGIN


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    return f"The mail server answered {code} {' '.join(text.split())}"[:500]


def _words(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}"[:300]
