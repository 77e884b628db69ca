"""Does an email address belong to the company that it claims (S2)? Signals for people, never a refusal."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import dns.exception
import dns.resolver
from disposable_email_domains import blocklist
from publicsuffixlist import PublicSuffixList

Kind = Literal[
    "free_mail", "disposable", "different_domain", "same_domain", "no_mail_server", "unreadable", "website_answers",
    "no_website",
]  # fmt: skip
Level = Literal["good", "warning"]
MxResolver = Callable[[str], Sequence[str]]

FREE_MAIL = frozenset(
    """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.es yahoo.it yahoo.co.in yahoo.co.jp
    yahoo.com.br ymail.com rocketmail.com outlook.com outlook.fr outlook.de hotmail.com hotmail.co.uk hotmail.fr
    hotmail.de hotmail.it hotmail.es live.com live.co.uk live.fr msn.com aol.com icloud.com me.com mac.com
    proton.me protonmail.com pm.me gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de mail.com
    mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com ya.ru zoho.com zohomail.com fastmail.com fastmail.fm
    tutanota.com tuta.io tuta.com hey.com hushmail.com qq.com foxmail.com 163.com 126.com sina.com naver.com
    hanmail.net daum.net orange.fr wanadoo.fr free.fr laposte.net libero.it virgilio.it uol.com.br bol.com.br
    rediffmail.com comcast.net verizon.net att.net sbcglobal.net btinternet.com seznam.cz wp.pl o2.pl interia.pl
    """.split()
)

_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#@]*@)?([^/?#:]+)", re.IGNORECASE)
_DNS_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation. `text` explains itself to the applicant and to the reviewer alike."""

    kind: Kind
    level: Level
    text: str


def assess(email: str, website: str) -> list[Signal]:
    """What an address and a website say about each other. Reads both leniently; looks nothing up.

    An empty list means that there is nothing to compare (no website yet).
    """
    domain, site = mail_domain(email), website_host(website)
    if not domain:
        return [Signal("unreadable", "warning", "This does not look like an email address.")]
    if is_disposable(domain):
        return [_disposable(domain)]
    if domain in FREE_MAIL:
        return [_free_mail(domain)]
    if not website.strip():
        return []
    if not site:
        return [Signal("unreadable", "warning", "We could not read a host name from the company website.")]
    return [_compare(domain, site)]


def has_mail_server(domain: str, resolve_mx: MxResolver | None = None) -> Signal | None:
    """A warning when a domain takes no mail; None when it does, or when DNS gives no answer.

    Waits for DNS, up to 3 s: call it from a task, never while a person waits. `resolve_mx` returns the
    mail exchangers of a domain, none meaning that there are none, and raises OSError when it cannot tell.
    """
    try:
        exchangers = (resolve_mx or dns_mx)(domain)
    except OSError:
        return None
    # A single "." is the null MX of RFC 7505: the domain takes no mail.
    if any(exchanger.rstrip(".") for exchanger in exchangers):
        return None
    return Signal("no_mail_server", "warning", f"{domain} has no mail server, so mail to it will not arrive.")


def dns_mx(domain: str) -> list[str]:
    """Mail exchangers from DNS. Raises OSError when the lookup fails."""
    try:
        answer = dns.resolver.resolve(domain, "MX", lifetime=_DNS_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, ValueError) as error:
        raise OSError(str(error)) from error
    return [str(record.exchange) for record in answer]


def mail_domain(email: str) -> str:
    """The lower-case ASCII domain of an address, or ""."""
    local, at, domain = email.strip().rpartition("@")
    return _ascii_host(domain) if local and at else ""


def website_host(website: str) -> str:
    """The lower-case ASCII host of a website, typed with or without scheme, or ""."""
    match = _HOST.match(website.strip())
    return _ascii_host(match[1]) if match else ""


def is_disposable(domain: str) -> bool:
    """Whether a domain, or one above it, is a known throw-away mail service."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def registrable_domain(host: str) -> str:
    """The part of a host name that somebody registered (`a.b.example.co.uk`: `example.co.uk`), or ""."""
    return _public_suffixes().privatesuffix(host) or ""


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _ascii_host(host: str) -> str:
    name = host.strip().rstrip(".").lower()
    try:
        ascii_name = name.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return ascii_name if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", ascii_name) else ""


def _disposable(domain: str) -> Signal:
    return Signal(
        "disposable",
        "warning",
        f"{domain} is a throw-away mail service, so we cannot tell which company you belong to, and our "
        "answers may never reach you. Use your company address.",
    )


def _free_mail(domain: str) -> Signal:
    return Signal(
        "free_mail",
        "warning",
        f"{domain} is open to everyone, so it does not show which company you belong to. A company address "
        "speeds up approval; you can go on with this one.",
    )


def _compare(domain: str, site: str) -> Signal:
    of_mail, of_site = registrable_domain(domain), registrable_domain(site)
    if of_mail and of_mail == of_site:
        return Signal("same_domain", "good", f"The address and the website both belong to {of_mail}.")
    return Signal(
        "different_domain",
        "warning",
        f"The address is at {of_mail or domain} but the website is at {of_site or site}. If both are yours, "
        "go on: a reviewer will look at it.",
    )
