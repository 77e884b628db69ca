import pytest
from django.core.exceptions import ValidationError

from apps_catalog.models import Setting
from apps_catalog.setting_conditions import (
    check_condition,
    circle_in_words,
    circles,
    dependants,
    in_words,
    shown_keys,
)


def setting(key, visible_if=None, kind="string"):
    return Setting(key=key, label=key.title(), type=kind, visible_if=visible_if)


def when(key, operator="equals", value="yes"):
    return {"key": key, "operator": operator, "value": value}


REGION = setting("region")


@pytest.mark.parametrize(
    ("condition", "value", "is_shown"),
    [
        (when("region"), "yes", True),
        (when("region"), "no", False),
        (when("region", "not_equals"), "no", True),
        ({"key": "region", "value": "yes"}, "yes", True),
        ({"key": "region", "operator": "filled"}, "", False),
        ({"key": "region", "operator": "filled"}, "x", True),
        ({"key": "region", "operator": "empty"}, None, True),
        # What cannot be understood hides nothing.
        (when("nowhere"), "no", True),
        (when("region", "matches"), "no", True),
        ("always", "no", True),
        ({"key": "region", "and": []}, "no", True),
    ],
)
def test_who_is_shown(condition, value, is_shown):
    shown = shown_keys([REGION, setting("host", condition)], {"region": value})
    assert ("host" in shown) is is_shown


@pytest.mark.parametrize(
    ("kind", "wanted", "value"), [("boolean", True, True), ("boolean", "false", False), ("number", "10", 10)]
)
def test_values_are_compared_as_they_are_typed(kind, wanted, value):
    settings = [setting("region", kind=kind), setting("host", when("region", value=wanted))]
    assert "host" in shown_keys(settings, {"region": value})


def test_what_hangs_on_a_hidden_one_is_hidden():
    settings = [REGION, setting("host", when("region")), setting("port", {"key": "host", "operator": "filled"})]
    assert shown_keys(settings, {"region": "no", "host": "typed before"}) == {"region"}


def test_a_circle_that_came_with_an_import_hides_nothing_forever():
    one, two = setting("one", when("two")), setting("two", when("one"))
    assert shown_keys([one, two], {"one": "yes", "two": "yes"}) == {"one", "two"}


@pytest.mark.parametrize(
    ("key", "condition", "words"),
    [
        ("host", when("nowhere"), "exists"),
        ("host", when("host"), "about itself"),
        ("region", when("port"), "Region → Port → Host → Region"),
    ],
)
def test_what_cannot_be_is_refused(key, condition, words):
    settings = [REGION, setting("host", when("region")), setting("port", when("host"))]
    with pytest.raises(ValidationError, match=words):
        check_condition(key, condition, settings)


def test_a_chain_is_fine_and_said_in_words():
    host = setting("host", when("region"))
    check_condition(None, when("host"), [REGION, host])
    assert in_words(host, [REGION, host]) == "Region is yes"
    assert in_words(setting("x", {"key": "region", "operator": "empty"}), [REGION]) == "Region is empty"
    assert dependants("region", [REGION, host]) == [host]


def test_every_circle_is_found_once_from_its_first_setting():
    settings = [
        setting("lead", when("b")), setting("a", when("c")), setting("b", when("a")), setting("c", when("b")),
        setting("own", when("own")), REGION, setting("host", when("region")), setting("odd", when("nowhere")),
    ]  # fmt: skip
    assert [[each.key for each in circle] for circle in circles(settings)] == [["a", "c", "b"], ["own"]]
    words = [circle_in_words(circle) for circle in circles(settings)]
    assert words == ["This goes round in a circle: A → C → B → A.", "“Own” decides about itself."]


def test_long_chains_are_walked_once():
    chain = [setting(f"s{number}", when(f"s{number + 1}")) for number in range(20_000)]
    assert circles(chain) == []
    assert len(circles([*chain, setting("s20000", when("s0"))])[0]) == 20_001
