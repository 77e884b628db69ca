"""The first half: access, the first green test, the partner's own endpoint."""

import json
import re
import time

from playwright.sync_api import expect

from tests.journey import access, building, desk
from tests.journey.people import Person
from tests.journey.story import APP, COMPANY, KEY, SLUG, Story
from tests.services.receiver import Reply, Request

MINUTE = 60

# --- 1 and 2: access --------------------------------------------------------------------------------


def newcomer_asks_for_access(alice: Person) -> None:
    alice.go("/")
    alice.screenshot("home")
    alice.follow("Sign up")
    alice.screenshot("sign-up")
    alice.sign_up()
    alice.go("/")
    alice.follow("Request access")
    access.fill_survey(alice, COMPANY)
    access.wait_until_saved(alice)
    alice.screenshot("apply")
    alice.new_tab()
    alice.go("/apply/")
    access.expect_answers(alice, COMPANY)
    access.accept_both_documents(alice)
    alice.press("Send the request")
    alice.sees(re.compile("You have our answer by"))
    alice.screenshot("request-status")
    assert "You will have our answer by" in alice.mail.read("received your request").text()


def reviewer_approves_the_company(rita: Person) -> None:
    rita.log_in()
    rita.screenshot("desk-access")
    desk.open_from_queue(rita, COMPANY, "Access request")
    access.judge_all_met(rita)
    rita.screenshot("vetting")
    rita.press("Approve", exact=True)
    rita.sees("Done: the request is approved.")


def partner_is_welcomed(alice: Person) -> None:
    alice.go(alice.mail.link("Welcome", containing="/company/"))
    alice.sees(COMPANY)
    alice.screenshot("company")


# --- 3 and 4: the App and its webhook ---------------------------------------------------------------


def first_green_test_takes_less_than_a_minute(alice: Person) -> None:
    alice.follow("Apps")
    alice.follow("Create an App")
    name = alice.page.get_by_label("Name of the App")
    building.create_app(alice, "Brightlооp")  # two Cyrillic letters
    alice.is_told("The name mixes alphabets that look alike.")
    expect(name).to_have_value("Brightlооp")
    name.fill("")
    name.press_sequentially(APP)
    alice.sees(f"Its address will be: {SLUG}")
    alice.screenshot("new-app")
    created = time.monotonic()
    alice.press("Create the App")
    alice.screenshot("components")
    alice.press("Save and set up the component")
    alice.screenshot("webhook")
    alice.follow("Test Suite")
    building.run_suite(alice, SLUG, KEY)
    assert building.verdicts(alice) == ["Passed"] * building.EVENTS
    assert time.monotonic() - created < MINUTE


def own_endpoint_is_tested(alice: Person, story: Story) -> None:
    receiver = story.receiver
    receiver.default = Reply(401)
    building.set_endpoint(alice, SLUG, story.endpoint)
    alice.go(f"/apps/{SLUG}/test/")
    alice.sees("What this run tested changed since: the endpoint.")
    alice.screenshot("suite-stale")

    building.run_suite(alice, SLUG, KEY)
    assert building.verdicts(alice) == ["Failed"] * building.EVENTS
    opened = building.open_row(alice, 2)
    expect(opened).to_contain_text("The endpoint says that the API key is malformed, expired or unknown.")
    expect(opened).to_contain_text("It arrives as the user name of Basic authorization")
    alice.screenshot("run-red")
    assert building.authorizations(receiver) == [building.basic(KEY)] * building.EVENTS

    receiver.clear()
    receiver.default = without_groups
    building.run_suite(alice, SLUG, KEY)
    assert building.verdicts(alice) == ["Passed"] * 4 + ["Not supported"] + ["Passed"] * 4
    assert building.authorizations(receiver) == [building.basic(KEY)] * building.EVENTS
    alice.screenshot("run-yellow")


def without_groups(request: Request) -> Reply:
    return Reply(501 if json.loads(request.body)["type"] == "group" else 200)


def one_event_is_edited_and_sent(alice: Person, story: Story) -> None:
    story.receiver.clear()
    event = {"type": "track", "event": "Loop Closed", "userId": "u-1", "properties": {"loops": 3}}
    alice.go(f"/apps/{SLUG}/test/send/")
    box = alice.page.get_by_label("Event", exact=True)
    broken = box.input_value().rstrip().removesuffix("}")
    box.fill(broken)
    alice.page.get_by_label("API Key", exact=True).fill(KEY)
    alice.press("Send this event")
    alice.is_told("This is not valid JSON")
    expect(box).to_have_value(broken)
    alice.page.get_by_label("API Key", exact=True).fill(KEY)
    box.fill(json.dumps(event))
    alice.press("Send this event")
    sent = story.receiver.wait_for(1)
    assert [json.loads(request.body) for request in sent] == [event]
    alice.sees("200 OK")
    alice.screenshot("single-sent")
