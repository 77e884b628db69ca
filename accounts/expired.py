"""A form that arrives after its log-in ran out: the way back leads to the page it was on, with what was typed.

A browser with scripts keeps the text itself and says so (`draft_kept`, static/js/draft-form.js). For any other, the
answer shows the texts of the form once more. Nothing is stored here: a text never waits on the server for somebody who
is not logged in, and nobody else can come upon it (T22, T29).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

GetResponse = Callable[[HttpRequest], HttpResponse]
KEPT_BY_BROWSER = "draft_kept"
LOG_IN = "account_login"
# Names of fields whose content no page repeats.
SECRET = re.compile(r"pass|secret|token|key|code|login|credential", re.IGNORECASE)
TEXTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """One text of a form that was not accepted."""

    label: str
    text: str


def typed_texts(data: QueryDict) -> list[Typed]:
    """What somebody wrote in their own words: values with a space in them, which keys do not have.

    Fields named like a secret are left out whatever they hold.
    """
    found = [
        Typed(name.replace("_", " ").capitalize(), text)
        for name, texts in data.lists()
        if not SECRET.search(name)
        for text in texts
        if any(character.isspace() for character in text.strip())
    ]
    return found[:TEXTS_SHOWN]


def page_of(request: HttpRequest) -> str:
    """The path of the page that the form was on, as far as the browser tells; otherwise the form's own."""
    if not is_from_here(request):
        return request.get_full_path()
    parts = urlsplit(request.headers["Referer"])
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that the form was on a page of this site."""
    referer = request.headers.get("Referer", "")
    return url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())


class ExpiredLogInMiddleware:
    """Where the answer to a form is “log in first”, the log-in leads back to the form's page, and no text is lost."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return log_in_again(request) if _is_sent_to_log_in(request, response) else response


def _is_sent_to_log_in(request: HttpRequest, response: HttpResponse) -> bool:
    is_form = request.method == "POST" and not request.headers.get("Accept", "").startswith("application/json")
    if not is_form or response.status_code != 302 or request.user.is_authenticated:
        return False
    log_in, target = resolve_url(LOG_IN), urlsplit(response["Location"])
    # Steps of the log-in itself end there too; only a page behind it says where to go afterwards.
    return target.path == log_in and request.path != log_in and "next" in parse_qs(target.query)


def log_in_again(request: HttpRequest) -> HttpResponse:
    """On to the log-in, or (401) a page with the texts that nobody else has kept, and a link there."""
    url = f"{resolve_url(LOG_IN)}?{urlencode({'next': page_of(request)})}"
    texts = [] if KEPT_BY_BROWSER in request.POST else typed_texts(request.POST)
    if not texts:
        return HttpResponseRedirect(url)
    return _show(request, "accounts/log_in_again.html", texts, 401, {"log_in_url": url})


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a token that is missing or old, mostly after logging in again in another tab.

    A form of another site gets nothing of its own text shown under our name.
    """
    is_kept = KEPT_BY_BROWSER in request.POST
    texts = typed_texts(request.POST) if is_from_here(request) and not is_kept else []
    return _show(request, "403_csrf.html", texts, 403, {"is_kept": is_kept, "page": page_of(request)})


def _show(
    request: HttpRequest, template: str, texts: list[Typed], status: int, context: dict[str, object]
) -> HttpResponse:
    response = render(request, template, {"texts": texts, **context}, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
