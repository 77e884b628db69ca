import errno
import http.client
import ssl

import pytest

from runtime.egress import BadAddress, ErrorKind, NameLookupFailed, NameNotFound
from runtime.egress.failures import NETWORK_TROUBLE, Phase, RefusedAddress, explain
from runtime.egress.wire import BudgetSpent


@pytest.mark.parametrize(
    ("error", "phase", "kind"),
    [
        (BadAddress("Use https."), Phase.RESOLVE, ErrorKind.BAD_URL),
        (NameNotFound(), Phase.RESOLVE, ErrorKind.DNS_NOT_FOUND),
        (NameLookupFailed(), Phase.RESOLVE, ErrorKind.DNS_FAILED),
        (RefusedAddress("it is private"), Phase.RESOLVE, ErrorKind.REFUSED_ADDRESS),
        (ConnectionRefusedError(), Phase.CONNECT, ErrorKind.CONNECT_REFUSED),
        (TimeoutError(), Phase.CONNECT, ErrorKind.CONNECT_TIMEOUT),
        (OSError(errno.ETIMEDOUT, "x"), Phase.CONNECT, ErrorKind.CONNECT_TIMEOUT),
        (OSError(errno.EHOSTUNREACH, "x"), Phase.CONNECT, ErrorKind.UNREACHABLE),
        (OSError(errno.ENETUNREACH, "x"), Phase.CONNECT, ErrorKind.UNREACHABLE),
        (TimeoutError(), Phase.TLS, ErrorKind.TIMEOUT),
        (ConnectionResetError(), Phase.TLS, ErrorKind.TLS),
        (ssl.SSLEOFError(), Phase.TLS, ErrorKind.TLS),
        (ssl.SSLEOFError(), Phase.TALK, ErrorKind.RESET),
        (ConnectionResetError(), Phase.TALK, ErrorKind.RESET),
        (http.client.RemoteDisconnected("x"), Phase.TALK, ErrorKind.RESET),
        (TimeoutError(), Phase.TALK, ErrorKind.TIMEOUT),
        (OSError(errno.ETIMEDOUT, "x"), Phase.TALK, ErrorKind.TIMEOUT),
        (BudgetSpent(), Phase.TALK, ErrorKind.TOO_LARGE),
        (http.client.LineTooLong("header line"), Phase.TALK, ErrorKind.TOO_LARGE),
        (http.client.HTTPException("got more than 100 headers"), Phase.TALK, ErrorKind.TOO_LARGE),
        (http.client.IncompleteRead(b""), Phase.TALK, ErrorKind.INCOMPLETE),
        (http.client.BadStatusLine("x"), Phase.TALK, ErrorKind.PROTOCOL),
        (ValueError("x"), Phase.TALK, ErrorKind.PROTOCOL),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_exception_has_one_kind(error, phase, kind):
    assert isinstance(error, NETWORK_TROUBLE)
    failure = explain(error, phase)

    assert failure.kind is kind
    assert failure.message.endswith(".")
