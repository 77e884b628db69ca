"""upkeep.launch_content: what is planned for the launch, and the reminders (S36)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.leaving import export
from apps_catalog.models import App
from audit.models import Record
from notifications.models import OutboxMessage
from partners.export import company_data
from upkeep import launch_content
from upkeep.models import LaunchItem
from upkeep.states import LaunchKind

pytestmark = pytest.mark.django_db
BLOG, RECIPE = LaunchKind.BLOG_POST, LaunchKind.RECIPE
NOW = datetime(2026, 12, 1, 20, 0, tzinfo=UTC)  # noon at the office
DAY = date(2026, 12, 20)


def at(day: int) -> datetime:
    return NOW.replace(day=day)


def reminders() -> list[str]:
    return list(
        OutboxMessage.objects.filter(kind="launch_item_due").order_by("created_at").values_list("subject", flat=True)
    )


def test_the_same_plan_twice_is_one_plan(app: App, alice):
    for _ in range(2):
        launch_content.plan(alice, app, BLOG, planned_on=DAY, url="https://acme.example/blog/", note="Ask.", now=NOW)
    item = LaunchItem.objects.get()
    assert (item.planned_on, item.created_by) == (DAY, alice)
    assert Record.objects.filter(action="app.launch_planned").count() == 1


def test_reminders_come_three_days_before_and_on_the_day_once_each(app: App, alice):
    launch_content.plan(alice, app, BLOG, planned_on=DAY, now=NOW)
    told = {day: launch_content.remind(at(day)) + launch_content.remind(at(day)) for day in range(15, 23)}
    assert told == {15: 0, 16: 0, 17: 1, 18: 0, 19: 0, 20: 1, 21: 0, 22: 0}
    assert reminders() == ["Acme Analytics: Blog post on your own site, Sunday, 20 December"] * 2


def test_a_day_that_was_missed_brings_no_late_reminder_and_one_that_is_near_no_early_one(app: App, alice):
    launch_content.plan(alice, app, BLOG, planned_on=date(2026, 12, 3), now=NOW)
    assert [launch_content.remind(at(day)) for day in (1, 2, 3)] == [0, 0, 1]
    launch_content.plan(alice, app, RECIPE, planned_on=date(2026, 12, 9), now=NOW)
    assert launch_content.remind(at(12)) == 0


def test_another_day_brings_reminders_anew(app: App, alice):
    launch_content.plan(alice, app, BLOG, planned_on=DAY, now=NOW)
    launch_content.remind(at(17))
    launch_content.plan(alice, app, BLOG, planned_on=date(2026, 12, 28), now=at(18))
    assert [launch_content.remind(at(day)) for day in (20, 25, 28)] == [0, 1, 1]


def test_what_is_done_or_dropped_is_not_reminded_of(app: App, alice):
    launch_content.plan(alice, app, BLOG, planned_on=DAY, now=NOW)
    assert [launch_content.set_done(alice, app, BLOG, is_done=True) for _ in range(2)] == [True, False]
    assert launch_content.remind(at(20)) == 0
    assert launch_content.set_done(alice, app, BLOG, is_done=False)
    assert [launch_content.forget(alice, app, BLOG) for _ in range(2)] == [True, False]
    assert launch_content.remind(at(20)) == 0


def test_what_was_never_planned_can_be_ticked(app: App, alice):
    launch_content.set_done(alice, app, RECIPE, is_done=True)
    assert LaunchItem.objects.get().done_at is not None


def test_taking_back_a_tick_that_was_never_made_leaves_nothing(app: App, alice):
    assert not launch_content.set_done(alice, app, RECIPE, is_done=False)
    assert not LaunchItem.objects.exists()


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2030, 1, 1)])
def test_days_that_cannot_be_planned(app: App, alice, day):
    with pytest.raises(ValidationError):
        launch_content.plan(alice, app, BLOG, planned_on=day, now=NOW)


def test_a_plan_whose_day_has_passed_can_still_get_its_link(app: App, alice):
    launch_content.plan(alice, app, BLOG, planned_on=DAY, now=NOW)
    later = NOW + timedelta(days=60)
    launch_content.plan(alice, app, BLOG, planned_on=DAY, url="https://acme.example/blog/", now=later)
    assert LaunchItem.objects.get().url == "https://acme.example/blog/"


@pytest.mark.parametrize("who", ["viv", "carol", "rita"])
def test_who_may_not_plan(app: App, who, request):
    with pytest.raises(PermissionDenied):
        launch_content.plan(request.getfixturevalue(who), app, BLOG, planned_on=None)


def test_it_is_in_the_exports_and_leaves_with_the_person(app: App, alice):
    launch_content.plan(alice, app, BLOG, planned_on=DAY, note="Ask.", now=NOW)
    assert company_data(app.company)["upkeep"][0]["launch_content"][0]["planned_on"] == "2026-12-20"
    assert export(alice)["upkeep"] == [
        {"app": app.slug, "kind": "blog_post", "planned_on": "2026-12-20", "url": "", "note": "Ask.", "done_at": None}
    ]
