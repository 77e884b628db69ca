"""The events of the suite to a destination on Segment's local server, and what its answers mean."""

import io
import json

import pytest

from devcenter_test.command import main
from devcenter_test.tests.local_server import LocalServer, exchange, thrown
from tests.services.receiver import Reply

PLAN = {
    "name": "Acme", "slug": "acme", "mode": "cloud", "auth": {"method": "custom", "notes": ""},
    "settings": [
        {"key": "apiKey", "label": "API key", "type": "string", "sensitive": True, "required": True},
        {"key": "region", "label": "Region", "type": "select", "default": "eu"},
        {"key": "strict", "label": "Strict", "type": "boolean"},
    ],
    "actions": [
        {
            "key": "upsertContact", "name": "Upsert contact", "description": "", "trigger": 'type = "identify"',
            "fields": [{"key": "id", "label": "Id", "type": "string", "required": True, "default": "$.userId"}],
        },
        {"key": "trackEvent", "name": "Track event", "description": "", "trigger": 'type = "track"', "fields": []},
        {
            "key": "order", "name": "Order", "description": "",
            "trigger": 'type = "track" and event = "Order Completed"', "fields": [],
        },
        {
            "key": "refund", "name": "Refund", "description": "",
            "trigger": 'event = "Refund Asked" and $.properties.reason exists',
            "fields": [{"key": "sum", "label": "Sum", "type": "number", "required": True,
                        "default": "$.properties.amounts.gross"}],
        },
    ],
}  # fmt: skip
KEY = "sk_live_1234567890"


@pytest.fixture
def server(receiver):
    made = LocalServer(receiver)
    made.actions = dict.fromkeys(("upsertContact", "trackEvent", "order", "refund", "delete"), lambda _: exchange())
    return made


@pytest.fixture
def run(server, tmp_path):
    """Runs the command; gives back (exit code, the cases by id)."""

    def run(*options, plan=PLAN):
        (tmp_path / "plan.json").write_text(json.dumps(plan))
        out = io.StringIO()
        arguments = ["actions", server.url, "--plan", str(tmp_path / "plan.json"), "--format", "json"]
        code = main([*arguments, "--setting", f"apiKey={KEY}", *options], out)
        assert KEY not in out.getvalue()
        return code, {case["id"]: case for case in json.loads(out.getvalue())["cases"]}

    return run


def verdicts(cases):
    return {case["verdict"] for case in cases.values()}


def test_each_event_goes_to_the_actions_whose_trigger_it_meets(run, server):
    code, cases = run()
    assert code == 0
    assert verdicts(cases) == {"green"}
    assert list(cases) == [
        "authenticate", "sample/order", "sample/refund", "core-3-identify/upsertContact",
        "core-4-track-signed-up/trackEvent", "core-6-track-integration-enabled/trackEvent",
        "core-7-track-invited-teammate/trackEvent", "deletion-1-user",
    ]  # fmt: skip
    assert server.bodies("/upsertContact")[0]["payload"]["traits"]["email"]
    assert [body["payload"]["type"] for body in server.bodies("/trackEvent")] == ["track"] * 3
    assert list(server.bodies("/delete")[0]["payload"]) == ["userId"]


def test_settings_go_along_with_their_defaults_and_types(run, server):
    run("--setting", "strict=yes", "--auth", "accessToken=abc-def-ghi-jkl")
    assert server.bodies("/order")[0]["settings"] == {"apiKey": KEY, "region": "eu", "strict": True}
    assert server.bodies("/order")[0]["auth"] == {"accessToken": "abc-def-ghi-jkl"}
    asked = {"apiKey": KEY, "region": "eu", "strict": True, "oauth": {"access_token": "abc-def-ghi-jkl"}}
    assert server.bodies("/authenticate")[0] == asked


def test_an_event_is_found_or_made_for_every_action(run, server):
    run()
    assert server.bodies("/order")[0]["payload"]["properties"]["order_id"]
    made = server.bodies("/refund")[0]["payload"]
    assert (made["event"], made["properties"]["reason"]) == ("Refund Asked", "sample")
    assert made["properties"]["amounts"] == {"gross": 12.5}


