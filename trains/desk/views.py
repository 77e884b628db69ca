"""The release train's page of the desk: let it leave, hold back, the emergency lane, roll back (S31).

What lets something out or takes it back stands behind a fresh log-in, like an approval (T23).
"""

from collections.abc import Callable
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.desk import desk_page, see, show
from accounts.visitor import person
from leases.transitions import StaleState
from trains import departing
from trains.desk.listing import TABS, page_of, tabs
from trains.forms import ReasonForm
from trains.models import Passenger
from trains.refusals import Refused
from trains.timetable import in_time, outlook
from trains.words import day_in_words, moment_in_words

DONE = {
    "hold": "{app} is held back. Its makers read your reason.",
    "unhold": "{app} is no longer held back.",
    "emergency": "{app} is released. Its makers are told.",
    "roll_back": "The release of {app} is rolled back. Its makers read your reason.",
}
REASONED = {"hold": departing.hold, "emergency": departing.emergency, "roll_back": departing.roll_back}
FRESH = frozenset({"emergency", "roll_back"})


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def review_trains(request: HttpRequest) -> HttpResponse:
    """Everything that was approved and goes out by pull request, by where it stands."""
    if request.method != "POST":
        return _page(request)
    act = request.POST.get("act", "")
    if act == "depart":
        return cast(HttpResponse, _depart(request))
    if act not in DONE:
        return _page(request, error="Choose one of the buttons of the page.", status=422)
    return cast(HttpResponse, (_act_freshly if act in FRESH else _act)(request, act))


@reauthentication_required
def _depart(request: HttpRequest) -> HttpResponse:
    try:
        departure = departing.depart(date.fromisoformat(request.POST.get("day", "")), person(request))
    except (ValueError, Refused) as refusal:
        text = str(refusal) if isinstance(refusal, Refused) else "Choose a release day."
        return _page(request, error=text, status=422)
    number = departure.passengers.count()
    messages.success(request, f"The train of {day_in_words(departure.day)} has left with {number} on board.")
    return see(_address(request))


def _act(request: HttpRequest, act: str) -> HttpResponse:
    pk = request.POST.get("passenger", "")
    rows = Passenger.objects.select_related("app__company").filter(app__deleted_at__isnull=True)
    passenger = get_object_or_404(rows, pk=int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 16 else 0)
    form = ReasonForm(request.POST)
    if act in REASONED and not form.is_valid():
        return _page(request, error=form.error_text, status=422, form=form, pressed=passenger)
    try:
        _verb(act, passenger, form)(person(request))
    except StaleState as error:
        now = cast(Passenger, error.row)
        messages.info(request, f"{passenger.app} is already {now.get_state_display()}: nothing was changed.")
        return see(_address(request))
    except Refused as refusal:
        return _page(request, error=str(refusal), status=422, form=form, pressed=passenger)
    messages.success(request, DONE[act].format(app=passenger.app))
    return see(_address(request))


_act_freshly = reauthentication_required(_act)


def _verb(act: str, passenger: Passenger, form: ReasonForm) -> Callable[[Any], object]:
    if act == "unhold":
        return lambda actor: departing.unhold(passenger, actor)
    return lambda actor: REASONED[act](passenger, actor, form.cleaned_data["reason"])


def _tab(request: HttpRequest) -> str:
    name = request.GET.get("tab", "")
    return name if name in TABS else "board"


def _address(request: HttpRequest) -> str:
    return f"{reverse('review-trains')}?{urlencode({'tab': _tab(request)})}"


def _page(
    request: HttpRequest, *, error: str = "", status: int = 200, form: ReasonForm | None = None,
    pressed: Passenger | None = None,
) -> HttpResponse:  # fmt: skip
    trains, tab = outlook(), _tab(request)
    page, rows = page_of(tab, request.GET.get("page", ""), person(request), trains)
    waiting = trains.current()
    train = waiting or next(trains.upcoming(), None)
    context = {
        "title": "Release train",
        "tabs": tabs(),
        "tab": tab,
        "page_obj": page,
        "rows": rows,
        "train": train,
        "train_day": day_in_words(train.day) if train else "",
        "office_cutoff": moment_in_words(train.cutoff) if train else "",
        "on_board": in_time(train).count() if train else 0,
        "can_leave": waiting is not None,
        "error": error,
        "typed": form.typed if form else "",
        "pressed": pressed.pk if pressed else None,
    }
    return show(request, "trains.html", context, status=status)
