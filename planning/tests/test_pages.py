"""The pages of a plan: what they show, what they take, and what they give back."""

import json
from html import unescape

import pytest
from django.urls import reverse

from apps_catalog.drafting import remove_component
from planning import lifecycle, team
from planning.forms import NO_MOBILE
from planning.models import Plan
from planning.models.plans import MOST_FIELDS
from planning.tests.conftest import ACTION, FIELDS, sent

pytestmark = pytest.mark.django_db


def url(name, app, *more):
    return reverse(name, args=[app.slug, *more])


def text_of(answer):
    return unescape(answer.content.decode())


# --- The plan --------------------------------------------------------------------------------------------


def test_an_app_without_the_component_says_how_to_begin(app, alice, client_for):
    assert "Nothing to plan yet" in text_of(client_for(alice).get(url("app-plan", app)))


def test_the_page_says_what_follows_from_each_mode(by_pull, alice, client_for):
    text = text_of(client_for(alice).get(url("app-plan", by_pull)))
    assert "Recommended" in text
    assert NO_MOBILE in text
    assert text.count("replay") >= 2


def test_the_mode_is_kept_in_the_component(by_pull, alice, client_for):
    component = by_pull.components.get()
    answer = client_for(alice).post(url("app-plan-mode", by_pull), {"mode": "device", "revision": component.revision})
    assert answer.status_code == 303
    component.refresh_from_db()
    assert component.mode == "device"


@pytest.mark.parametrize(("mode", "words"), [("mobile", NO_MOBILE), ("", "Choose where"), ("x", "valid choice")])
def test_a_mode_that_there_is_not_is_answered_with_what_to_do(by_pull, alice, client_for, mode, words):
    answer = client_for(alice).post(url("app-plan-mode", by_pull), {"mode": mode, "revision": 0})
    assert answer.status_code == 422
    assert words in text_of(answer).partition("error-summary")[2]
    assert by_pull.components.get().mode == ""


def test_the_mode_needs_its_component(planned, alice, client_for):
    remove_component(alice, planned.components.get())
    assert client_for(alice).post(url("app-plan-mode", planned), {"mode": "cloud", "revision": 0}).status_code == 404


def test_the_plan_is_saved_by_hand_and_by_itself(by_pull, alice, client_for):
    page, client = url("app-plan", by_pull), client_for(alice)
    data = {"revision": 0, "summary": "Orders become deals.", "auth_method": "oauth2", "auth_notes": ""}
    assert client.post(page, data).status_code == 303
    typed = {**data, "revision": 1, "auth_notes": "Ours"}
    answer = client.post(page, typed, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["revision"]) == (200, 2)
    assert Plan.objects.get().auth_notes == "Ours"


def test_a_conflict_shows_both_versions_and_sending_again_decides(by_pull, alice, bob, client_for):
    data = {"summary": "Bob’s", "auth_method": "", "auth_notes": ""}
    lifecycle.save_plan(bob, by_pull, data, 0)
    mine = {**data, "revision": 0, "summary": "Mine"}
    answer = client_for(alice).post(url("app-plan", by_pull), mine)
    assert answer.status_code == 409
    assert "Bob’s" in text_of(answer)
    assert "Mine" in text_of(answer)
    assert 'name="revision" value="1"' in text_of(answer)
    assert client_for(alice).post(url("app-plan", by_pull), {**mine, "revision": 1}).status_code == 303
    assert Plan.objects.get().summary == "Mine"


def test_too_much_text_comes_back(by_pull, alice, client_for):
    long = "x" * 100_000
    answer = client_for(alice).post(url("app-plan", by_pull), {"revision": 0, "summary": long})
    assert answer.status_code == 422
    assert long in text_of(answer)


def test_the_exports_are_files(planned, viv, client_for):
    client = client_for(viv)
    answer = client.get(url("app-plan-json", planned))
    assert json.loads(answer.content)["actions"][0]["key"] == "sendOrder"
    assert "acme-analytics-plan.json" in answer["Content-Disposition"]
    document = client.get(url("app-plan-document", planned))
    assert document["Content-Type"].startswith("text/markdown")
    assert "Orders become deals." in text_of(document)


# --- An action -------------------------------------------------------------------------------------------


