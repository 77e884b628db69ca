"""Which calls an App is proven to handle, as a package above this one knows it (the Test Suite's results).

`devcenter` provides it when it starts; without a provider nothing is proven.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps_catalog.models import App


@dataclass(frozen=True, slots=True)
class ProvenType:
    """A type of call (`track`, …) that every component's current proof answered green, with an event that was sent."""

    type: str
    event: dict[str, Any] = field(default_factory=dict)


Provider = Callable[[App], Sequence[ProvenType]]
_providers: list[Provider] = []


def provide(provider: Provider) -> None:
    """Register a provider, once."""
    if provider not in _providers:
        _providers.append(provider)


def types_for(app: App) -> list[ProvenType]:
    """The proven types, each once, in the order of the providers."""
    found: dict[str, ProvenType] = {}
    for provider in _providers:
        for each in provider(app):
            found.setdefault(each.type, each)
    return list(found.values())
