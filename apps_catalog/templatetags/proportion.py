"""What a form tells before it is saved: by which road its fields of a live App reach customers."""

from typing import Any

from django import template

from apps_catalog.models import App
from apps_catalog.proportion import roads_of_part

register = template.Library()


@register.inclusion_tag("apps_catalog/console/_live_note.html")
def live_note(app: App, part: str) -> dict[str, Any]:
    """A note for the form of `part` (`proportion.PARTS`) while `app` is live; nothing before."""
    roads = roads_of_part(part) if app.is_live else {}
    rows = [(road.label, ", ".join(names)) for road, names in roads.items()]
    return {"app": app, "rows": rows, "is_listed": app.is_listed, "part": part}
