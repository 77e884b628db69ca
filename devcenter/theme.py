"""Light, dark or as the system says: the viewer's choice, kept in a cookie and rendered by the server.

The server writes it as `data-theme` on `<html>`, so the first paint already has the right colours.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE = "theme"
SYSTEM = "system"
CHOICES = (("system", "System", "monitor"), ("light", "Light", "sun"), ("dark", "Dark", "moon"))
NAMES = frozenset(name for name, _label, _icon in CHOICES)
ONE_YEAR_SECONDS = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """One of `NAMES`; anything else in the cookie counts as the system's choice."""
    chosen = request.COOKIES.get(COOKIE, SYSTEM)
    return chosen if chosen in NAMES else SYSTEM


def context(request: HttpRequest) -> dict[str, object]:
    """Context processor: `theme` (the name) and `theme_choices` (name, label, icon)."""
    return {"theme": theme_of(request), "theme_choices": CHOICES}


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """POST `theme` and optionally `next`. Goes back to where the viewer was; 400 for an unknown theme."""
    chosen = request.POST.get("theme", "")
    if chosen not in NAMES:
        return HttpResponseBadRequest("Choose light, dark or system.")
    response = HttpResponseRedirect(_way_back(request))
    response.set_cookie(
        COOKIE, chosen, max_age=ONE_YEAR_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return response


def _way_back(request: HttpRequest) -> str:
    """The page the form was on, if it is one of ours; otherwise the front page."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"
