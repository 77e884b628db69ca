"""Requests of a partner's server that reach this product without a network: the door out, over Django's own client."""

from urllib.parse import urlsplit

from django.test import Client

from runtime.egress import Exchange, Request, Response, SentRequest


def send(request: Request) -> Exchange:
    """As `runtime.egress.send` reports it."""
    parts = urlsplit(request.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = dict(request.headers)
    kind = headers.pop("Content-Type", "application/octet-stream")
    answer = Client().generic(request.method, target, request.body, content_type=kind, headers=headers)
    sent = SentRequest(f"{request.method} {target} HTTP/1.1", (("Host", parts.netloc), *request.headers), request.body)
    pairs = tuple((name, str(value)) for name, value in answer.items())
    return Exchange(sent, Response(answer.status_code, answer.reason_phrase, pairs, answer.content))