def test_a_new_action_starts_with_what_nearly_all_want(by_pull, alice, client_for):
    text = text_of(client_for(alice).get(url("app-plan-action-new", by_pull)))
    assert 'value="$.userId"' in text
    assert '"user_id": "user-1042"' in text.replace("<", "").replace("&quot;", '"') or "user-1042" in text


def test_an_action_is_added_with_its_fields(by_pull, alice, client_for):
    rows = [*FIELDS, {"key": "", "label": "List ID", "type": "string", "required": False, "default": ""},
            {"key": "", "label": "", "type": "string", "required": False, "default": ""}]  # fmt: skip
    client, page = client_for(alice), url("app-plan-action-new", by_pull)
    for _ in range(2):  # a double click
        assert client.post(page, sent(fields=rows)).status_code == 303
    action = Plan.objects.get().actions.get()
    assert (action.key, action.trigger) == ("sendOrder", ACTION["trigger"])
    assert [field.key for field in action.fields.all()] == ["order_id", "total", "list_id"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{**FIELDS[0], "key": "order id"}], "letters, digits and underscores"),
        ([{**FIELDS[0], "key": "constructor"}], "letters, digits and underscores"),
        ([FIELDS[0], {**FIELDS[0], "key": "ORDER_ID"}], "already"),
        ([{**FIELDS[0], "key": "", "label": ""}], "Name the field"),
        ([{**FIELDS[0], "type": "money"}], "valid choice"),
        ([{**FIELDS[0], "default": "x" * 501}], "500"),
    ],
)
def test_what_is_wrong_with_a_field_is_said_and_all_stays(by_pull, alice, client_for, rows, words):
    answer = client_for(alice).post(url("app-plan-action-new", by_pull), sent(fields=rows))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "One deal for each order." in text_of(answer)
    assert not Plan.objects.filter(actions__isnull=False).exists()


@pytest.mark.parametrize(
    ("button", "labels"),
    [
        ({"add_field": "1"}, ["Order", "Total", ""]),
        ({"remove_field": "0"}, ["Total"]),
        ({"move_field": "up-1"}, ["Total", "Order"]),
        ({"move_field": "down-0"}, ["Total", "Order"]),
        ({"move_field": "up-0"}, ["Order", "Total"]),
        ({"move_field": "sideways"}, ["Order", "Total"]),
        ({"preview": "1"}, ["Order", "Total"]),
    ],
)
def test_the_buttons_of_rows_work_without_scripts_and_save_nothing(planned, alice, client_for, button, labels):
    page = url("app-plan-action", planned, "sendOrder")
    answer = client_for(alice).post(page, sent({**ACTION, "name": "Typed"}, **button))
    assert answer.status_code == 200
    form = answer.context["form"]
    assert [row["label"].value() for row in form.rows] == labels
    assert form["name"].value() == "Typed"
    assert planned.plan.actions.get().name == "Send Order"


def test_there_are_never_more_rows_than_an_action_may_have(planned, alice, client_for):
    page = url("app-plan-action", planned, "sendOrder")
    answer = client_for(alice).post(page, sent(fields=[], count=5_000, add_field="1"))
    assert len(answer.context["form"].places) == MOST_FIELDS


def test_an_action_saves_itself_and_meets_conflicts(planned, alice, bob, client_for):
    page, client = url("app-plan-action", planned, "sendOrder"), client_for(alice)
    accept = {"Accept": "application/json"}
    answer = client.post(page, sent({**ACTION, "description": "Mine"}), headers=accept)
    assert answer.json()["revision"] == 1
    lifecycle.edit_action(bob, planned.plan.actions.get(), ACTION, FIELDS[:1], 1)
    stale = sent({**ACTION, "description": "Mine too"}, revision=1)
    assert client.post(page, stale, headers=accept).status_code == 409
    both = client.post(page, stale)
    assert both.status_code == 409
    assert "Total (total, number) from $.properties.total" in text_of(both)
    assert "Mine too" in text_of(both)
    assert client.post(page, {**stale, "revision": 2}).status_code == 303
    assert planned.plan.actions.get().fields.count() == 2


def test_an_action_that_was_removed_keeps_what_was_typed(planned, alice, client_for):
    page, client = url("app-plan-action", planned, "sendOrder"), client_for(alice)
    lifecycle.remove_action(alice, planned, "sendOrder")
    answer = client.post(page, sent({**ACTION, "description": "Typed meanwhile"}))
    assert answer.status_code == 409
    assert "Typed meanwhile" in text_of(answer)
    assert client.get(page).status_code == 303
    assert client.get(url("app-plan-action", planned, "nothing")).status_code == 404


