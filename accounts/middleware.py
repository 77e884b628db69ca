"""Per-request habits of a signed-in person."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]
# Where staff without a second factor may go: to set one up, to log out, and to what needs no log-in.
OPEN_TO_ALL_STAFF = ("/accounts/", "/static/", "/theme/", "/healthz", "/readyz")


class TimeZoneMiddleware:
    """Shows times in the zone the person chose."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            timezone.activate(ZoneInfo(request.user.time_zone))
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


class StaffSecondFactorMiddleware:
    """Staff without a second factor are sent to set one up before anything else (T23).

    Whoever has one is asked for it at log-in, so a session of theirs has already shown it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_missing = self.is_missing(request)
        # The page where one sets it up says why (templates/mfa/index.html).
        request.second_factor_missing = is_missing  # type: ignore[attr-defined]
        if is_missing and not request.path.startswith(OPEN_TO_ALL_STAFF):
            return redirect("mfa_index")
        return self.get_response(request)

    def is_missing(self, request: HttpRequest) -> bool:
        if not (settings.STAFF_SECOND_FACTOR and request.user.is_authenticated and request.user.is_staff):
            return False
        return not is_mfa_enabled(request.user)
