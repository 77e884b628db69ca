"""The site on its own address while the demo is made, so that the Test Suite and the link check reach it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

from runtime.egress import EgressPolicy, Limits, Request, Response, send


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
        pass


@contextmanager
def site_running() -> Iterator[bool]:
    """Whether SITE_URL answers inside the block; starts a server there when nothing does yet."""
    if _answers():
        yield True
        return
    address = urlsplit(settings.SITE_URL)
    try:
        server = ThreadedWSGIServer((address.hostname or "localhost", address.port or 80), QuietHandler)
    except OSError:
        yield False
        return
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield _answers()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(method: str, path: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Response | None:
    """One request to this site, at the address under which `site_running` found it; None without an answer."""
    request = Request(method, f"{settings.SITE_URL.rstrip('/')}{path}", headers, body)
    return send(request, policy=EgressPolicy.from_setting(settings.EGRESS_ALLOW)).response


def _answers() -> bool:
    """Asked through the door out: what it cannot reach, the Test Suite cannot either."""
    request = Request("GET", f"{settings.SITE_URL.rstrip('/')}/healthz", (("Accept", "text/plain"),))
    policy = EgressPolicy.from_setting(settings.EGRESS_ALLOW)
    exchange = send(request, policy=policy, limits=Limits(total_seconds=5))
    return exchange.response is not None and exchange.response.body == b"ok\n"
