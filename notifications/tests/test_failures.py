import smtplib
import ssl

import pytest

from notifications.failures import CannotConnect, Failure, read_failure


def judged(error: Exception) -> tuple[bool, bool, bool]:
    failure = read_failure(error)
    assert failure.reason
    return failure.final, failure.line_is_down, failure.unsure


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (smtplib.SMTPDataError(550, b"no"), (True, False, False)),
        (smtplib.SMTPDataError(554, b"no"), (True, False, False)),
        (smtplib.SMTPDataError(421, b"later"), (False, False, False)),
        (smtplib.SMTPDataError(452, b"full"), (False, False, False)),
        (smtplib.SMTPSenderRefused(552, b"too large", "a@demo.example"), (True, False, False)),
        (smtplib.SMTPSenderRefused(530, b"log in first", "a@demo.example"), (False, False, False)),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), (False, False, False)),
        (smtplib.SMTPRecipientsRefused({"a@demo.example": (550, b"unknown")}), (True, False, False)),
        (smtplib.SMTPRecipientsRefused({"a@demo.example": (450, b"grey")}), (False, False, False)),
        (smtplib.SMTPServerDisconnected("gone"), (False, True, True)),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), (True, False, False)),
        (ConnectionResetError(), (False, True, True)),
        (TimeoutError(), (False, True, True)),
        (ssl.SSLError("bad"), (False, True, True)),
        (ValueError("header"), (True, False, False)),
        (UnicodeEncodeError("ascii", "ä", 0, 1, "no"), (True, False, False)),
        (CannotConnect(), (False, True, False)),
    ],
)
def test_every_error_has_a_verdict(error, verdict):
    assert judged(error) == verdict


def test_the_servers_words_are_kept_on_one_line():
    failure = read_failure(smtplib.SMTPDataError(550, b"5.7.1 no\r\nreally \xff"))

    assert failure == Failure("The mail server answered 550 5.7.1 no really \ufffd", final=True)
