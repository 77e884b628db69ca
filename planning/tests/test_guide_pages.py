"""/apps/<slug>/guide/: the steps, the ticks, and the scaffold."""

import io
import zipfile

import pytest
from django.urls import reverse

from devcenter_test.actions import steps
from devcenter_test.plans import read_plan
from planning import guide
from planning.guide_steps import steps_for
from planning.models import GuideTick
from planning.states import GuideItem

pytestmark = pytest.mark.django_db


def page(app):
    return reverse("app-guide", args=[app.slug])


def tick(app, item):
    return reverse("app-guide-tick", args=[app.slug, item])


@pytest.mark.parametrize("mode", ["", "cloud", "device"])
def test_every_item_has_a_step_in_every_mode(mode):
    steps = steps_for("acme", mode)
    assert list(steps) == list(GuideItem)
    assert all(step.title and step.text for step in steps.values())
    assert ("devcenter-test actions" in steps[GuideItem.TESTED].commands) is (mode != "device")


def test_the_page_shows_steps_and_ticks(by_pull, alice, client_for):
    guide.tick(alice, by_pull, "node")
    text = client_for(alice).get(page(by_pull)).content.decode()
    assert "1 of 8 done" in text
    assert f"devcenter-test actions http://localhost:3000 --plan {by_pull.slug}-plan.json" in text
    assert text.count('name="done" value="yes"') == 7
    assert text.count('name="done" value="no"') == 1
    assert f"unzip {by_pull.slug}-scaffold.zip" in text


def test_ticking_and_taking_back_lead_to_the_step(by_pull, bob, client_for):
    client = client_for(bob)
    for _ in range(2):
        answer = client.post(tick(by_pull, "yarn"), {"done": "yes"})
        assert (answer.status_code, answer["Location"]) == (303, f"{page(by_pull)}#yarn")
    assert GuideTick.objects.get().by == bob
    client.post(tick(by_pull, "yarn"), {"done": "no"})
    assert not GuideTick.objects.exists()
    assert client.post(tick(by_pull, "nonsense")).status_code == 404


def test_the_last_tick_says_what_comes_next(by_pull, alice, client_for):
    for item in list(GuideItem)[:-1]:
        guide.tick(alice, by_pull, item.value)
    answer = client_for(alice).post(tick(by_pull, GuideItem.TESTED.value), follow=True)
    assert "Everything is ticked. Next: the pull request." in answer.content.decode()
    assert "8 of 8 done" in answer.content.decode()


def test_others_only_look(by_pull, viv, rita, charlie, client_for):
    for looker in (viv, rita):
        client = client_for(looker)
        assert "<button" not in client.get(page(by_pull)).content.decode().split("<ol")[1].split("</ol>")[0]
        assert client.post(tick(by_pull, "node")).status_code == 403
    assert client_for(charlie).get(page(by_pull)).status_code == 404


def test_without_a_destination_by_pull_there_is_nothing_to_set_up(app, alice, client_for):
    client = client_for(alice)
    assert "Nothing to set up" in client.get(page(app)).content.decode()
    assert client.get(reverse("app-scaffold", args=[app.slug])).status_code == 404


def test_the_scaffold_is_made_from_the_plan(planned, alice, client_for):
    answer = client_for(alice).get(reverse("app-scaffold", args=[planned.slug]))
    assert answer["Content-Type"] == "application/zip"
    assert f"{planned.slug}-scaffold.zip" in answer["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert f"{planned.slug}-plan.json" in packed.namelist()
        source = packed.read(f"packages/destination-actions/src/destinations/{planned.slug}/sendOrder/index.ts")
    assert b'event = "Order Completed"' in source


def test_the_local_tester_reads_the_plan_that_the_console_gives(planned, alice, client_for, tmp_path):
    """One shape on both sides: every setting, and an event for every action."""
    answer = client_for(alice).get(reverse("app-plan-json", args=[planned.slug]))
    (tmp_path / "plan.json").write_bytes(answer.content)
    plan = read_plan(tmp_path / "plan.json")
    assert list(plan.types) == ["apiKey"]
    assert plan.secret == {"apiKey"}
    found = steps(plan)
    assert {step.key for step in found if step.kind == "action"} == {action.key for action in plan.actions}
    assert not any(step.reason for step in found)
