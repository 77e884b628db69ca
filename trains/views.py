"""The release calendar, for everybody who is signed in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.visitor import person
from partners.clock import office_zone
from trains.calendar import lines, released_lately, rides_of
from trains.timetable import outlook


@login_required
@never_cache
@require_safe
def release_calendar(request: HttpRequest) -> HttpResponse:
    """The next release days, and which train one's own Apps take and why."""
    user, trains = person(request), outlook()
    rides = rides_of(user, trains)
    context = {
        "rides": rides,
        "lines": lines(trains, rides),
        "released": released_lately(user),
        "office_zone": office_zone().key.replace("_", " "),
    }
    return render(request, "trains/calendar.html", context)
