"""Turning a host name into addresses, once, within a wall-clock limit.

A resolver is any callable that takes a host name and returns the addresses as text, so tests pass their
own. It may block for as long as it likes: it runs in a daemon thread that is left behind at the limit.
"""

import queue
import socket
import threading
from collections.abc import Callable, Sequence

Resolver = Callable[[str], Sequence[str]]


def _codes(*names: str) -> frozenset[int]:
    """Those of getaddrinfo's codes that this system has."""
    return frozenset(code for code in (getattr(socket, name, None) for name in names) if code is not None)


_NOT_FOUND = _codes("EAI_NONAME")
_NO_ADDRESS = _codes("EAI_NODATA", "EAI_ADDRFAMILY")


class NameNotFound(Exception):
    """The name does not exist, or has no address."""


class NameWithoutAddress(NameNotFound):
    """The name exists, and has no address."""


class NameLookupFailed(Exception):
    """The lookup did not succeed, and may succeed later: server failure, timeout, too many answers."""


class NameLookupSlow(NameLookupFailed):
    """The lookup took longer than it may."""


def system_resolver(host: str) -> list[str]:
    """Ask the operating system for stream addresses, in its order of preference, without repeats."""
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise _meant(error)(str(error)) from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _meant(error: socket.gaierror) -> type[Exception]:
    if error.errno in _NO_ADDRESS:
        return NameWithoutAddress
    return NameNotFound if error.errno in _NOT_FOUND else NameLookupFailed


def resolve(host: str, resolver: Resolver, *, seconds: float, max_answers: int) -> tuple[str, ...]:
    """The addresses of `host`, at least one and at most `max_answers`.

    Raises NameNotFound or NameLookupFailed, nothing else, and returns within `seconds`.
    """
    answers = _within(seconds, lambda: tuple(resolver(host)))
    if not answers:
        raise NameWithoutAddress(f"{host} has no address")
    if len(answers) > max_answers:
        raise NameLookupFailed(f"{host} has {len(answers)} addresses; at most {max_answers} are accepted")
    return answers


def _within(seconds: float, ask: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    result: queue.SimpleQueue[tuple[str, ...] | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            result.put(ask())
        except Exception as error:
            result.put(error)

    threading.Thread(target=work, name="egress-resolve", daemon=True).start()
    try:
        outcome = result.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise NameLookupSlow(f"no answer within {seconds:g} s") from None
    if isinstance(outcome, NameNotFound | NameLookupFailed):
        raise outcome
    if isinstance(outcome, Exception):
        raise NameLookupFailed(str(outcome) or type(outcome).__name__) from outcome
    return outcome
