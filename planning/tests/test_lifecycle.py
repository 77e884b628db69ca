from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps_catalog.drafting import StaleDraft
from audit.models import Chain, Record
from audit.recording import verify
from planning import lifecycle
from planning.models import Plan, PlannedAction
from planning.models.plans import MOST_ACTIONS
from planning.tests.conftest import ACTION, FIELDS, PLAN
from tests.racing import at_once

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["viv", "charlie", "carol", "rita", "adam"])
def test_only_owners_and_developers_plan(role, planned, request):
    actor = request.getfixturevalue(role)
    for verb in (
        lambda: lifecycle.save_plan(actor, planned, PLAN, 0),
        lambda: lifecycle.add_action(actor, planned, ACTION, FIELDS),
        lambda: lifecycle.edit_action(actor, planned.plan.actions.get(), ACTION, FIELDS, 0),
        lambda: lifecycle.remove_action(actor, planned, "sendOrder"),
        lambda: lifecycle.restore_action(actor, planned, "sendOrder"),
        lambda: lifecycle.move_action(actor, planned, "sendOrder", 1, 0),
    ):
        with pytest.raises(PermissionDenied):
            verb()


def test_everything_is_on_the_record(planned, bob):
    action = planned.plan.actions.get()
    lifecycle.edit_action(bob, action, {**ACTION, "description": ""}, FIELDS, action.revision)
    lifecycle.remove_action(bob, planned, "sendOrder")
    lifecycle.restore_action(bob, planned, "sendOrder")
    names = Record.objects.filter(action__startswith="plan.").order_by("seq").values_list("action", flat=True)
    assert list(names) == [
        "plan.changed", "plan.action_added", "plan.action_changed", "plan.action_removed", "plan.action_restored",
    ]  # fmt: skip
    assert list(verify(Chain.objects.get(name=planned.chain))) == []


def test_an_old_form_of_the_plan_is_refused_unless_it_says_the_same(planned, alice):
    assert lifecycle.save_plan(alice, planned, PLAN, 0) == []
    with pytest.raises(StaleDraft):
        lifecycle.save_plan(alice, planned, {**PLAN, "summary": "Else."}, 0)


def test_two_people_work_on_two_actions_without_meeting(planned, alice, bob):
    other = lifecycle.add_action(bob, planned, {**ACTION, "name": "Send Refund"}, FIELDS)
    first = planned.plan.actions.get(key="sendOrder")
    assert lifecycle.edit_action(alice, first, {**ACTION, "description": "A"}, FIELDS, 0)
    assert lifecycle.edit_action(bob, other, {**ACTION, "name": "Send Refund", "description": "B"}, FIELDS, 0)


def test_an_old_form_of_an_action_changes_nothing(planned, alice, bob):
    action = planned.plan.actions.get()
    assert lifecycle.edit_action(bob, action, ACTION, FIELDS[:1], 0)
    with pytest.raises(StaleDraft) as caught:
        lifecycle.edit_action(alice, action, ACTION, FIELDS[1:], 0)
    assert [field.key for field in caught.value.row.fields.all()] == ["order_id"]
    assert not lifecycle.edit_action(alice, action, ACTION, FIELDS[:1], 0)


def test_adding_twice_is_adding_once_and_another_of_the_name_is_refused(planned, alice):
    lifecycle.add_action(alice, planned, ACTION, FIELDS)
    assert planned.plan.actions.count() == 1
    with pytest.raises(ValidationError, match="already"):
        lifecycle.add_action(alice, planned, ACTION, FIELDS[:1])
    second = lifecycle.add_action(alice, planned, {**ACTION, "name": "Send Refund"}, FIELDS)
    with pytest.raises(ValidationError, match="already"):
        lifecycle.edit_action(alice, second, ACTION, FIELDS, 0)
    second.refresh_from_db()
    assert (second.name, second.revision) == ("Send Refund", 0)


def test_keys_are_made_once_and_never_twice(planned, alice):
    lifecycle.remove_action(alice, planned, "sendOrder")
    again = lifecycle.add_action(alice, planned, ACTION, FIELDS)
    assert again.key == "sendOrder2"


