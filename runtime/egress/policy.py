"""Which network addresses the product may connect to.

The rule is an allow-list: an address is good when it is public global unicast, that is, when it is in
no row of the tables below. `ipaddress.is_global` alone is not enough: on the Pythons we run on it is true
for multicast, NAT64, site-local `fec0::/10`, `5f00::/16` and `::a.b.c.d`.

Sources: IANA's special-purpose registries for IPv4 and IPv6, and the host addresses that cloud providers
put into otherwise public space (Azure's 168.63.129.16).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

PUBLIC_PORTS = frozenset({443, 80, 8443})  # T4

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _table(network_class: type, rows: Iterable[tuple[str, str]]) -> tuple[tuple[Network, str], ...]:
    return tuple((network_class(network), reason) for network, reason in rows)


_REFUSED_V4 = _table(
    IPv4Network,
    [
        ("0.0.0.0/8", "it means “this host”"),
        ("10.0.0.0/8", "it is a private network"),
        ("100.64.0.0/10", "it is a provider's shared network"),
        ("127.0.0.0/8", "it is the machine itself (loopback)"),
        ("168.63.129.16/32", "it is a cloud host's own service"),
        ("169.254.0.0/16", "it is link-local, where cloud metadata services live"),
        ("172.16.0.0/12", "it is a private network"),
        ("192.0.0.0/24", "it is reserved for protocol assignments"),
        ("192.0.2.0/24", "it is reserved for documentation"),
        ("192.31.196.0/24", "it is reserved for the AS112 service"),
        ("192.52.193.0/24", "it is reserved for multicast tunnelling"),
        ("192.88.99.0/24", "it is the old 6to4 relay network"),
        ("192.168.0.0/16", "it is a private network"),
        ("192.175.48.0/24", "it is reserved for the AS112 service"),
        ("198.18.0.0/15", "it is reserved for benchmarks"),
        ("198.51.100.0/24", "it is reserved for documentation"),
        ("203.0.113.0/24", "it is reserved for documentation"),
        ("224.0.0.0/4", "it is multicast"),
        ("240.0.0.0/4", "it is reserved or broadcast"),
    ],
)

_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")

# Names for what lies outside 2000::/3; whatever is in neither table is "not assigned".
_OUTSIDE_V6 = _table(
    IPv6Network,
    [
        ("::/128", "it means “this host”"),
        ("::1/128", "it is the machine itself (loopback)"),
        ("::ffff:0:0/96", "it hides an IPv4 address"),
        ("::ffff:0:0:0/96", "it hides an IPv4 address"),
        ("::/96", "it hides an IPv4 address"),
        ("64:ff9b::/96", "it hides an IPv4 address (NAT64)"),
        ("64:ff9b:1::/48", "it hides an IPv4 address (NAT64)"),
        ("100::/64", "it is the discard prefix"),
        ("5f00::/16", "it is reserved for segment routing"),
        ("fc00::/7", "it is a private network"),
        ("fe80::/10", "it is link-local"),
        ("fec0::/10", "it is a private network (site-local)"),
        ("ff00::/8", "it is multicast"),
    ],
)
_REFUSED_INSIDE_V6 = _table(
    IPv6Network,
    [
        ("2001::/32", "it hides an IPv4 address (Teredo)"),
        ("2001::/23", "it is reserved for protocol assignments"),
        ("2001:db8::/32", "it is reserved for documentation"),
        ("2002::/16", "it hides an IPv4 address (6to4)"),
        ("2620:4f:8000::/48", "it is reserved for the AS112 service"),
        ("3ffe::/16", "it belonged to a test network that was closed"),
        ("3fff::/20", "it is reserved for documentation"),
    ],
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an address may be connected to; `reason` completes “… because” and is empty when allowed."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """The networks and host names that an operator opened besides the public internet.

    `allow` holds networks and lower-case host names. Towards an allowed network or host, plain http and
    every port are accepted (CONTRACT, `EGRESS_ALLOW`). Empty, the default, means: public addresses only,
    by https on one of `ports`.
    """

    allow: tuple[Network | str, ...] = ()
    ports: frozenset[int] = PUBLIC_PORTS

    @classmethod
    def from_setting(cls, value: str) -> "EgressPolicy":
        """Read `EGRESS_ALLOW`: comma-separated networks or host names, such as `127.0.0.0/8,::1/128`.

        Raises ValueError naming the entry that cannot be read.
        """
        entries = (entry.strip() for entry in value.split(","))
        return cls(tuple(_read_entry(entry) for entry in entries if entry))

    @property
    def is_open(self) -> bool:
        """Whether anything besides the public internet is allowed."""
        return bool(self.allow)

    def allows_network_of(self, address: Address) -> bool:
        """Whether an allowed network holds this address, exactly as it is written (nothing is unwrapped)."""
        return any(
            not isinstance(entry, str) and entry.version == address.version and address in entry for entry in self.allow
        )

    def allows_host(self, host: str) -> bool:
        """Whether this host was allowed by its name; its addresses are then the operator's business."""
        return host.lower() in self.allow

    def classify(self, address: str | Address) -> Verdict:
        """Judge one address. Text that is no plain IP address (a zone id, a name) is refused."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return Verdict(False, "it is not an IP address")
        if isinstance(parsed, IPv6Address) and parsed.scope_id is not None:
            return Verdict(False, "it names a network interface")
        if self.allows_network_of(parsed):
            return Verdict(True)
        reason = _refusal_v4(parsed) if isinstance(parsed, IPv4Address) else _refusal_v6(parsed)
        return Verdict(not reason, reason)


_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")


def _read_entry(entry: str) -> Network | str:
    try:
        return ip_network(entry)
    except ValueError:
        host = entry.lower()
    looks_like_network = "/" in host or ":" in host or host.replace(".", "").isdigit()
    if looks_like_network or not _HOST_NAME.fullmatch(host):
        raise ValueError(
            f"EGRESS_ALLOW: “{entry}” is neither a network (such as 127.0.0.0/8 or ::1/128, "
            "without bits set after the prefix) nor a host name."
        )
    return host


def _refusal_v4(address: IPv4Address) -> str:
    for network, reason in _REFUSED_V4:
        if address in network:
            return reason
    return "" if address.is_global else "it is not a public address"


def _refusal_v6(address: IPv6Address) -> str:
    if address in _GLOBAL_UNICAST_V6:
        table, otherwise = _REFUSED_INSIDE_V6, "" if address.is_global else "it is not a public address"
    else:
        table, otherwise = _OUTSIDE_V6, "it is in no range given out for public use"
    reason = next((why for network, why in table if address in network), otherwise)
    hidden = embedded_ipv4(address)
    if reason and hidden is not None:
        return f"{reason} ({hidden})" if not reason.endswith(")") else f"{reason[:-1]}: {hidden})"
    return reason


def embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside a mapped, compatible, translated, NAT64, 6to4 or Teredo address."""
    number = int(address)
    if number >> 112 == 0x2002:
        return IPv4Address(number >> 80 & 0xFFFFFFFF)
    if number >> 96 == 0x20010000:
        return IPv4Address(~number & 0xFFFFFFFF)
    prefixes = (0, 0xFFFF, 0xFFFF0000, 0x64FF9B << 64)
    if (number > 1 and number >> 32 in prefixes) or number >> 80 == 0x64FF9B0001:
        return IPv4Address(number & 0xFFFFFFFF)
    return None
