"""Reading a URL that a person typed, once and strictly.

There is one parser here and it accepts less than the standard does, because parsers that disagree about a
URL are how a check gets bypassed (`http://127.0.0.1\\@example.com/`, tabs, `１２７.０.０.１`). Whatever
passes is rebuilt from its parts; the text itself is never used again. Addresses are judged after
resolution, by `policy` and `resolver`; only an address written out in the URL is judged here.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote

from runtime.egress.policy import Address, EgressPolicy

MAX_URL_LENGTH = 2048
_DEFAULT_PORTS = {"http": 80, "https": 443}

_SHAPE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?")
_CONTROL_OR_SPACE = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER_LIKE = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
# Letters that the two IDNA standards encode differently (sharp s, final sigma).
_DISPUTED_LETTERS = frozenset("ßς")


class BadAddress(ValueError):
    """A URL we will not use. The text is written for the person who typed it and says what to change."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, taken apart.

    `host` is lower-case ASCII without brackets; `path` starts with "/" and includes the query;
    `needs_allowance` is True when the URL is acceptable only if every resolved address lies in an
    allowed network (plain http, an unusual port, or a bare host name).
    """

    scheme: str
    host: str
    port: int
    path: str
    needs_allowance: bool = False

    @property
    def authority(self) -> str:
        """What the Host header says: brackets around IPv6, the port only when it is not the default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL rebuilt from its parts."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def literal(self) -> Address | None:
        """The address, when the host is one and not a name."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None


@lru_cache(maxsize=500)
def check_url(url: str, policy: EgressPolicy) -> Target:
    """Take a typed URL apart, or raise `BadAddress` with a sentence for the person who typed it.

    Https on port 443, 80 or 8443 (T4); plain http and other ports only towards what `policy` allows.
    A host name is not resolved here, so the answer is not yet a promise: `client.send` keeps it.
    """
    scheme, authority, path = _split(url)
    host, port_text = _split_authority(authority)
    port = _read_port(port_text, _DEFAULT_PORTS[scheme])
    target = Target(scheme, _read_host(host), port, path)
    return _judge(target, policy)


def _split(url: str) -> tuple[str, str, str]:
    """Scheme, authority and path with query."""
    if not url:
        raise BadAddress("Enter the address of your endpoint, starting with https://.")
    if len(url) > MAX_URL_LENGTH:
        raise BadAddress(f"This address is too long: use at most {MAX_URL_LENGTH:,} characters.")
    if _CONTROL_OR_SPACE.search(url):
        raise BadAddress("This address contains a space or an invisible character. Remove it and try again.")
    if "\\" in url:
        raise BadAddress("This address contains a backslash (\\). Use forward slashes (/) only.")
    match = _SHAPE.fullmatch(url)
    if not match:
        raise BadAddress("This address has no scheme. Start it with https://, as in https://example.com/hook.")
    scheme, authority, path, query, fragment = match.groups()
    if scheme.lower() not in _DEFAULT_PORTS:
        raise BadAddress(f"We cannot send to a {scheme.lower()}:// address. Use one that starts with https://.")
    if fragment is not None:
        raise BadAddress("Remove the part after the # sign: it is never sent to a server.")
    return scheme.lower(), authority, _ascii_path((path or "/") + (query or ""))


def _ascii_path(path: str) -> str:
    """Percent-encode what is not ASCII, as browsers do; ASCII stays as typed."""
    try:
        return "".join(char if char.isascii() else quote(char) for char in path)
    except UnicodeEncodeError:
        raise BadAddress("This address contains a broken character. Type it again.") from None


def _split_authority(authority: str) -> tuple[str, str | None]:
    if "@" in authority:
        raise BadAddress(
            "Remove the user name and password before the @ sign. The customer's API key is sent in the "
            "Authorization header instead."
        )
    if "%" in authority:
        raise BadAddress("The host name contains a % sign. Write the name plainly, as in https://example.com/.")
    match = re.fullmatch(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::(.*))?", authority)
    if not match:
        raise BadAddress("The host name is not readable. An IPv6 address needs square brackets around it.")
    return match[1], match[2]


def _read_port(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not _PORT.fullmatch(text) or int(text) > 65535:
        raise BadAddress("The port after the colon must be a number from 1 to 65535. You can leave it out.")
    return int(text)


def _read_host(host: str) -> str:
    if not host:
        raise BadAddress("The host name is missing. Write it after https://, as in https://example.com/hook.")
    if host.startswith("["):
        return _read_ipv6(host[1:-1])
    name = host.lower() if host.isascii() else _to_ascii(host)
    if name.endswith("."):
        raise BadAddress("Remove the dot at the end of the host name.")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress(
            "The host name is not valid. It may hold letters, digits, hyphens and single dots, as in hooks.example.com."
        )
    if _NUMBER_LIKE.fullmatch(labels[-1]):
        return _read_ipv4(name)
    return name


def _read_ipv4(text: str) -> str:
    # Resolvers read 2130706433, 0x7f.1 and 127.1 as 127.0.0.1; only the plain form gets through.
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise BadAddress(
            "The host looks like a number. Use a host name, as in https://example.com/hook, or a plain IPv4 address."
        ) from None


def _read_ipv6(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise BadAddress("The IPv6 address between the square brackets is not valid.") from None


def _to_ascii(host: str) -> str:
    """The `xn--` form of an international host name.

    Accepts what IDNA 2003 and 2008 agree on: letters and marks that are their own normal form. So no
    look-alike of an ASCII digit, letter or dot survives, because each of those has an ASCII normal form.
    """
    host = unicodedata.normalize("NFC", host.lower())
    if not all(_is_plain_letter(char) for char in host) or unicodedata.normalize("NFKC", host) != host:
        raise BadAddress(
            "The host name contains a character that cannot be part of one. Type it in its ASCII form, "
            "which starts with xn--."
        )
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise BadAddress("The host name cannot be written as an internet name. Check its spelling.") from None


def _is_plain_letter(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in "-._"
    return unicodedata.category(char)[0] in "LM" and char not in _DISPUTED_LETTERS


def _judge(target: Target, policy: EgressPolicy) -> Target:
    literal = target.literal
    if policy.allows_host(target.host) or (literal is not None and policy.allows_network_of(literal)):
        return target
    complaint = _complaint(target, policy)
    if literal is None and complaint and policy.is_open:
        return Target(target.scheme, target.host, target.port, target.path, needs_allowance=True)
    if complaint:
        raise BadAddress(complaint)
    verdict = policy.classify(literal) if literal is not None else None
    if verdict is not None and not verdict.allowed:
        raise BadAddress(
            f"We cannot send to {target.host} because {verdict.reason}. Use an address that is reachable "
            "from the public internet."
        )
    return target


def _complaint(target: Target, policy: EgressPolicy) -> str:
    """What is wrong with a URL towards the public internet, or "" when nothing is."""
    if target.scheme != "https":
        return "Use https:// instead of http://, so that customers' data and keys travel encrypted."
    if target.port not in policy.ports:
        return f"Port {target.port} is not allowed. Use port 443 (the default), 80 or 8443."
    if target.literal is None and "." not in target.host:
        return f"“{target.host}” is not a public host name. Use a full one, as in https://example.com/hook."
    return ""
