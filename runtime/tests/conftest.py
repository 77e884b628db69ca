"""Real listeners on loopback: nothing in these tests is mocked below the socket."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.tests.listeners import Canary, Handler, Listener


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], Listener]]:
    """Start servers that answer each connection with a handler, and stop them all afterwards."""
    started: list[Listener] = []

    def start(handler: Handler, **options: Any) -> Listener:
        started.append(Listener(handler, **options))
        return started[-1]

    yield start
    for listener in started:
        listener.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """A listener on every local address, IPv4 and IPv6, that must not hear anything."""
    bird = Canary()
    yield bird
    bird.close()
