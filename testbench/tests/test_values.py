"""Reading setting values from text, by type (D8)."""

import pytest
from django.core.exceptions import ValidationError

from apps_catalog.models import Component, Setting
from testbench.values import read_value, remember, remembered, value_when_empty


@pytest.mark.parametrize(
    "kind, text, value",
    [
        ("string", "a b", "a b"),
        ("password", " s ", " s "),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("number", "10", 10),
        ("number", "2.5", 2.5),
        ("array", "one\n two \n\n", ["one", "two"]),
        ("array", '["one", 2]', ["one", 2]),
        ("text-map", '{"a": "b"}', {"a": "b"}),
        ("map", '{"a": 1}', {"a": 1}),
        ("mixed", "[1]", [1]),
        ("mixed", "plain", "plain"),
        ("color", "#fff", "#fff"),
        ("select", "anything", "anything"),
    ],
)
def test_each_type_is_read(kind, text, value):
    read = read_value(Setting(key="x", type=kind), text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    "kind, text",
    [("boolean", "maybe"), ("number", "ten"), ("number", "nan"), ("number", "inf"), ("map", "[1]"), ("map", "{"),
     ("string", "x" * 5001), ("array", "[1,")],
)  # fmt: skip
def test_what_does_not_fit_is_refused(kind, text):
    with pytest.raises(ValidationError):
        read_value(Setting(key="x", type=kind), text)


@pytest.mark.parametrize("choices", [["eu", "us"], [{"value": "eu", "label": "Europe"}, {"value": "us"}]])
def test_a_choice_is_one_of_its_options(choices):
    setting = Setting(key="x", type="select", choices=choices)
    assert read_value(setting, "eu") == "eu"
    with pytest.raises(ValidationError, match="eu, us"):
        read_value(setting, "mars")


def test_empty_optional_settings_have_their_default():
    assert value_when_empty(Setting(type="string")) == ""
    assert value_when_empty(Setting(type="string", default="x")) == "x"
    assert value_when_empty(Setting(type="boolean")) is False
    assert value_when_empty(Setting(type="number")) is None


@pytest.mark.django_db
def test_values_are_remembered_sealed_and_forgotten(webhook):
    remember(webhook, {"apiKey": "very-secret"})
    fresh = Component.objects.get(pk=webhook.pk)
    assert "very-secret" not in fresh.test_settings_sealed
    assert remembered(fresh) == {"apiKey": "very-secret"}
    remember(fresh, {})
    assert remembered(Component.objects.get(pk=webhook.pk)) == {}


@pytest.mark.django_db
def test_values_under_a_lost_key_count_as_forgotten(webhook, settings):
    remember(webhook, {"apiKey": "k"})
    settings.VAULT_KEYS = "other:" + "A" * 43
    assert remembered(webhook) == {}
