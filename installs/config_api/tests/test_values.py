"""Values of settings on their way in and out: typed, checked as on the page, secrets masked (D8, D9, D47)."""

from typing import Any

import pytest

from apps_catalog.states import SettingType
from installs.config_api.tests.conftest import add_setting, body_of, error_of, name_of, path_of
from workspaces.models import Destination

KEY = {"apiKey": "a-long-key-1234"}
CHOICES = ["us", {"value": "eu", "label": "Europe"}, 3]


@pytest.fixture
def send(api, source, hook):
    """Patches these values into a destination that exists, off."""
    name = name_of(source, hook)
    api.post(
        path_of(source),
        {"destination": {"name": name, "config": body_of(source, hook, **KEY)["destination"]["config"]}},
    )

    def patch(**values: Any) -> Any:
        return api.patch(path_of(source, hook.slug), body_of(source, hook, mask=["destination.config"], **values))

    return patch


def saved() -> dict[str, Any]:
    return Destination.objects.get().open_values()


TAKEN = [
    (SettingType.STRING, "Ünïcode “quoted”", "Ünïcode “quoted”"),
    (SettingType.BOOLEAN, True, True),
    (SettingType.BOOLEAN, "true", True),
    (SettingType.BOOLEAN, "false", False),
    (SettingType.NUMBER, 3, 3),
    (SettingType.NUMBER, 0.5, 0.5),
    (SettingType.NUMBER, "12", 12),
    (SettingType.ARRAY, ["a", " b ", "", "[c"], ["a", " b ", "", "[c"]),
    (SettingType.ARRAY, [{"from": "a", "to": 1}], [{"from": "a", "to": 1}]),
    (SettingType.TEXT_MAP, {"a = b": "{c}"}, {"a = b": "{c}"}),
    (SettingType.MAP, {"a": [1, None]}, {"a": [1, None]}),
    (SettingType.MIXED, "a text", "a text"),
    (SettingType.MIXED, 7, 7),
    (SettingType.MIXED, [True], [True]),
    (SettingType.SELECT, "eu", "eu"),
    (SettingType.SELECT, 3, 3),
    (SettingType.COLOR, "#0a7a51", "#0a7a51"),
]
REFUSED = [
    (SettingType.STRING, 5, "the value must be a string"),
    (SettingType.STRING, ["a"], "the value must be a string"),
    (SettingType.STRING, "x" * 5001, "at most 5000 characters"),
    (SettingType.PASSWORD, {}, "the value must be a string"),
    (SettingType.BOOLEAN, "yes", "the value must be true or false"),
    (SettingType.BOOLEAN, 1, "the value must be true or false"),
    (SettingType.NUMBER, True, "the value must be a number"),
    (SettingType.NUMBER, "many", "number"),
    (SettingType.ARRAY, "a", "the value must be a list"),
    (SettingType.TEXT_MAP, {"a": 1}, "the value must be an object of strings"),
    (SettingType.MAP, [], "the value must be an object"),
    (SettingType.SELECT, "mars", "mars"),
    (SettingType.COLOR, "url(x)", "Enter a colour"),
]


def choices_for(kind: str) -> list[Any]:
    return CHOICES if kind == SettingType.SELECT else []


def test_a_value_of_its_type_is_kept_and_given_back(send, hook):
    keys = [f"extra{number}" for number in range(len(TAKEN))]
    for key, (kind, _, _) in zip(keys, TAKEN, strict=True):
        add_setting(hook, key, kind, choices=choices_for(kind))

    answer = send(**{key: given for key, (_, given, _) in zip(keys, TAKEN, strict=True)})

    assert answer.status_code == 200, answer.content
    shown = [(entry["type"], entry["value"]) for entry in answer.json()["config"][1:]]
    assert shown == [(kind, kept) for kind, _, kept in TAKEN]
    assert saved() == KEY | {key: kept for key, (_, _, kept) in zip(keys, TAKEN, strict=True)}


def test_any_other_value_is_refused_and_the_setting_named(send, hook):
    wrong = []
    for number, (kind, given, text) in enumerate(REFUSED):
        add_setting(hook, f"extra{number}", kind, choices=choices_for(kind))
        status, code, said = error_of(send(**{f"extra{number}": given}))
        is_named = said.startswith(f"setting “extra{number}” (Extra{number}): ")
        if (status, code) != (400, 3) or not is_named or text not in said:
            wrong.append((kind, given, said))

    assert wrong == []
    assert saved() == KEY