@pytest.mark.parametrize(
    "answer, verdict, status, said",
    [
        (exchange(202), "green", 202, ""),
        (None, "yellow", None, "asked your API for nothing"),
        (exchange(404), "red", 404, ""),
        (thrown(401, {"message": "bad token"}), "red", 401, "bad token"),
        (thrown(503, "down for tea"), "red", 503, "down for tea"),
        (thrown(501, "no groups here"), "yellow", 501, ""),
        (thrown(400, "it failed", email="should be a string"), "red", 400, "email: should be a string"),
        (thrown("what", ["odd"]), "red", 500, "odd"),
        ({"requestError": True}, "red", 500, ""),
    ],
)
def test_what_the_action_did_decides(run, server, answer, verdict, status, said):
    server.actions["upsertContact"] = lambda _: answer
    server.actions["trackEvent"] = server.actions["order"] = server.actions["refund"] = lambda _: None
    code, cases = run()
    case = cases["core-3-identify/upsertContact"]
    assert (case["verdict"], case["status"]) == (verdict, status)
    assert said in case["message"]
    assert code == (verdict == "red")


def test_requests_of_earlier_events_are_not_taken_for_this_ones(run, server):
    server.actions["trackEvent"] = lambda body: exchange() if body["payload"]["event"] == "Signed up" else None
    _, cases = run()
    assert [case["verdict"] for name, case in cases.items() if name.endswith("/trackEvent")] == [
        "green", "yellow", "yellow",
    ]  # fmt: skip


def test_refused_settings_are_red_and_say_why(run, server):
    server.log_in = {"ok": False, "error": "Credentials are invalid: 401", "fields": {"apiKey": "too short"}}
    code, cases = run()
    assert (code, cases["authenticate"]["verdict"]) == (1, "red")
    assert "Credentials are invalid: 401; apiKey: too short" in cases["authenticate"]["message"]


def test_an_action_that_is_not_there_and_a_missing_on_delete(run, server):
    del server.actions["order"], server.actions["delete"]
    code, cases = run()
    assert code == 1
    assert "knows no action “order”" in cases["sample/order"]["message"]
    assert (cases["deletion-1-user"]["verdict"], cases["deletion-1-user"]["status"]) == ("yellow", 404)


@pytest.mark.parametrize(
    "reply", [Reply(200, b"<html>hello"), Reply(200, b'{"a": 1}'), Reply(200, b""), Reply(200, b"[" * 20_000)]
)
def test_another_server_at_this_address_is_told_apart(run, server, receiver, reply):
    receiver.default = reply
    _, cases = run()
    assert verdicts(cases) == {"red"}
    assert "not what Segment’s local server answers" in cases["core-3-identify/upsertContact"]["message"]


def test_an_action_without_a_usable_trigger_is_not_run_and_colours_the_run(run):
    plan = PLAN | {"actions": [PLAN["actions"][0], {"key": "idle", "name": "Idle", "trigger": ""}]}
    code, cases = run(plan=plan)
    assert code == 1
    assert (cases["sample/idle"]["verdict"], cases["sample/idle"]["request"]) == ("not_run", None)


def test_own_events_go_only_where_they_belong(run, server, tmp_path):
    own = [{"type": "identify", "userId": "u"}, {"type": "group", "groupId": "g"}]
    (tmp_path / "own.json").write_text(json.dumps(own))
    code, cases = run("--event", str(tmp_path / "own.json"))
    assert [request.path for request in server.receiver.requests] == ["/upsertContact"]
    assert "trigger of no action" in cases["single"]["message"]
    assert code == 1


def test_advisory_groups_give_advice(run, server):
    server.actions["trackEvent"] = lambda _: thrown(500)
    code, cases = run("--group", "burst", "--group", "bad_key")
    assert list(cases) == ["authenticate", "burst-1-ten-at-once/trackEvent"]
    assert cases["burst-1-ten-at-once/trackEvent"]["verdict"] == "red"
    assert len(server.bodies("/trackEvent")) == 10
    assert code == 0
