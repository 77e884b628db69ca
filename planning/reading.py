"""A plan as it stands, with everything around it, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps_catalog.models import App, Component
from apps_catalog.states import ComponentKind
from planning.models import Plan, PlannedAction
from runtime.spec.mappings import Wanted
from runtime.spec.remarks import Remark, about


def component_of(app: App) -> Component | None:
    """The destination by pull request of the draft, if it has one; one query unless components are prefetched."""
    kind = ComponentKind.ACTIONS_DESTINATION
    found = next((each for each in app.components.all() if each.kind == kind), None)
    if found is not None:
        found.app = app
    return found


def plan_of(app: App) -> Plan:
    """The plan of the App; one that is not saved yet where nobody has written any. One query."""
    found = Plan.objects.filter(app=app).select_related("looked_by").first() or Plan(app=app)
    found.app = app
    return found


def actions_of(plan: Plan) -> list[PlannedAction]:
    """The actions in their order, with their fields loaded. Two queries; none for a plan that is not saved."""
    if plan._state.adding:
        return []
    found = list(plan.actions.prefetch_related("fields"))
    for action in found:
        action.plan = plan
    return found


def wanted(action: PlannedAction) -> list[Wanted]:
    """The fields of an action as `runtime.spec` reads them."""
    return [Wanted(field.key, field.label, field.type, field.required, field.default) for field in action.fields.all()]


@dataclass(frozen=True, slots=True)
class Judged:
    """An action beside what Segment's spec has to say about it."""

    action: PlannedAction
    remarks: Sequence[Remark]

    @property
    def blocking(self) -> list[Remark]:
        return [remark for remark in self.remarks if remark.blocks]


def judge(action: PlannedAction) -> Judged:
    return Judged(action, about(action.trigger, wanted(action)))
