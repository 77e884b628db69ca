"""From the address of a page to the person, the rows and other addresses."""

from typing import Any, cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import User
from delivery.models import Delivery
from workspaces.models import Destination

MAX_ID = 2**63 - 1
STOP_POLLING = 286  # htmx's own status: “this is the last answer”


def person(request: HttpRequest) -> User:
    return cast(User, request.user)


def find_delivery(destination: Destination, pk: int) -> Delivery:
    """404 for one to another destination."""
    found = Delivery.objects.filter(destination=destination).select_related("event", "replay")
    delivery = get_object_or_404(found, pk=min(pk, MAX_ID))
    delivery.destination = destination
    return delivery


def page_of(destination: Destination, name: str, *more: Any) -> str:
    """The address of a page of `destination`."""
    source = destination.source
    return reverse(name, args=[source.workspace.slug, source.slug, destination.app.slug, *more])
