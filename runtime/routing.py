"""Which destinations an event is for: its `integrations` object (D38)."""

from typing import Any

ALL = "All"


def is_routed(integrations: Any, name: str) -> bool:
    """Whether the destination of that name gets the event; names are case-sensitive.

    What is said about the name counts before what is said about `All`. Only `false` excludes: `true` and an
    object of options include, and null says nothing, as does anything that is no object.
    """
    if not isinstance(integrations, dict):
        return True
    said = integrations.get(name)
    return (integrations.get(ALL) if said is None else said) is not False