def test_removing_offers_a_way_back(planned, alice, client_for):
    client = client_for(alice)
    answer = client.post(url("app-plan-action-remove", planned, "sendOrder"), follow=True)
    assert "Send Order is removed." in text_of(answer)
    back = client.post(url("app-plan-action-restore", planned, "sendOrder"), follow=True)
    assert "back in its place" in text_of(back)
    assert planned.plan.actions.count() == 1


def test_moving_answers_an_old_page_in_words(planned, alice, client_for):
    client, page = client_for(alice), url("app-plan-action-move", planned, "sendOrder")
    assert "changed in the meantime" in text_of(client.post(page, {"direction": "up", "revision": "99"}, follow=True))


def test_the_preview_tries_what_is_typed(planned, alice, client_for):
    client, page = client_for(alice), url("app-plan-preview", planned)
    text = text_of(client.post(page, sent()))
    assert "o-2026-118" in text
    assert "Follows the spec" in text
    text = text_of(client.post(page, sent({**ACTION, "trigger": 'event = "Purchase"'}, sample="identify")))
    assert "“Order Completed”" in text
    assert "Does not run" in text
    text = text_of(client.post(page, sent({**ACTION, "trigger": "type ="}, [{**FIELDS[0], "default": "$.nothing"}])))
    assert "As soon as the condition can be read" in text
    assert client.post(page, {"count": "-1", "trigger": "x" * 50_000}).status_code == 200


# --- Talk ------------------------------------------------------------------------------------------------


def test_the_team_comments_where_it_reads(planned, alice, rita, client_for):
    page = url("app-plan-action", planned, "sendOrder")
    data = {"section": "action", "action_key": "sendOrder", "text": "Which currency?"}
    answer = client_for(rita).post(url("app-plan-comment", planned), data)
    assert answer["Location"] == f"{page}#talk"
    text = text_of(client_for(alice).get(page))
    assert "Which currency?" in text
    assert "answer it" in text_of(client_for(alice).get(url("app-plan", planned)))
    comment = planned.plan.comments.get()
    client_for(alice).post(url("app-plan-settle", planned, comment.pk))
    assert "answer it" not in text_of(client_for(alice).get(url("app-plan", planned)))


@pytest.mark.parametrize("data", [{"section": "plan", "text": " "}, {"section": "action", "text": "Typed"},
                                  {"section": "action", "action_key": "gone", "text": "Typed"}])  # fmt: skip
def test_a_comment_that_cannot_be_taken_comes_back(planned, alice, client_for, data):
    answer = client_for(alice).post(url("app-plan-comment", planned), data)
    assert answer.status_code == 422
    assert data["text"].strip() in text_of(answer)


def test_a_comment_of_another_app_is_not_there(planned, alice, charlie, client_for):
    comment = team.say(alice, planned, "plan", "Hello")
    assert client_for(charlie).post(url("app-plan-settle", planned, comment.pk)).status_code == 404
    assert client_for(alice).post(url("app-plan-settle", planned, comment.pk + 1)).status_code == 404


def test_asking_and_having_looked(planned, alice, rita, client_for):
    text = text_of(client_for(alice).post(url("app-plan-ask", planned), follow=True))
    assert "They plan to by" in text
    assert "Waits for a look" in text
    desk = text_of(client_for(rita).get(reverse("review-plans")))
    assert "Acme Analytics" in desk
    assert "Building can start" in text_of(client_for(rita).get(url("app-plan", planned)))
    now, team_url = Plan.objects.get(app=planned).revision, url("app-plan-looked", planned)
    assert f'name="revision" value="{now}"' in text_of(client_for(rita).get(url("app-plan", planned)))
    for old in (now - 1, "x", ""):
        page = client_for(rita).post(team_url, {"revision": old}, follow=True)
        assert "changed the plan while you read it" in text_of(page)
    for told in ("The partner was told", "has said so already"):
        assert told in text_of(client_for(rita).post(team_url, {"revision": now}, follow=True))
    assert "No plan waits" in text_of(client_for(rita).get(reverse("review-plans")))
    assert "Acme Analytics" in text_of(client_for(rita).get(reverse("review-plans") + "?tab=all"))
    assert "building can start" in text_of(client_for(alice).get(url("app-plan", planned)))
