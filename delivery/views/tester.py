"""The Event Tester (D33): one event, made up or loaded from the source, really sent to one destination."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from apps_catalog.console import see_other
from delivery import lifecycle
from delivery.attempt_reading import DeliveryRow
from delivery.event_reading import newest
from delivery.forms import RECENT, StartForm, TesterForm, stored_text
from delivery.models import Event
from delivery.states import DeliveryState
from delivery.targets import targets_of
from delivery.views.finding import STOP_POLLING, find_delivery, page_of, person
from workspaces.models import Destination
from workspaces.page import destination_page, place_of
from workspaces.rules import can_write


@destination_page(can_write)
@require_http_methods(["GET", "HEAD", "POST"])
def destination_tester(request: HttpRequest, destination: Destination) -> HttpResponse:
    """The editor; `?start=event:<id>` or `?start=sample:<id>` fills it."""
    if request.method != "POST":
        return render(request, "delivery/tester.html", _context(request, destination))
    form = TesterForm(request.POST)
    if form.is_valid():
        try:
            sent = lifecycle.send_test(person(request), destination, form.event_read)
            return see_other(request, page_of(destination, "destination-tester-sent", sent.pk))
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "delivery/tester.html", _context(request, destination, form), status=422)


@destination_page()
@require_safe
def destination_tester_sent(request: HttpRequest, destination: Destination, pk: int) -> HttpResponse:
    """The same page with what came back, and the event ready to be changed and sent again.

    For htmx only the part with the answer, once a second until it is there; then with 286.
    """
    delivery = find_delivery(destination, pk)
    row = DeliveryRow(delivery)
    is_pending = delivery.state == DeliveryState.WAITING
    shared = {"destination": destination, "source": destination.source, "row": row, "is_pending": is_pending}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "delivery/_sent.html", shared, status=200 if is_pending else STOP_POLLING)
    form = TesterForm(initial={"event": stored_text(delivery.event)})
    return render(request, "delivery/tester.html", _context(request, destination, form) | shared)


def _context(request: HttpRequest, destination: Destination, form: TesterForm | None = None) -> dict[str, Any]:
    events = list(newest(destination.source).filter(fault="")[:RECENT])
    events += _linked(request, destination, {event.pk for event in events})
    start = StartForm(request.GET if "start" in request.GET else None, events, destination.source.project_id)
    return {
        "destination": destination,
        "source": destination.source,
        "target": targets_of([destination.pk]).get(destination.pk),
        "start": start,
        "form": form or TesterForm(initial={"event": start.event_text()}),
        "may_write": place_of(request).may_write,
    }


def _linked(request: HttpRequest, destination: Destination, known: set[int]) -> list[Event]:
    """An older event of this source that the address names: the debugger links here."""
    kind, _, number = request.GET.get("start", "").partition(":")
    if kind != "event" or not (number.isascii() and number.isdigit() and len(number) < 19) or int(number) in known:
        return []
    return list(Event.objects.filter(source=destination.source_id, pk=int(number)))
