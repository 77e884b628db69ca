"""From an exception somewhere below us to one documented kind of failure with a plain sentence."""

import errno
import http.client
import ssl
from enum import StrEnum

from runtime.egress.exchange import ErrorKind, Failure
from runtime.egress.resolver import NameLookupFailed, NameLookupSlow, NameNotFound, NameWithoutAddress
from runtime.egress.urls import BadAddress
from runtime.egress.wire import BudgetSpent


class Phase(StrEnum):
    """How far an exchange has come."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    TALK = "talk"


class RefusedAddress(Exception):
    """A name resolved to an address that the policy refuses; the text completes “… because”."""


# Everything that a hostile or broken peer, name server or network can make the layers below raise.
NETWORK_TROUBLE = (
    BadAddress,
    BudgetSpent,
    NameLookupFailed,
    NameNotFound,
    OSError,
    RefusedAddress,
    ValueError,
    http.client.HTTPException,
)

# OpenSSL's verification codes.
_CERTIFICATE_PROBLEMS = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is self-signed",
    19: "its certificate chain ends in an authority that is not publicly trusted",
    20: "its certificate's issuer is unknown; an intermediate certificate may be missing",
    21: "its certificate's issuer is unknown; an intermediate certificate may be missing",
    62: "its certificate is for another host name",
    64: "its certificate is for another address",
}


_BROKE = "The secure connection broke before a complete answer."
_NO_HANDSHAKE = "The server does not speak TLS 1.2 or later on this port, or broke off the handshake."
# Parts of OpenSSL's reasons.
_HANDSHAKES = (
    ("HTTP_REQUEST", "The server speaks plain HTTP on this port, not TLS."),
    ("WRONG_VERSION_NUMBER", "The server speaks plain HTTP or something else on this port, not TLS."),
    ("UNSUPPORTED_PROTOCOL", "The server offers only versions of TLS that are too old."),
    ("PROTOCOL_VERSION", "The server offers only versions of TLS that are too old."),
    ("ALERT_HANDSHAKE_FAILURE", "The server refused the handshake."),
    ("UNRECOGNIZED_NAME", "The server refused the handshake: it does not know this host name."),
)


def explain(error: Exception, phase: Phase) -> Failure:
    """The failure that `error` means when it is raised in `phase`."""
    match error:
        case BadAddress():
            return Failure(ErrorKind.BAD_URL, str(error))
        case RefusedAddress():
            return Failure(
                ErrorKind.REFUSED_ADDRESS,
                f"The host name points to an address that we never connect to, because {error}.",
            )
        case NameNotFound() | NameLookupFailed():
            return _name_failure(error)
        case TimeoutError():
            return _timeout(phase)
        case ssl.SSLError():
            return _tls_failure(error, phase)
        case OSError():
            return _socket_failure(error, phase)
        case _:
            return _bad_answer(error)


def _name_failure(error: NameNotFound | NameLookupFailed) -> Failure:
    match error:
        case NameWithoutAddress():
            return Failure(ErrorKind.DNS_NOT_FOUND, "The host name exists, but it has no address.")
        case NameNotFound():
            return Failure(ErrorKind.DNS_NOT_FOUND, "The host name does not exist.")
        case NameLookupSlow():
            return Failure(ErrorKind.DNS_FAILED, "Looking up the host name took more than its time.")
        case _:
            return Failure(ErrorKind.DNS_FAILED, "Looking up the host name failed.")


def _timeout(phase: Phase) -> Failure:
    if phase is Phase.CONNECT:
        return Failure(ErrorKind.CONNECT_TIMEOUT, "The server did not react to the connection in time.")
    if phase is Phase.TLS:
        return Failure(ErrorKind.TIMEOUT, "The server did not finish the TLS handshake in time.")
    return Failure(ErrorKind.TIMEOUT, "The server did not finish its answer in time.")


def _tls_failure(error: ssl.SSLError, phase: Phase) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = _CERTIFICATE_PROBLEMS.get(error.verify_code, "its certificate could not be verified")
        return Failure(ErrorKind.TLS, f"The secure connection was not set up: {problem}.")
    reason = getattr(error, "reason", None) or ""  # not every SSLError has one
    if phase is Phase.TALK:
        # In TLS 1.3 the refusal of a client without certificate comes only after the handshake.
        wanted = "CERTIFICATE_REQUIRED" in reason
        sentence = "The server wants a client certificate." if wanted else _BROKE
        return Failure(ErrorKind.RESET, sentence)
    return Failure(ErrorKind.TLS, next((text for part, text in _HANDSHAKES if part in reason), _NO_HANDSHAKE))


def _socket_failure(error: OSError, phase: Phase) -> Failure:
    if isinstance(error, http.client.RemoteDisconnected):
        return Failure(ErrorKind.RESET, "The server closed the connection without an answer.")
    if isinstance(error, ConnectionRefusedError):
        return Failure(ErrorKind.CONNECT_REFUSED, "Nothing accepts connections at this host and port.")
    if isinstance(error, ConnectionError):
        if phase is Phase.TLS:
            return Failure(ErrorKind.TLS, "The server broke off the TLS handshake.")
        return Failure(ErrorKind.RESET, "The server closed the connection before a complete answer.")
    if error.errno == errno.ETIMEDOUT:
        return _timeout(phase)
    return Failure(ErrorKind.UNREACHABLE, "There is no route to the server.")


def _bad_answer(error: Exception) -> Failure:
    if isinstance(error, http.client.IncompleteRead):
        return Failure(ErrorKind.INCOMPLETE, "The body of the answer is shorter than announced.")
    # http.client has no class of its own for "got more than 100 headers".
    if isinstance(error, BudgetSpent | http.client.LineTooLong) or "got more than" in str(error):
        return Failure(ErrorKind.TOO_LARGE, "The headers of the answer are larger or more than we accept.")
    return Failure(ErrorKind.PROTOCOL, "The answer is not valid HTTP/1.1.")