def test_a_plan_is_full_at_some_point(planned, alice):
    plan = planned.plan
    PlannedAction.objects.bulk_create(
        PlannedAction(plan=plan, key=f"a{number}", name=f"A{number}") for number in range(MOST_ACTIONS - 1)
    )
    with pytest.raises(ValidationError, match="Remove one first"):
        lifecycle.add_action(alice, planned, {**ACTION, "name": "One more"}, FIELDS)
    lifecycle.remove_action(alice, planned, "a0")
    lifecycle.add_action(alice, planned, {**ACTION, "name": "One more"}, FIELDS)
    with pytest.raises(ValidationError, match="Remove one first"):
        lifecycle.restore_action(alice, planned, "a0")


def test_removing_and_bringing_back_keeps_the_fields(planned, alice):
    assert lifecycle.remove_action(alice, planned, "sendOrder")
    assert not lifecycle.remove_action(alice, planned, "sendOrder")
    assert [action.key for action in lifecycle.removed_actions(planned.plan)] == ["sendOrder"]
    assert lifecycle.restore_action(alice, planned, "sendOrder")
    assert not lifecycle.restore_action(alice, planned, "sendOrder")
    assert planned.plan.actions.get().fields.count() == 2


def test_an_action_does_not_come_back_beside_another_of_its_name(planned, alice):
    lifecycle.remove_action(alice, planned, "sendOrder")
    again = lifecycle.add_action(alice, planned, ACTION, FIELDS)
    before = Plan.objects.get(app=planned).revision
    with pytest.raises(ValidationError, match="another action “Send Order” by now"):
        lifecycle.restore_action(alice, planned, "sendOrder")
    assert Plan.objects.get(app=planned).revision == before
    lifecycle.edit_action(alice, again, {**ACTION, "name": "Send Order Again"}, FIELDS, 0)
    assert lifecycle.restore_action(alice, planned, "sendOrder")


def test_the_database_knows_that_names_are_unique_among_standing_actions(planned):
    first = planned.plan.actions.get()
    PlannedAction.every.create(plan=planned.plan, key="gone", name=first.name, removed_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        PlannedAction.every.create(plan=planned.plan, key="twin", name=first.name)


def test_moving_happens_once_for_one_form(planned, alice):
    for name in ("B", "C"):
        lifecycle.add_action(alice, planned, {**ACTION, "name": name}, FIELDS)
    plan = Plan.objects.get(app=planned)
    assert lifecycle.move_action(alice, planned, "c", -1, plan.revision)
    assert [action.name for action in plan.actions.all()] == ["Send Order", "C", "B"]
    with pytest.raises(StaleDraft):
        lifecycle.move_action(alice, planned, "c", -1, plan.revision)
    plan.refresh_from_db()
    assert not lifecycle.move_action(alice, planned, "sendOrder", -1, plan.revision)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_give_one_name_at_once_one_is_told(planned, alice, bob):
    both = [lifecycle.add_action(alice, planned, {**ACTION, "name": name}, FIELDS) for name in ("A", "B")]
    new = {**ACTION, "name": "C"}
    answers = at_once(
        lambda: lifecycle.edit_action(alice, both[0], new, FIELDS, 0),
        lambda: lifecycle.edit_action(bob, both[1], new, FIELDS, 0),
    )
    assert [answer for answer in answers if answer is True] == [True]
    assert [type(answer) for answer in answers if answer is not True] == [ValidationError]
    assert planned.plan.actions.filter(name="C").count() == 1


def test_what_was_removed_is_purged_with_the_plans_of_deleted_apps(planned, alice):
    now = timezone.now()
    lifecycle.remove_action(alice, planned, "sendOrder")
    assert lifecycle.purge_removed(now - timedelta(days=1)) == 0
    lifecycle.purge_removed(now + timedelta(days=1))
    assert not PlannedAction.every.exists()
    planned.deleted_at = now
    planned.save()
    lifecycle.purge_removed(now + timedelta(days=1))
    assert not Plan.objects.exists()
