"""How this package's views answer after a POST."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


def see_other(name: str, *args: Any) -> HttpResponse:
    """Redirect after a POST: 303, so that a reload posts nothing again."""
    response = HttpResponseRedirect(reverse(name, args=args))
    response.status_code = 303
    return response


def attempt(request: HttpRequest, verb: Callable[[], Any], success: str, unchanged: str = "") -> bool:
    """Call a verb and say what came of it. A verb that answers False found nothing left to do.

    Returns whether it went through; a ValidationError becomes a message for the person.
    """
    try:
        result = verb()
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return False
    if result is False and unchanged:
        messages.info(request, unchanged)
    else:
        messages.success(request, success)
    return True
