"""What may be registered as a redirect URI (D44, SECURITY T16).

Whatever is registered here is compared letter by letter with what a request says. So the rules keep out what two
programs could read in two ways, and what would carry a code over an open line.
"""

import re
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.core.exceptions import ValidationError

MAX_LENGTH = 500
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})

# RFC 3986: everything that may stand in a URI at all, and a percent sign only before two hexadecimal digits.
_URI = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()+,;=]|%[0-9A-Fa-f]{2})+")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_DOT_SEGMENT = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
# The members of our answer (RFC 6749, RFC 9207): a second one of the same name is read by some programs first.
_OUR_PARAMETERS = frozenset({"code", "state", "iss", "error", "error_description", "error_hint", "error_uri"})


def check(uri: str) -> None:
    """Refuse what cannot be registered, with a ValidationError that tells what to write instead."""
    _check_characters(uri)
    parts = _split(uri)
    _check_host(parts)
    _check_scheme(uri, parts)
    _check_rest(parts)


def _refuse(text: str, code: str) -> ValidationError:
    return ValidationError(text, code=code)


def _check_characters(uri: str) -> None:
    if not uri:
        raise _refuse("Write the address in full, such as https://example.com/callback.", "empty")
    if len(uri) > MAX_LENGTH:
        raise _refuse(f"This address is too long: {MAX_LENGTH} characters at most.", "long")
    if "*" in uri:
        raise _refuse("Addresses are matched exactly: a * stands for nothing. Write out each address.", "wildcard")
    if "\\" in uri:
        raise _refuse("There is a backslash in it. Write forward slashes.", "backslash")
    if "#" in uri:
        raise _refuse("Leave out the # and what follows: a code is never put there.", "fragment")
    if not uri.isascii():
        raise _refuse("Only ASCII letters work here. Write the host as “xn--…” and other letters as %…", "letters")
    if not _URI.fullmatch(uri):
        raise _refuse("There is a space or a sign in it that no address may hold. Write it as %…", "characters")


def _split(uri: str) -> SplitResult:
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise _refuse("The host of this address cannot be read.", "host") from None
    if parts.scheme not in ("https", "http") or not uri.startswith(f"{parts.scheme}://"):
        raise _refuse("Write the address in full, with https:// in front.", "scheme")
    return parts


def _check_host(parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise _refuse("Leave out the name and password before the @.", "userinfo")
    host, port = _host_and_port(parts)
    if not _is_host(host):
        raise _refuse("The host of this address cannot be read.", "host")
    if port is not None and not (_PORT.fullmatch(port) and int(port) <= 65_535):
        raise _refuse("The port has to be a number from 1 to 65535.", "port")


def _is_host(text: str) -> bool:
    """A name, an IPv4 address, or an IPv6 address in brackets."""
    if not text.startswith("["):
        return len(text) <= 253 and bool(_NAME.fullmatch(text))
    try:
        return IPv6Address(text[1:-1]).scope_id is None
    except AddressValueError:
        return False


def _host_and_port(parts: SplitResult) -> tuple[str, str | None]:
    """As written: “[::1]” keeps its brackets; the port is None when there is no colon for one."""
    host, bracket, rest = parts.netloc.rpartition("]")
    if bracket:
        return host + bracket, rest[1:] if rest.startswith(":") else rest or None
    host, colon, port = parts.netloc.partition(":")
    return host, port if colon else None


def _check_scheme(uri: str, parts: SplitResult) -> None:
    """`http` carries a code in the clear; towards one's own machine it travels over no line."""
    if parts.scheme == "http" and _host_and_port(parts)[0] not in LOOPBACK_HOSTS:
        hosts = "localhost, 127.0.0.1 and [::1]"
        raise _refuse(f"Write https://. Plain http works for {hosts} only, while you develop.", "http")


def _check_rest(parts: SplitResult) -> None:
    if _DOT_SEGMENT.search(parts.path):
        raise _refuse("Write the path without “.” and “..”.", "dots")
    taken = _OUR_PARAMETERS & {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if taken:
        raise _refuse(f"Leave out the parameter “{min(taken)}”: we add it to the address ourselves.", "parameter")
