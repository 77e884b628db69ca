"""Sending stored events once more, and taking up a destination that was paused."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from apps_catalog.console import see_other
from delivery import lifecycle, numbers
from delivery.forms import ReplayForm
from delivery.models import Replay
from delivery.views.finding import MAX_ID, find_delivery, page_of, person
from leases.transitions import StaleState
from workspaces.models import Destination
from workspaces.page import destination_page
from workspaces.rules import can_write

ASKED = "The replay begins in a moment. Replayed events carry the messageId that they had, and count in no number here."


@destination_page(can_write)
@require_POST
def destination_replay(request: HttpRequest, destination: Destination) -> HttpResponse:
    """Those that the form chooses among the events of `?period=`."""
    form = ReplayForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a type and a state from the lists.")
        return _see_list(request, destination)
    found = numbers.read(destination, numbers.period_of(request.GET.get("period", "")))
    times = {"from": found.since.isoformat(), "to": found.until.isoformat()}
    return _replay(request, destination, {**form.cleaned_data, "name": "", **times})


@destination_page(can_write)
@require_POST
def delivery_replay(request: HttpRequest, destination: Destination, pk: int) -> HttpResponse:
    """The event of one delivery."""
    return _replay(request, destination, {"events": [find_delivery(destination, pk).event_id]})


@destination_page(can_write)
@require_POST
def replay_cancel(request: HttpRequest, destination: Destination, pk: int) -> HttpResponse:
    replay = get_object_or_404(Replay.objects.filter(destination=destination), pk=min(pk, MAX_ID))
    try:
        lifecycle.cancel_replay(person(request), replay)
    except StaleState:
        messages.info(request, "The replay was over before it could be cancelled.")
    else:
        messages.success(request, "The replay ends here. What was sent stays sent.")
    return _see_list(request, destination)


@destination_page(can_write)
@require_POST
def destination_resume(request: HttpRequest, destination: Destination) -> HttpResponse:
    try:
        lifecycle.resume(person(request), destination)
    except StaleState:
        messages.info(request, "It was taken up again already.")
    else:
        messages.success(request, "Events are sent again. What was queued before the pause can be replayed.")
    return _see_list(request, destination)


def _replay(request: HttpRequest, destination: Destination, selection: dict[str, Any]) -> HttpResponse:
    try:
        lifecycle.replay(person(request), destination, selection)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, ASKED)
    return _see_list(request, destination)


def _see_list(request: HttpRequest, destination: Destination) -> HttpResponse:
    period = numbers.period_of(request.GET.get("period", ""))
    return see_other(request, f"{page_of(destination, 'destination-deliveries')}?period={period.name}")
