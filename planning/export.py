"""The plan as one JSON object, which the local tester and the scaffold read, and as a document for people."""

from typing import Any

from apps_catalog.manifest import setting_as_json
from apps_catalog.models import App
from planning.models import FieldMapping, PlannedAction
from planning.reading import actions_of, component_of, plan_of


def document(app: App) -> dict[str, Any]:
    """The plan with every key; settings in the shape of the manifest (CONTRACT), "" where nothing is chosen yet.

    {"name", "slug", "mode", "auth": {"method", "notes"}, "settings": […], "actions": [{"key", "name", "description",
    "trigger", "fields": [{"key", "label", "type", "required", "default"}]}]}
    """
    component, plan = component_of(app), plan_of(app)
    return {
        "name": app.name,
        "slug": app.slug,
        "mode": component.mode if component else "",
        "auth": {"method": plan.auth_method, "notes": plan.auth_notes},
        "settings": [setting_as_json(setting) for setting in app.settings.all()],
        "actions": [_action(action) for action in actions_of(plan)],
    }


def _action(action: PlannedAction) -> dict[str, Any]:
    return {
        "key": action.key,
        "name": action.name,
        "description": action.description,
        "trigger": action.trigger,
        "fields": [_field(field) for field in action.fields.all()],
    }


def _field(field: FieldMapping) -> dict[str, Any]:
    return {name: getattr(field, name) for name in ("key", "label", "type", "required", "default")}
