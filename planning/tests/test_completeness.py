import pytest

from apps_catalog.drafting import remove_component
from apps_catalog.models import App
from planning import lifecycle, team
from planning.completeness import gaps
from planning.document import markdown
from planning.export import document
from planning.models import Plan
from planning.states import AuthMethod, Mode
from planning.tests.conftest import ACTION, FIELDS, PLAN

pytestmark = pytest.mark.django_db


def texts(app):
    return [gap.text for gap in gaps(App.objects.get(pk=app.pk))]


def test_a_new_plan_lacks_everything_and_says_where_to_go(by_pull):
    found = gaps(by_pull)
    assert [gap.url for gap in found] == [
        "/apps/acme-analytics/plan/#id_mode", "/apps/acme-analytics/plan/#id_summary",
        "/apps/acme-analytics/plan/#id_auth_method", "/apps/acme-analytics/plan/actions/new/",
    ]  # fmt: skip


def test_a_complete_plan_lacks_nothing(planned):
    assert texts(planned) == []


def test_without_the_component_there_is_one_thing_to_do_first(planned, alice):
    remove_component(alice, planned.components.get())
    assert texts(planned) == ["Add the destination by pull request first."]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("method", AuthMethod)
def test_a_way_to_log_in_fits_its_mode(planned, alice, mode, method):
    planned.components.update(mode=mode)
    notes = {**PLAN, "auth_method": method, "auth_notes": "In a header."}
    lifecycle.save_plan(alice, planned, notes, Plan.objects.get().revision)
    unfit = {("cloud", "browser"), ("device", "basic"), ("device", "oauth2")}
    assert bool(texts(planned)) is ((mode, method) in unfit)


@pytest.mark.parametrize("method", sorted(set(AuthMethod) - {AuthMethod.BROWSER}))
def test_some_ways_to_log_in_need_words(planned, alice, method):
    lifecycle.save_plan(alice, planned, {**PLAN, "auth_method": method}, Plan.objects.get().revision)
    assert bool(texts(planned)) is (method in {AuthMethod.CUSTOM, AuthMethod.OAUTH2})


@pytest.mark.parametrize(
    ("own", "fields", "words"),
    [
        ({}, [], "add the fields"),
        ({"trigger": ""}, FIELDS, "on which events"),
        ({"trigger": 'type = "track" and event = "Purchase"'}, FIELDS, "“Order Completed”"),
        ({}, [{**FIELDS[0], "default": "$.propertis.x"}], r"$.properties"),
    ],
)
def test_an_action_that_does_not_follow_the_spec_is_a_gap(planned, alice, own, fields, words):
    action = planned.plan.actions.get()
    lifecycle.edit_action(alice, action, {**ACTION, **own}, fields, action.revision)
    [text] = texts(planned)
    assert text.startswith("Send Order: ")
    assert words in text


def test_a_remark_of_the_team_waits_for_an_answer(planned, alice, rita):
    team.say(rita, planned, "action", "Which currency?", "sendOrder")
    team.say(rita, planned, "mode", "Why the cloud?")
    [first, second] = gaps(planned)
    assert "“Send Order”" in first.text
    assert first.url.endswith("/plan/actions/edit/sendOrder/#talk")
    assert second.url.endswith("/plan/#talk-mode")
    team.say(alice, planned, "action", "The shop’s.", "sendOrder")
    team.settle(alice, planned.plan.comments.get(section="mode"))
    assert texts(planned) == []
    team.say(rita, planned, "action", "And refunds?", "sendOrder")
    assert len(texts(planned)) == 1
    lifecycle.remove_action(alice, planned, "sendOrder")
    assert texts(planned) == ["Add the first action."]


def test_a_partners_own_remark_waits_for_nobody(planned, bob):
    team.say(bob, planned, "plan", "We begin in May.")
    assert texts(planned) == []


def test_the_gaps_take_few_queries_however_many_actions_there_are(planned, alice, rita, django_assert_max_num_queries):
    for number in range(5):
        action = lifecycle.add_action(alice, planned, {**ACTION, "name": f"A{number}"}, FIELDS)
        team.say(rita, planned, "action", "Why?", action.key)
    app = App.objects.get(pk=planned.pk)
    with django_assert_max_num_queries(6):
        assert len(gaps(app)) == 5


# --- Exports ---------------------------------------------------------------------------------------------


def test_the_plan_as_json(planned):
    found = document(planned)
    assert list(found) == ["name", "slug", "mode", "auth", "settings", "actions"]
    assert (found["slug"], found["mode"], found["auth"]) == (
        "acme-analytics",
        "cloud",
        {"method": "basic", "notes": ""},
    )
    assert found["settings"][0]["key"] == "apiKey"
    assert found["actions"] == [{"key": "sendOrder", **ACTION, "fields": FIELDS}]


def test_an_app_without_a_plan_has_an_empty_one(app):
    assert document(app)["actions"] == []
    assert document(app)["mode"] == ""
    assert "_There are none yet._" in markdown(document(app))


def test_the_document_says_all_of_it(planned, alice):
    Plan.objects.filter(app=planned).update(summary="Orders | deals")
    action = planned.plan.actions.get()
    rows = [*FIELDS, {"key": "x", "label": "A | B", "type": "string", "required": False, "default": "a`b"}]
    lifecycle.edit_action(alice, action, ACTION, rows, action.revision)
    text = markdown(document(planned), summary="Orders become deals.")
    for part in ("# Acme Analytics: plan", "Orders become deals.", "Cloud mode", "Basic", "### Send Order",
                 "``a`b``", "A \\| B", '"order_id": "o-2026-118"', "`apiKey`"):  # fmt: skip
        assert part in text
