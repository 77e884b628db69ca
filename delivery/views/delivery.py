"""One event on its way to one destination, with every try."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from delivery.attempt_reading import DeliveryRow
from delivery.views.finding import find_delivery
from workspaces.models import Destination
from workspaces.page import destination_page, place_of


@destination_page()
@require_safe
def destination_delivery(request: HttpRequest, destination: Destination, pk: int) -> HttpResponse:
    """The event, what became of it, and the exact exchange of each try."""
    context = {
        "destination": destination,
        "source": destination.source,
        "row": DeliveryRow(find_delivery(destination, pk)),
        "may_write": place_of(request).may_write,
    }
    return render(request, "delivery/delivery.html", context)
