"""Trying the code on an event, beside the editor, as a package above this one offers it (the Test Suite).

`devcenter` provides it when it starts; without a provider the editor has no such part.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from apps_catalog.models import Component

# Answers the form of templates/apps_catalog/console/_code_trying.html: its fields `sample` and `event`, and the
# properties `is_all`, `values_fields` and `needs_values`. It is asked only for people who may edit the App.
Provider = Callable[[HttpRequest, Component], Any]
_providers: list[Provider] = []


def provide(provider: Provider) -> None:
    """Register a provider, once; the last one wins."""
    if provider not in _providers:
        _providers.append(provider)


def form_of(request: HttpRequest, component: Component) -> Any:
    """The form, or None while nobody offers one."""
    return _providers[-1](request, component) if _providers else None
