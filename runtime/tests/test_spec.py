"""Segment's spec: triggers, paths, names, reserved fields and mappings (D28, D40)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.spec import names, triggers
from runtime.spec.events import samples
from runtime.spec.mappings import TAKES, Wanted, fit, payload, resolve
from runtime.spec.paths import MISSING, BadPath, parse
from runtime.spec.remarks import about
from runtime.spec.reserved import Kind, kind_of

ORDER = samples()["track: Order Completed"]


def field(key="order_id", type_="string", default="$.properties.order_id", required=True):
    return Wanted(key, key.title(), type_, required, default)


def texts(trigger, *fields, blocks=None):
    return [each.text for each in about(trigger, fields) if blocks in (None, each.blocks)]


# --- Triggers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ('type = "track"', True),
        ("TYPE = 'x'", None),
        ("type == 'track' AND event = 'Order Completed'", True),
        ('type = "track" and event = "Order Refunded"', False),
        ('type = "page" or event = "Order Completed"', True),
        ('type = "page" or type = "track" and event = "Nothing"', False),
        ('(type = "page" or type = "track") and $.properties.total exists', True),
        ("properties.total = 36.4", True),
        ("properties.total = 36", False),
        ("$.properties.discount = 0", True),
        ("$.properties.discount = false", False),
        ("$.properties.products[1].sku = 'TEA-GREEN'", True),
        ("$.properties['order_id'] contains '2026'", True),
        ("$.properties.nothing exists", False),
        ("not $.properties.nothing exists", True),
        ("$.properties.nothing = null", True),
        ("$.properties.nothing != 'a'", True),
        ('$.properties.coupon != "SPRING"', False),
        ('event contains "Order" and not (type = "page")', True),
        (r'event = "Order \"Completed\""', False),
    ],
)
def test_a_trigger_runs_or_not(text, runs):
    if runs is None:
        with pytest.raises(triggers.BadTrigger):
            triggers.parse(text)
    else:
        assert triggers.matches(triggers.parse(text), ORDER) is runs


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [
        ("", "part of the event", 0),
        ("type", "what to compare", 4),
        ("type =", "value belongs here", 6),
        ("type = track", "in quotes", 7),
        ('type = "track', "does not end", 7),
        ("type = “track”", "straight quotes", 7),
        ('type = "track" event = "x"', "“and” or “or”", 15),
        ('(type = "track"', "bracket is open", 15),
        ("propertis.total = 1", r"\$\.properties", 0),
        ("$.properties.total > 5", "Only =", 19),
        ("and = 1", "part of the event", 0),
        ('type = "a" and', "part of the event", 14),
        ('type = "a" ; type = "b"', "not understood", 11),
        ("not " * 30 + 'type = "a"', "too deeply", 84),
    ],
)
def test_what_is_wrong_with_a_trigger_is_said_with_its_place(text, words, at):
    with pytest.raises(triggers.BadTrigger, match=words) as caught:
        triggers.parse(text)
    assert caught.value.at == at


@given(st.text(alphabet="typeevent$.=!\"'()[]0 andornotexistscontains\\", max_size=60))
def test_whatever_is_typed_is_read_or_refused_in_words(text):
    try:
        condition = triggers.parse(text)
    except triggers.BadTrigger as problem:
        place = problem.at
    else:
        triggers.matches(condition, ORDER)
        place = 0
    assert 0 <= place <= len(text)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ('type = "track"', {"track"}),
        ('type = "identify" or type = "group"', {"identify", "group"}),
        ('event = "Order Completed"', {"track"}),
        ("$.traits.email exists", {"identify", "group"}),
        ('type = "page" and event = "X"', set()),
        ('not type = "delete"', set(triggers.TYPES) - {"delete"}),
    ],
)
def test_the_types_that_a_trigger_lets_in(text, types):
    assert set(triggers.types_of(triggers.parse(text))) == types


@pytest.mark.parametrize("title", samples())
def test_no_sample_gets_through_whose_type_is_ruled_out(title):
    event = samples()[title]
    for text in ('type = "track"', "event exists", 'not type = "page"', "$.traits exists or $.groupId exists"):
        condition = triggers.parse(text)
        assert not triggers.matches(condition, event) or event["type"] in triggers.types_of(condition)


# --- Paths and names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [("userId", "$.userId"), ("$.properties['total billed']", "$.properties['total billed']"),
     ('$.properties["a\'b"][2].x', '$.properties["a\'b"][2].x'), ("$['userId']", "$.userId")],
)  # fmt: skip
def test_a_path_is_read_and_written(text, written):
    assert str(parse(text)) == written
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text", ["", "$", "$.", "$..a", "$.userid", "$.properties[", "$[0]", "user id", "$" + ".a" * 20]
)
def test_what_is_no_path_is_refused(text):
    with pytest.raises(BadPath):
        parse(text)


@pytest.mark.parametrize(
    ("name", "standard"),
    [("Purchase", "Order Completed"), ("install", "Application Installed"), ("order_completed", "Order Completed"),
     ("OrderCompleted", "Order Completed"), ("Signed up", "Signed Up"), ("Invited Teammate", "")],
)  # fmt: skip
def test_the_standard_name_of_an_event(name, standard):
    assert names.standard_event(name) == standard


@pytest.mark.parametrize(
    ("name", "proper", "snake"),
    [("signed_up", "Signed Up", "signed_up"), ("Product Added to Wishlist", "Product Added to Wishlist",
     "product_added_to_wishlist"), ("iOS App opened", "iOS App Opened", "ios_app_opened"),
     ("userID", "User ID", "user_id")],
)  # fmt: skip
def test_names_in_the_two_ways_of_the_spec(name, proper, snake):
    assert names.proper_case(name) == proper
    assert names.snake_case(name) == snake
    assert names.is_snake_case(snake)


def test_every_standard_name_is_written_as_the_spec_writes_names():
    assert all(names.is_proper_case(name) and names.standard_event(name) == name for name in names.STANDARD_EVENTS)


# --- Mappings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [("$.properties.revenue", Kind.NUMBER), ("$.traits.createdAt", Kind.DATETIME), ("$.context.page.url", Kind.TEXT),
     ("$.properties.products", Kind.LIST), ("$.context.traits.email", Kind.TEXT), ("$.properties.mine", None),
     ("$.properties.products[0].sku", None), ("$.timestamp", Kind.DATETIME)],
)  # fmt: skip
def test_reserved_fields_have_a_type(path, kind):
    assert kind_of(parse(path)) == kind


def test_the_payload_of_a_sample_event():
    fields = [
        field(), field("total", "number", "$.properties.total"), field("kind", default="order"),
        field("list_id", default="", required=False), field("gone", default="$.properties.gone", required=False),
    ]  # fmt: skip
    assert payload(resolve(fields, ORDER)) == {"order_id": "o-2026-118", "total": 36.4, "kind": "order"}


def test_what_a_field_cannot_get_is_said():
    got = resolve([field(default="$.properties.gone"), field("n", "number", "$.properties.order_id")], ORDER)
    assert [(each.is_there, bool(each.problem)) for each in got] == [(False, True), (True, True)]


@pytest.mark.parametrize(
    ("type_", "value", "fitted"),
    [("number", "12", 12), ("number", "1.5", 1.5), ("number", "nan", MISSING), ("number", True, MISSING),
     ("integer", 3.0, 3), ("integer", 3.5, MISSING), ("boolean", "true", True), ("boolean", 1, MISSING),
     ("string", 5, "5"), ("string", True, "true"), ("string", {}, MISSING),
     ("object", [1], [1]), ("object", "a", MISSING),
     ("datetime", "2026-03-04T17:30:00.000Z", "2026-03-04T17:30:00.000Z"), ("datetime", "soon", MISSING)],
)  # fmt: skip
def test_a_value_is_made_to_fit_its_type(type_, value, fitted):
    assert fit(value, type_) is fitted or fit(value, type_) == fitted


# --- Remarks -----------------------------------------------------------------------------------------


def test_a_good_action_has_no_remark():
    assert (
        texts('type = "track" and event = "Order Completed"', field(), field("total", "number", "$.properties.total"))
        == []
    )


@pytest.mark.parametrize(
    ("trigger", "of", "words", "blocks"),
    [
        ("", None, "on which events", True),
        ("type =", None, r"at character 7", True),
        ('type = "click"', None, "no type “click”", True),
        ('type = "page" and event = "X"', None, "No event can meet", True),
        ('type = "track" and event = "Purchase"', None, "“Order Completed”", True),
        ('type = "track" and event = "install"', None, "“Application Installed”", True),
        ('type = "track" and event = "signed up"', None, "like “Signed Up”", False),
        ('type = "track" and event = "my_event"', None, "like “My Event”", False),
        ("$.userId exists", None, "every type of event", False),
        ("$.properties.orderId exists", None, "“order_id”", True),
        ("$.properties.myThing exists", None, "snake_case", False),
        ('type = "identify"', field(default="$.traits.first_name"), "“firstName”", False),
        ('type = "track"', field(default="$.propertis.total"), r"\$\.properties", True),
        ('type = "track"', field(default="$.traits.email"), r"\$\.context\.traits\.email", True),
        ('type = "track" or type = "identify"', field(default="$.traits.email"), "track events have no traits", False),
        ('type = "track"', field("total", "boolean", "$.properties.total"), "is a number", True),
        ('type = "track"', field("total", "number", "twelve"), "does not fit its type", True),
        ('type = "track"', field("key", "password", "$.properties.key"), "no secrets", True),
        ('type = "track"', field("key", "password", "abc"), "Make it a setting", True),
        ('type = "track"', field(default=""), "has no default", False),
        ('type = "track"', field(default="$.properties.shop_floor"), "none of the sample events", False),
    ],
)  # fmt: skip
def test_what_the_spec_has_to_say(trigger, of, words, blocks):
    found = [each for each in about(trigger, [of] if of else []) if each.blocks is blocks]
    assert any(re.search(words, each.text) for each in found), found


def test_every_type_of_a_field_takes_something():
    assert all(TAKES.values())
