"""The log lines of a request: its path, never its query, which may carry a code or what somebody searched for."""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class PathOnlyMiddleware(RequestMiddleware):
    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
