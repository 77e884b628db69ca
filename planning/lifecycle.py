"""The verbs that edit a plan and its actions. Each checks its rule and writes the record, in one transaction.

`Plan.revision` counts every saved change; `PlannedAction.revision` those of one action, so that two people can work
on two actions. An old form raises StaleDraft; one that would change nothing is no conflict.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.models import User
from apps_catalog.drafting import StaleDraft, require_editor, save_row
from apps_catalog.models import App
from apps_catalog.setting_keys import key_from_label
from audit.recording import System, record
from planning.models import FieldMapping, Plan, PlannedAction
from planning.models.plans import MOST_ACTIONS, MOST_FIELDS

Actor = User | System
# What a partner decides about a field, in the order of the form; the place in the list is its position.
FIELD = ("key", "label", "type", "required", "default")
TAKEN = "There is an action “{name}” already. Give this one another name."
TAKEN_MEANWHILE = "There is another action “{name}” by now. Rename that one, then bring this one back."


@transaction.atomic
def save_plan(actor: Actor, app: App, values: Mapping[str, Any], revision: int) -> list[str]:
    """Save the summary and the authentication; the names of what changed. Raises StaleDraft for an old form."""
    require_editor(actor, app)
    plan, _ = Plan.objects.get_or_create(app=app)
    changed = save_row(plan, values, revision)
    if changed:
        record(actor, "plan.changed", app, chain=app.chain, fields=sorted(changed))
    return changed


# --- Actions ---------------------------------------------------------------------------------------------


@transaction.atomic
def add_action(actor: Actor, app: App, values: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> PlannedAction:
    """Add an action at the end; its key is made from its name once. Adding the same twice is adding it once.

    `values`: name, description, trigger; each of `fields` holds FIELD. Raises ValidationError when the plan is full
    or another action has the name.
    """
    require_editor(actor, app)
    plan = _counted_up(app)
    if (twin := plan.actions.filter(name=values["name"]).first()) is not None:
        return _same(twin, values, fields)
    _refuse_if_full(plan)
    keys = list(PlannedAction.every.filter(plan=plan).values_list("key", flat=True))
    last = plan.actions.aggregate(last=Max("position"))["last"] or 0
    action = plan.actions.create(key=key_from_label(values["name"], keys), position=last + 1, **values)
    _put_fields(action, fields)
    record(actor, "plan.action_added", app, chain=app.chain, key=action.key)
    return action


def _counted_up(app: App) -> Plan:
    """The plan with its revision counted up, which also makes others wait until this one is done."""
    plan, _ = Plan.objects.get_or_create(app=app)
    _count_up(plan)
    return plan


def _held(app: App) -> Plan:
    """The plan, locked first of all rows, so that two changes of its actions are one after the other."""
    return Plan.objects.select_for_update().get(app=app)


def _count_up(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(revision=F("revision") + 1, updated_at=timezone.now())
    plan.refresh_from_db(fields=["revision"])


def _same(twin: PlannedAction, values: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> PlannedAction:
    """The action that was just added, for a second click."""
    if as_it_stands(twin) != _as_wanted(values, fields):
        raise ValidationError(TAKEN.format(name=twin.name))
    return twin


def _refuse_if_full(plan: Plan) -> None:
    if plan.actions.count() >= MOST_ACTIONS:
        raise ValidationError(f"A plan can have {MOST_ACTIONS} actions. Remove one first.")


def as_it_stands(action: PlannedAction) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What is saved of an action: its own values, and its fields in their order."""
    own = {name: getattr(action, name) for name in ("name", "description", "trigger")}
    return own, [{name: getattr(field, name) for name in FIELD} for field in action.fields.all()]


