import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

import pytest

from runtime.events import timestamp
from runtime.samples import BURST, GROUPS, WRONG_KEYS, burst_events, core_events, delete_event, suite_cases

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
COMMON = {
    *("type", "messageId", "channel", "context", "integrations", "originalTimestamp", "sentAt", "receivedAt"),
    *("timestamp", "projectId", "version"),
}


@pytest.fixture
def cases():
    numbers = count(1)
    return suite_cases(lambda: NOW, lambda: f"{next(numbers):08d}-id")


@pytest.fixture
def core(cases):
    return cases[:8]


@pytest.fixture
def of(cases):
    """The events of a group."""
    return lambda group: [case.event for case in cases if case.group == group]


def test_the_eight_come_first_in_the_originals_order(cases):
    assert [case.id for case in cases[:9]] == [
        "core-1-page-home",
        "core-2-page-signup",
        "core-3-identify",
        "core-4-track-signed-up",
        "core-5-group",
        "core-6-track-integration-enabled",
        "core-7-track-invited-teammate",
        "core-8-screen-home",
        "deletion-1-user",
    ]
    assert [case.group for case in cases[:9]] == ["core"] * 8 + ["deletion"]
    assert [case.type for case in cases] == [case.event["type"] for case in cases]


def test_the_notable_data_of_d26_is_there(core):
    events = [case.event for case in core]

    assert [events[0]["name"], events[1]["name"], events[7]["name"]] == ["Home", "Signup", "Home"]
    assert all(event["properties"]["url"].startswith("https://") for event in events[:2])
    assert set(events[2]["traits"]) == {"email", "first_name", "last_name", "phone"}
    assert [events[index]["event"] for index in (3, 5, 6)] == ["Signed up", "Integration Enabled", "Invited Teammate"]
    assert "referrer" in events[3]["properties"]
    assert events[4]["groupId"] == "myUsers"
    assert {"name", "industry", "employees", "plan"} < set(events[4]["traits"])
    assert any(" " in key for key in events[4]["traits"])
    assert "name" in events[5]["properties"]
    assert "email" in events[6]["properties"]
    assert "variation" in events[7]["properties"]


def test_the_visitor_is_anonymous_first_and_known_later(core):
    assert ["userId" in case.event for case in core] == [False, False] + [True] * 6
    assert len({case.event["anonymousId"] for case in core}) == 1
    assert len({case.event["userId"] for case in core[2:]}) == 1


def test_common_fields_are_always_there(cases):
    for case in cases:
        bare = {"channel", "context", "integrations"} if case.group == "missing_fields" else set()
        assert set(case.event) >= COMMON - bare
        assert json.loads(json.dumps(case.event, allow_nan=False)) == case.event


def test_delete_is_what_d34_says(cases):
    event = cases[8].event

    assert event["type"] == "delete"
    assert event["channel"] == "server"
    assert event["messageId"].startswith("delete-")
    assert event["context"] is None
    assert event["integrations"] is None
    assert event["userId"] == cases[2].event["userId"]
    assert "anonymousId" not in event


def test_times_are_in_order_and_in_the_past(core):
    times = [datetime.fromisoformat(case.event["originalTimestamp"]) for case in core]

    assert times == sorted(set(times))
    assert NOW - timedelta(minutes=1) < times[0]
    assert times[-1] < NOW
    for case in core:
        assert case.event["originalTimestamp"] < case.event["sentAt"] < case.event["receivedAt"] <= timestamp(NOW)


def test_every_run_is_new_and_every_case_keeps_its_id():
    first, second = suite_cases(), suite_cases()

    assert [case.id for case in first] == [case.id for case in second]
    assert len({case.event["messageId"] for case in first + second}) == 2 * (len(first) - 1)  # one is a duplicate
    assert all(len(case.event["messageId"]) < 100 for case in first)  # D29
    assert first[2].event["userId"] != second[2].event["userId"]
    assert first[2].event["traits"]["email"] != second[2].event["traits"]["email"]


