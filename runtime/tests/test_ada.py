"""The story that “a week of Ada” plays."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from runtime.ada import WEEK, calls_of, week
from runtime.intake import read_calls

END = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEEDS = [f"{number:08x}" for number in range(60)]


def test_the_same_seed_is_the_same_week_and_another_one_is_not():
    assert week("seed", END) == week("seed", END)
    assert week("seed", END) != week("other", END)


@pytest.mark.parametrize("seed", SEEDS)
def test_she_uses_every_type_of_call_within_her_week_and_in_order(seed):
    days = week(seed, END)
    calls = calls_of(days)
    times = [datetime.fromisoformat(call["timestamp"]) for call in calls]

    assert len(days) == 7
    assert all(day.calls for day in days)
    assert {call["type"] for call in calls} == {"page", "screen", "identify", "track", "group", "alias"}
    assert len({call["messageId"] for call in calls}) == len(calls)
    assert times == sorted(times)
    assert END - WEEK < times[0] < times[-1] < END
    for day in days:
        begins = datetime.fromisoformat(day.calls[0]["timestamp"])
        assert day.number == (begins - (END - WEEK)) // timedelta(days=1) + 1


def test_nobody_knows_her_before_she_signs_up():
    first, second, *rest = week("seed", END)

    assert all("userId" not in call for call in first.calls)
    assert "userId" in second.calls[-1]
    assert all(call["userId"] == "ada-seed" for day in rest for call in day.calls)


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_intake_takes_all_of_it_with_the_times_it_happened(seed):
    calls = calls_of(week(seed, END))
    body = json.loads(json.dumps({"batch": calls, "sentAt": END.isoformat()}))

    taken = read_calls("batch", body, received_at=END, ip="").calls

    assert [call.fault for call in taken] == [""] * len(calls)
    assert [call.event["timestamp"] for call in taken] == [call["timestamp"] for call in calls]
    assert {call.event["channel"] for call in taken} >= {"server"}


def test_orders_add_up():
    ordered = [call for call in calls_of(week("seed", END)) if call.get("event") == "Order Completed"]

    assert len(ordered) == 2
    for call in ordered:
        paid = call["properties"]
        assert paid["value"] == pytest.approx(sum(each["price"] * each["quantity"] for each in paid["products"]))
