"""A pool with a door that is closed, but for two servers that exist only here."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.egress import EgressPolicy, Exchange, NameNotFound, Request, Response, SentRequest, send
from runtime.functions import Limits, Pool, detect
from runtime.tests.listeners import Canary

KEY = {"apiKey": "key"}
QUICK = Limits(wall_seconds=1.0, start_seconds=30.0, memory_mb=64)


def nobody(host: str) -> list[str]:
    """A resolver that knows loopback, and nobody else: nothing leaves this machine."""
    if host == "localhost":
        return ["127.0.0.1"]
    raise NameNotFound(host)


def closed_door(canary_url: str) -> Callable[[Request], Exchange]:
    """`egress.send` with nothing allowed; good.example and redirect.example answer by themselves."""
    redirects = {
        "https://redirect.example/to-canary": canary_url,
        "https://redirect.example/again": "/again",
        "https://redirect.example/to-good": "https://good.example/end",
    }

    def fetch(request: Request) -> Exchange:
        sent = SentRequest(f"{request.method} / HTTP/1.1", request.headers, request.body)
        if request.url in redirects:
            return Exchange(sent, Response(302, "Found", (("Location", redirects[request.url]),), b""))
        if request.url.startswith("https://good.example/"):
            return Exchange(sent, Response(200, "OK", (), request.method.encode() + b" " + request.body))
        return send(request, policy=EgressPolicy(), resolver=nobody)

    return fetch


@pytest.fixture
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    confinement = detect()
    if not confinement.is_full:
        pytest.skip(confinement.fault)
    with Pool(4, closed_door("http://127.0.0.1:9/"), QUICK) as made:
        yield made


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file and an environment variable that no function may read."""
    path = tmp_path / "secret.txt"
    path.write_text("CANARY-IN-A-FILE")
    monkeypatch.setenv("CANARY", "CANARY-IN-THE-ENVIRONMENT")
    return path


@pytest.fixture
def canary() -> Iterator[Canary]:
    """A listener on every local address that must not hear anything."""
    bird = Canary()
    yield bird
    bird.close()