def test_cases_explain_themselves(cases):
    for case in cases:
        assert case.name
        assert case.purpose.endswith(".")
        assert case.expectation.endswith(".")
        assert len(case.name) <= 60
    assert len({case.name for case in cases}) == len({case.id for case in cases}) == len(cases)


def test_groups_can_be_built_alone():
    assert len(core_events()) == 8
    assert delete_event(project_id="p").event["projectId"] == "p"


def test_timestamps_are_utc_with_milliseconds():
    at = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=timezone(timedelta(hours=2)))

    assert timestamp(at) == "2026-01-02T01:04:05.678Z"
    with pytest.raises(ValueError, match="time zone"):
        timestamp(at.replace(tzinfo=None))


# The groups that give advice


def test_groups_come_in_their_order_and_two_are_required(cases):
    assert list(dict.fromkeys(case.group for case in cases)) == list(GROUPS)
    assert [group.name for group in GROUPS.values() if group.required] == ["core", "deletion"]
    assert 28 <= len(cases) <= 36
    for group in GROUPS.values():
        assert group.title
        assert group.proves.endswith(".")
        assert group.advice.endswith(".")


def test_ids_say_group_and_number(cases):
    for name in GROUPS:
        ids = [case.id for case in cases if case.group == name]
        prefix = name.replace("_", "-")
        assert all(id_.startswith(f"{prefix}-{number}-") for number, id_ in enumerate(ids, start=1))


def test_advice_is_about_another_person_than_the_one_who_was_deleted(cases):
    deleted = cases[8].event["userId"]
    assert all(case.event.get("userId") != deleted for case in cases[9:])


def test_alias_joins_two_different_ids(of):
    for event in of("alias"):
        assert event["previousId"] != event["userId"]


def test_a_wrong_key_is_there_for_each_case_that_expects_to_be_refused(cases):
    refused = {case.id for case in cases if case.expects == "unauthorized"}
    assert refused == set(WRONG_KEYS) == {case.id for case in cases if case.group == "bad_key"}


def test_a_duplicate_is_the_same_to_the_last_byte(of):
    first, second = of("duplicate")
    assert json.dumps(first) == json.dumps(second)


def test_disorder_goes_back_in_time(of):
    events = of("out_of_order")
    times = [event["timestamp"] for event in events[:3]]
    assert times == sorted(times, reverse=True)
    assert events[-1]["type"] == "delete"
    assert events[-1]["timestamp"] < events[0]["timestamp"]


def test_bare_events_have_one_id_and_no_optional_field(of):
    for event in of("missing_fields"):
        assert ("userId" in event) != ("anonymousId" in event)
        assert not {"context", "traits", "properties", "name", "integrations", "channel"} & set(event)


def test_casing_comes_in_three_styles(of):
    keys = ["".join(event["properties"]) for event in of("casing")]
    assert ["_" in key for key in keys] == [False, True, False]
    assert [" " in key for key in keys] == [False, False, True]


def test_odd_text_is_odd_but_has_no_null_character(of):
    text = json.dumps(of("unicode"), ensure_ascii=False)
    assert "\\u0000" not in text
    assert any(ord(char) > 0xFFFF for char in text)
    assert "\u0301" in text  # a combining accent
    assert "\\u0007" in text
    assert "ش" in text
    assert len(of("unicode")[3]["event"]) == 500


def test_the_large_event_is_just_under_the_limit():
    for _ in range(3):
        event = next(case.event for case in suite_cases() if case.group == "large")
        size = len(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode())
        assert 32_000 < size < 32 * 1024  # D37


def test_a_burst_is_the_same_ten_events_whenever_it_is_made(of):
    (event,) = of("burst")
    events = burst_events(event)
    assert events == burst_events(event)
    assert len({each["messageId"] for each in events}) == BURST == 10
    assert all(len(each["messageId"]) < 100 for each in events)
