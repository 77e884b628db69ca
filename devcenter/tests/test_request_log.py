"""What a request leaves in the log."""

from django.conf import settings
from django.test import RequestFactory

from devcenter.request_log import PathOnlyMiddleware


def test_a_log_line_names_the_path_and_nothing_of_the_query() -> None:
    request = RequestFactory().get("/oauth2/try/callback?code=secret&state=secret")

    assert PathOnlyMiddleware.format_request(request) == "GET /oauth2/try/callback"


def test_no_other_middleware_writes_whole_addresses() -> None:
    assert "devcenter.request_log.PathOnlyMiddleware" in settings.MIDDLEWARE
    assert not [name for name in settings.MIDDLEWARE if name.startswith("django_structlog")]