def _as_wanted(
    values: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return dict(values), [{name: field[name] for name in FIELD} for field in fields]


def _put_fields(action: PlannedAction, fields: Sequence[Mapping[str, Any]]) -> None:
    if len(fields) > MOST_FIELDS:
        raise ValidationError(f"An action can have {MOST_FIELDS} fields. Remove one first.")
    action.fields.all().delete()
    rows = [FieldMapping(action=action, position=place, **field) for place, field in enumerate(fields)]
    FieldMapping.objects.bulk_create(rows)


@transaction.atomic
def edit_action(
    actor: Actor, action: PlannedAction, values: Mapping[str, Any], fields: Sequence[Mapping[str, Any]], revision: int
) -> bool:
    """Change an action and its fields; its key stays. False when nothing differs. Raises StaleDraft for an old form."""
    app = action.plan.app
    require_editor(actor, app)
    plan = _held(app)
    action = PlannedAction.objects.get(pk=action.pk)
    if as_it_stands(action) == _as_wanted(values, fields):
        return False
    if action.revision != revision:
        raise StaleDraft(action)
    if plan.actions.filter(name=values["name"]).exclude(pk=action.pk).exists():
        raise ValidationError(TAKEN.format(name=values["name"]))
    PlannedAction.objects.filter(pk=action.pk).update(**values, revision=F("revision") + 1)
    _put_fields(action, fields)
    _count_up(plan)
    record(actor, "plan.action_changed", app, chain=app.chain, key=action.key)
    return True


@transaction.atomic
def remove_action(actor: Actor, app: App, key: str) -> bool:
    """Take an action out of the plan; False when it is out already. `restore_action` brings it back."""
    require_editor(actor, app)
    standing = PlannedAction.objects.filter(plan__app=app, key=key)
    if not standing.exists():
        return False
    plan = _held(app)
    if not standing.update(removed_at=timezone.now()):
        return False
    _count_up(plan)
    record(actor, "plan.action_removed", app, chain=app.chain, key=key)
    return True


@transaction.atomic
def restore_action(actor: Actor, app: App, key: str) -> bool:
    """Bring a removed action back to its place, with its fields. False when it is there already or gone for good.

    Raises ValidationError when the plan is full or another action has its name by now.
    """
    require_editor(actor, app)
    removed = PlannedAction.every.filter(plan__app=app, key=key, removed_at__isnull=False)
    if not removed.exists():
        return False
    plan = _held(app)
    action = removed.first()
    if action is None:
        return False
    _refuse_if_full(plan)
    if plan.actions.filter(name=action.name).exists():
        raise ValidationError(TAKEN_MEANWHILE.format(name=action.name))
    removed.update(removed_at=None)
    _count_up(plan)
    record(actor, "plan.action_restored", app, chain=app.chain, key=key)
    return True


def removed_actions(plan: Plan) -> list[PlannedAction]:
    """What can be brought back, the last removed first."""
    removed = PlannedAction.every.filter(plan_id=plan.pk, removed_at__isnull=False)
    return list(removed.order_by("-removed_at", "pk"))


@transaction.atomic
def move_action(actor: Actor, app: App, key: str, step: int, revision: int) -> bool:
    """Move an action up (-1) or down (+1) by one place; False at the end of the list.

    Raises StaleDraft when the plan changed meanwhile, which also keeps a double click from moving twice.
    """
    require_editor(actor, app)
    plan = Plan.objects.filter(app=app).first()
    if plan is None:
        return False
    if not Plan.objects.filter(pk=plan.pk, revision=revision).update(revision=F("revision") + 1):
        raise StaleDraft(plan)
    order = list(plan.actions.order_by("position", "pk"))
    place = next((index for index, action in enumerate(order) if action.key == key), None)
    if place is None or not 0 <= place + step < len(order):
        return False
    order.insert(place + step, order.pop(place))
    for position, action in enumerate(order):
        action.position = position
    PlannedAction.objects.bulk_update(order, ["position"])
    record(actor, "plan.action_moved", app, chain=app.chain, key=key)
    return True


def purge_removed(before: datetime) -> int:
    """Actions that were removed before `before`, and the plans of Apps deleted before then. For the purge."""
    plans = Plan.objects.filter(app__deleted_at__lt=before).delete()[0]
    return plans + PlannedAction.every.filter(removed_at__lt=before).delete()[0]
