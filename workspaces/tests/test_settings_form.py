"""The settings of a destination: what is asked for, what stays, and what never comes out again (D9)."""

import pytest
from django.http import QueryDict

from apps_catalog.models import Setting
from workspaces.installing import Installable
from workspaces.settings_form import SettingsForm

SECRET = "sk-live-1234567890"


def setting(key, **values):
    values = {"label": key.title(), "type": "string", "choices": [], "pattern": "", "components": []} | values
    return Setting(key=key, **values)


def installed(*settings):
    key = setting("apiKey", label="API Key", required=True, sensitive=True)
    return Installable(None, 1, [key, *settings], ("subscription_webhook",))


def sent(**values):
    data = QueryDict(mutable=True)
    for key, value in {"_revision": "0", **values}.items():
        data[f"settings-{key}"] = value
    return data


def test_a_new_form_shows_defaults_and_asks_for_the_key():
    form = SettingsForm(installed=installed(setting("region", default="us")))

    assert form.initial["region"] == "us"
    assert form.fields["apiKey"].required
    assert "_clear_apiKey" not in form.fields


def test_a_saved_secret_is_not_shown_and_kept_when_left_empty():
    saved = {"apiKey": SECRET, "region": "eu"}
    form = SettingsForm(installed=installed(setting("region", default="us")), saved=saved)
    assert SECRET not in form.as_p()
    assert "eu" in form.as_p()

    form = SettingsForm(sent(region="us"), installed=installed(setting("region")), saved=saved)
    assert form.is_valid(), form.errors
    assert form.values() == {"apiKey": SECRET, "region": "us"}


def test_a_saved_secret_is_replaced_by_what_is_typed():
    form = SettingsForm(sent(apiKey="new"), installed=installed(), saved={"apiKey": SECRET})

    assert form.is_valid()
    assert form.values() == {"apiKey": "new"}


def test_only_a_secret_that_is_not_required_can_be_taken_away():
    parts = installed(setting("token", type="password", sensitive=True))
    saved = {"apiKey": SECRET, "token": SECRET}
    form = SettingsForm(sent(_clear_token="on", _clear_apiKey="on"), installed=parts, saved=saved)

    assert form.is_valid()
    assert form.values() == {"apiKey": SECRET, "token": ""}
    assert [bool(row["clear"]) for row in form.rows] == [False, True]


def test_a_key_that_was_never_saved_is_asked_for():
    form = SettingsForm(sent(), installed=installed(), saved={})

    assert not form.is_valid()
    assert "apiKey" in form.errors


def test_what_a_condition_hides_is_not_asked_for():
    parts = installed(
        setting("mode", default="plain"),
        setting("token", required=True, sensitive=True, visible_if={"key": "mode", "value": "signed"}),
    )
    assert SettingsForm(sent(apiKey="k", mode="plain"), installed=parts).is_valid()
    assert not SettingsForm(sent(apiKey="k", mode="signed"), installed=parts).is_valid()


def test_settings_may_be_called_like_anything():
    """No key takes the place of a field of ours."""
    form = SettingsForm(sent(apiKey="k", revision="r"), installed=installed(setting("revision")))

    assert form.is_valid()
    assert form.values() == {"apiKey": "k", "revision": "r"}
    assert form.revision == 0


def test_what_does_not_fit_into_a_header_is_refused():
    form = SettingsForm(sent(apiKey="k", a="x" * 4900, b="x" * 4900), installed=installed(setting("a"), setting("b")))

    assert not form.is_valid()
    assert "too long" in str(form.non_field_errors())


@pytest.mark.parametrize("typed", ["x" * 100_000, "a\u0000b"])
def test_a_bad_key_is_refused_kindly(typed):
    assert not SettingsForm(sent(apiKey=typed), installed=installed()).is_valid()


class Saved:
    def __init__(self, values):
        self.values = values

    def open_values(self):
        return self.values


def test_differences_name_no_secret():
    parts = installed(setting("region"))
    form = SettingsForm(sent(apiKey="mine-1", region="us"), installed=parts, saved={"apiKey": SECRET})
    assert form.is_valid()

    found = form.differences(Saved({"apiKey": "theirs-1", "region": "eu"}))

    assert [(each.label, each.theirs, each.mine) for each in found] == [
        ("API Key", "another secret", "your secret"),
        ("Region", "eu", "us"),
    ]
    form.decide_about(7)
    assert form.data["settings-_revision"] == "7"
