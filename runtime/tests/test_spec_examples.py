"""An event that an action runs on: found among the samples, or made."""

from copy import deepcopy

import pytest

from runtime.spec.events import samples
from runtime.spec.examples import example
from runtime.spec.mappings import Wanted, payload, resolve
from runtime.spec.triggers import matches, parse


def wanted(key, kind="string", default="$.userId"):
    return Wanted(key, key, kind, True, default)


def made(trigger, *fields, name="Send it"):
    return example(name, parse(trigger), fields)


def test_a_sample_that_has_everything_is_preferred():
    event = made('type = "track"', wanted("total", "number", "$.properties.total"))
    assert event["event"] == "Order Completed"
    assert event == next(each for each in samples().values() if each.get("event") == "Order Completed")


def test_what_is_missing_is_made_from_trigger_and_fields():
    fields = [
        wanted("sum", "number", "$.properties.money.gross"),
        wanted("on", "boolean", "$.properties.is_on"),
        wanted("when", "datetime", "$.properties.at"),
        wanted("fixed", "string", "always this"),
    ]
    event = example(
        "x", parse('event = "Refund Asked" and $.properties.reason exists and $.context.vip = true'), fields
    )
    assert (event["type"], event["event"]) == ("track", "Refund Asked")
    assert event["context"]["vip"] is True
    assert payload(resolve(fields, event)) == {
        "sum": 12.5, "on": True, "when": "2026-03-04T17:30:00.000Z", "fixed": "always this",
    }  # fmt: skip


@pytest.mark.parametrize(
    "trigger",
    [
        'type = "page"', 'type = "alias"', 'type = "delete"', 'type = "group" and $.groupId = "g"', 'event = "A"',
        'not type = "track"', '$.traits.plan = "gold"', "$.properties['total billed'] exists", "name contains \"ome\"",
        'type = "screen" or $.properties.never = 1', '(type = "identify" and $.traits.age = 7) or event = "B"',
    ],
)  # fmt: skip
def test_whatever_is_made_meets_the_trigger(trigger):
    assert matches(parse(trigger), made(trigger))


@pytest.mark.parametrize(
    "trigger", ['type = "track" and type = "page"', '$.properties.list[3].sku = "a"', 'event = "A" and event = "B"']
)
def test_what_cannot_be_is_not_made(trigger):
    assert made(trigger) is None


def test_it_is_the_same_each_time_and_ours_to_change():
    before = deepcopy(samples())
    first, second = made('event = "A"'), made('event = "A"')
    assert first == second
    made('type = "identify"')["traits"]["email"] = "changed"
    assert samples() == before
