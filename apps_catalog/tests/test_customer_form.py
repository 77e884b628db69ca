import base64
import json

import pytest

from apps_catalog.customer_form import CustomerForm
from apps_catalog.models import Setting
from apps_catalog.setting_sending import sent_with

CANARY = "canary-c0ffee-12345"


def make(key, kind="string", **columns):
    return Setting(key=key, label=key.title(), type=kind, **columns)


def form_for(settings, **values):
    return CustomerForm({f"preview-{key}": value for key, value in values.items()}, settings=settings)


def test_it_is_sent_as_the_contract_says():
    """D10: the API key in Authorization, everything else in X-Segment-Settings."""
    settings = [
        make("apiKey", required=True, sensitive=True),
        make("customSettingOne"),
        make("level", "select", choices=[{"value": 5, "label": "Five"}, "six"]),
    ]
    form = form_for(settings, apiKey="abcd1234", customSettingOne="custom setting value", level="5")
    assert form.is_valid()
    sent = sent_with(settings, form.values())
    assert sent.authorization == "****:"
    assert json.loads(sent.settings) == {"customSettingOne": "custom setting value", "level": 5}
    assert json.loads(base64.b64decode(dict(sent.headers)["X-Segment-Settings"])) == json.loads(sent.settings)


@pytest.mark.parametrize(
    ("kind", "typed"), [("string", CANARY), ("password", CANARY), ("array", CANARY), ("map", f'{{"a": "{CANARY}"}}')]
)
def test_a_secret_goes_in_and_never_out(kind, typed):
    settings = [make("apiKey", sensitive=True), make("token", kind, sensitive=True)]
    form = form_for(settings, apiKey=CANARY, token=typed)
    assert form.is_valid()
    shown = repr(sent_with(settings, form.values())) + str(form)
    assert "canary" not in shown
    assert base64.b64encode(f"{CANARY}:".encode()).decode() not in shown


def test_what_is_hidden_is_not_required_and_has_its_default():
    settings = [
        make("region"),
        make("host", required=True, default="eu.example", visible_if={"key": "region", "value": "eu"}),
    ]
    assert not form_for(settings, region="eu", host="").is_valid()
    form = form_for(settings, region="us", host="typed before")
    assert form.is_valid()
    assert form.values() == {"region": "us", "host": "eu.example"}


def test_a_default_that_is_taken_out_is_gone():
    settings = [make("n", "number", default=3), make("l", "array", default=["a"]), make("c", "color", default="#fff"),
                make("s", default="x")]  # fmt: skip
    form = form_for(settings, n="", l="", c="", s="")
    assert form.is_valid()
    assert form.values() == {"c": "", "s": ""}


def test_patterns_are_asked_of_texts_that_are_filled_in():
    settings = [make("host", pattern=r"[a-z]+\.example", hint="As in acme.example."), make("other", pattern="a+")]
    form = form_for(settings, host="Acme", other="")
    assert form.errors == {"host": ["This does not look like a valid Host. As in acme.example."]}
    assert form_for(settings, host="acme.example").is_valid()


def test_a_pattern_that_explodes_holds_nobody_up(monkeypatch):
    monkeypatch.setattr("apps_catalog.setting_patterns.matches.__kwdefaults__", {"seconds": 0.3})
    form = form_for([make("host", pattern="(a+)+$")], host="a" * 40 + "!")
    assert "could not be checked in time" in str(form.errors)


def test_html_in_a_setting_is_text():
    form = CustomerForm(settings=[make("host", hint="<img src=x>", choices=["<b>"])])
    assert "<img" not in str(form)


def test_too_much_for_a_header_is_refused():
    settings = [make("apiKey"), make("text")]
    form = form_for(settings, apiKey="k", text="x" * 4_999)
    assert form.is_valid()
    with pytest.raises(Exception, match="too long"):
        sent_with([*settings, make("more")], {**form.values(), "more": "x" * 4_999})
