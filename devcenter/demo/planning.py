"""The plan of the demo's Apps by pull request, at which Segment's team has looked."""

from typing import Any

from accounts.models import User
from apps_catalog import drafting
from apps_catalog.models import App
from planning import lifecycle, team
from planning.models import Plan
from planning.reading import component_of, plan_of
from planning.states import AuthMethod, FieldType, Mode, Section

NOTES = "The customer pastes an API key. It goes into the header `Authorization: Bearer …` of each request."
USER = {"key": "user_id", "label": "User", "type": FieldType.STRING, "required": True, "default": "$.userId"}
# Action → its fields.
ACTIONS: tuple[tuple[dict[str, Any], list[dict[str, Any]]], ...] = (
    (
        {"name": "Identify person", "description": "Makes or updates a person.", "trigger": 'type = "identify"'},
        [
            USER,
            {
                "key": "email", "label": "Email address", "type": FieldType.STRING, "required": False,
                "default": "$.traits.email",
            },
        ],
    ),
    (
        {
            "name": "Send order", "description": "An order, with what it cost.",
            "trigger": 'type = "track" and event = "Order Completed"',
        },
        [
            USER,
            {
                "key": "order_id", "label": "Order", "type": FieldType.STRING, "required": True,
                "default": "$.properties.order_id",
            },
            {
                "key": "total", "label": "Total", "type": FieldType.NUMBER, "required": False,
                "default": "$.properties.total",
            },
        ],
    ),
)  # fmt: skip


def write_plan(app: App, owner: User, reviewer: User) -> None:
    """Mode, log-in and two actions; the team asks about one of them, the partner answers, the team is content."""
    if Plan.objects.filter(app=app, looked_at__isnull=False).exists():
        return
    component = component_of(app)
    if component and not component.mode:
        drafting.set_mode(owner, component, Mode.CLOUD, component.revision)
    about = {
        "summary": f"People and orders go to {app}, so that sales sees who buys what, and where.",
        "auth_method": AuthMethod.CUSTOM,
        "auth_notes": NOTES,
    }
    lifecycle.save_plan(owner, app, about, plan_of(app).revision)
    made = [lifecycle.add_action(owner, app, values, fields) for values, fields in ACTIONS]
    team.ask_for_look(owner, app)
    team.say(reviewer, app, Section.ACTION, "Which currency is the total in?", made[-1].key)
    team.say(owner, app, Section.ACTION, "The shop’s own; it stands in `$.properties.currency`.", made[-1].key)
    team.looked(reviewer, app, plan_of(app).revision)