def test_a_pattern_is_kept_to(send, hook):
    add_setting(hook, "region", SettingType.STRING, pattern="[a-z]{2}", hint="Two letters.")

    assert send(region="eu").status_code == 200
    assert "Two letters." in error_of(send(region="Europe"))[2]


def test_what_is_left_out_has_its_default_and_null_is_like_an_empty_field(send, hook):
    add_setting(hook, "region", SettingType.STRING, default="us")

    send(apiKey="a-long-key-1234")
    assert saved()["region"] == ""  # it was there before the setting was
    assert send(region=None).json()["config"][1]["value"] in ("", None)


def test_a_new_destination_starts_with_the_defaults(api, source, hook):
    add_setting(hook, "region", SettingType.STRING, default="us")
    add_setting(hook, "debug", SettingType.BOOLEAN, default=True)

    answer = api.post(path_of(source), body_of(source, hook, **KEY))

    assert [entry["value"] for entry in answer.json()["config"]] == ["****1234", "us", True]


def test_values_that_do_not_fit_into_the_header_are_refused(send, hook):
    for number in range(3):
        add_setting(hook, f"long{number}", SettingType.STRING)

    assert "too long" in error_of(send(**{f"long{number}": "x" * 4000 for number in range(3)}))[2]


# --- Secrets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "value", "mask"), [
    (SettingType.STRING, "correct-horse-battery", "****tery"),
    (SettingType.PASSWORD, "short", "****"),
    (SettingType.ARRAY, ["a", "b"], "****"),
    (SettingType.TEXT_MAP, {"a": "b"}, "****"),
])  # fmt: skip
def test_a_secret_comes_out_masked_and_its_mask_leaves_it(send, hook, kind, value, mask):
    add_setting(hook, "extra", kind, sensitive=True)

    answer = send(extra=value)
    again = send(extra=mask, apiKey="****1234")

    assert answer.json()["config"][1]["value"] == mask
    assert again.status_code == 200, again.content
    assert saved() == {**KEY, "extra": value}


@pytest.mark.parametrize("value", ["****", "****9999", "****a-long-key-1234"])
def test_a_mask_of_something_else_is_never_kept_as_the_secret(send, value):
    assert error_of(send(apiKey=value)) == (
        400, 3, "setting “apiKey” (API Key): this is a masked value, send the real one or leave it out",
    )  # fmt: skip
    assert saved() == KEY


def test_a_mask_makes_no_new_destination(api, source, hook):
    status, _, text = error_of(api.post(path_of(source), body_of(source, hook, apiKey="****1234")))

    assert status == 400
    assert "masked" in text
    assert not Destination.every.exists()


def test_a_refusal_does_not_repeat_a_secret(send, hook):
    add_setting(hook, "extra", SettingType.PASSWORD, pattern="[0-9]+")

    assert "hunter" not in error_of(send(extra="hunter-2-hunter"))[2]


# --- Entries ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("config", "text"), [
    ("key", "must be a list of entries"),
    ({"apiKey": "x"}, "must be a list of entries"),
    (["x"], "needs a name and a value"),
    ([{"name": "{name}/config/apiKey"}], "needs a name and a value"),
    ([{"name": 1, "value": 1}], "needs a name and a value"),
    ([{"name": "apiKey", "value": "x"}], "names begin with"),
    ([{"name": "workspaces/x/sources/y/destinations/z/config/apiKey", "value": "x"}], "names begin with"),
    ([{"name": "{name}/config/apikey", "value": "x"}], "there is no setting “apikey”, settings are apiKey"),
    ([{"name": "{name}/config/", "value": "x"}], "there is no setting “”"),
    ([{"name": "{name}/config/apiKey", "value": "x"}] * 2, "has apiKey twice"),
])  # fmt: skip
def test_what_is_no_entry_of_a_setting_is_told(api, source, hook, config, text):
    name = name_of(source, hook)
    if isinstance(config, list):
        config = [
            {**entry, "name": entry["name"].format(name=name)}
            if isinstance(entry, dict) and isinstance(entry["name"], str) else entry
            for entry in config
        ]  # fmt: skip

    status, code, said = error_of(api.post(path_of(source), {"destination": {"name": name, "config": config}}))

    assert (status, code) == (400, 3)
    assert text in said
