"""Reading setting values from text, by type (D8)."""

import pytest
from django.core.exceptions import ValidationError

from apps_catalog.customer_form import CustomerForm
from apps_catalog.models import Component, Setting
from testbench.forms import SuiteForm
from testbench.values import installed_with, missing, read_value, remember, remembered


@pytest.mark.parametrize(
    "kind, text, value",
    [
        ("string", " a b ", "a b"),
        ("password", " s ", "s"),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("number", "10", 10),
        ("number", "2.5", 2.5),
        ("array", "one\n two \n\n", ["one", "two"]),
        ("array", '["one", 2]', ["one", 2]),
        ("text-map", '{"a": "b"}', {"a": "b"}),
        ("map", '{"a": 1}', {"a": 1}),
        ("mixed", "[1]", [1]),
        ("text-map", "a = b", {"a": "b"}),
        ("string", "", ""),
        ("number", " ", None),
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
     ("string", "x" * 5001), ("mixed", "plain"), ("color", "reddish")],
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


def test_a_choice_is_sent_as_itself():
    setting = Setting(key="x", type="select", choices=[{"value": 5, "label": "Five"}, True])
    assert (read_value(setting, "5"), read_value(setting, "True")) == (5, True)


REGION = Setting(key="region", label="Region", default="us")
HOST = Setting(key="host", label="Host", required=True, visible_if={"key": "region", "value": "eu"})
USED = [REGION, HOST, Setting(key="n", type="number"), Setting(key="b", type="boolean")]


@pytest.mark.parametrize(
    ("given", "sent", "lacking"),
    [
        ({}, {"region": "us", "host": "", "b": False}, []),
        ({"region": "eu"}, {"region": "eu", "host": "", "b": False}, [HOST]),
        ({"region": "eu", "host": "h", "n": 3}, {"region": "eu", "host": "h", "n": 3, "b": False}, []),
        # What is hidden is sent like an untouched field.
        ({"region": "us", "host": "h"}, {"region": "us", "host": "", "b": False}, []),
        ({"region": None, "gone": 1}, {"host": "", "b": False}, []),
    ],
)
def test_what_is_sent_is_what_an_install_sends(given, sent, lacking):
    values = installed_with(USED, given)
    assert values == sent
    assert missing(USED, values) == lacking


@pytest.mark.django_db
def test_the_form_of_a_run_sends_what_the_form_of_a_customer_sends(app, webhook):
    """Hidden, emptied, chosen and secret settings alike."""
    settings = list(app.settings.all())
    settings += [
        app.settings.create(key="cloud", label="Cloud", type="select", choices=[1, 2], position=20),
        app.settings.create(key="zone", label="<Zone>", required=True, position=21,
                            visible_if={"key": "cloud", "value": 2}),
        app.settings.create(key="size", label="Size", type="number", default=3, position=22),
        app.settings.create(key="tint", label="Tint", type="color", default="#fff", position=23),
    ]  # fmt: skip
    for typed in ({"cloud": "1", "zone": "typed before"}, {"cloud": "2", "zone": "z", "size": "4", "tint": " #000 "}):
        filled = {"apiKey": " k ", "region": "eu", "pin": "1234"} | typed
        run = SuiteForm(webhook, {key if key == "apiKey" else f"setting-{key}": filled[key] for key in filled})
        customer = CustomerForm({f"preview-{key}": filled[key] for key in filled}, settings=settings)
        assert run.is_valid(), run.errors
        assert customer.is_valid(), customer.errors
        assert run.values() == customer.values()
    assert "Only sent as typed if Cloud is 2." in str(run["setting-zone"].help_text)
    assert not SuiteForm(webhook, {"apiKey": "k", "setting-cloud": "2"}).is_valid()


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
