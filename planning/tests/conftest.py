"""An App by pull request, and a plan of it that is complete."""

from typing import Any

import pytest

from apps_catalog import lifecycle as catalog
from apps_catalog.drafting import set_mode
from apps_catalog.models import App
from apps_catalog.states import Collects, ComponentKind, Processes
from planning import lifecycle

PLAN = {"summary": "Orders become deals.", "auth_method": "basic", "auth_notes": ""}
ACTION = {
    "name": "Send Order", "description": "One deal for each order.",
    "trigger": 'type = "track" and event = "Order Completed"',
}  # fmt: skip
FIELDS = [
    {"key": "order_id", "label": "Order", "type": "string", "required": True, "default": "$.properties.order_id"},
    {"key": "total", "label": "Total", "type": "number", "required": False, "default": "$.properties.total"},
]


@pytest.fixture
def by_pull(app, alice) -> App:
    """Alice's App, by pull request, of which nothing is planned yet."""
    catalog.choose_kinds(alice, app, Collects.SUBSCRIPTION, Processes.PULL_REQUEST, app.revision)
    app.refresh_from_db()
    return app


@pytest.fixture
def planned(by_pull, alice) -> App:
    """The same with a complete plan."""
    component = by_pull.components.get(kind=ComponentKind.ACTIONS_DESTINATION)
    set_mode(alice, component, "cloud", component.revision)
    lifecycle.save_plan(alice, by_pull, PLAN, 0)
    lifecycle.add_action(alice, by_pull, ACTION, FIELDS)
    return by_pull


def sent(own: dict[str, Any] = ACTION, fields: list[dict[str, Any]] = FIELDS, **more: Any) -> dict[str, Any]:
    """An action as a browser sends its form."""
    rows = {
        f"{name}_{index}": value
        for index, row in enumerate(fields)
        for name, value in row.items()
        if name != "required" or value
    }
    return {"revision": 0, "count": len(fields), **own, **rows, **more}
