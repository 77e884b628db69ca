"""The addresses that a target may be connected to: resolved once, and refused unless every answer is good (T1, T2)."""

from ipaddress import ip_address

from runtime.egress.failures import RefusedAddress
from runtime.egress.policy import EgressPolicy
from runtime.egress.resolver import Resolver, resolve
from runtime.egress.urls import Target


def checked_addresses(
    target: Target, policy: EgressPolicy, resolver: Resolver, *, seconds: float, max_answers: int
) -> tuple[str, ...]:
    """At least one address, all of them allowed. Raises RefusedAddress, NameNotFound or NameLookupFailed."""
    answers: tuple[str, ...] = (target.host,)
    if target.literal is None:
        answers = resolve(target.host, resolver, seconds=seconds, max_answers=max_answers)
    if not policy.allows_host(target.host):
        for answer in answers:
            _refuse_unless_good(answer, target, policy)
    return answers


def _refuse_unless_good(answer: str, target: Target, policy: EgressPolicy) -> None:
    verdict = policy.classify(answer)
    if not verdict.allowed:
        raise RefusedAddress(verdict.reason)
    if target.needs_allowance and not policy.allows_network_of(ip_address(answer)):
        raise RefusedAddress("the public internet is reached by https on port 443, 80 or 8443 only")
