"""The destination that a partner's server sets up for its customer (D45): made, found, changed, taken away."""

import base64

import pytest

from apps_catalog.lifecycle import create_app
from apps_catalog.manifest import export
from apps_catalog.models import App, AppVersion, Setting
from apps_catalog.states import ComponentKind, SettingType, Stage
from audit.models import Record
from installs.config_api.tests.conftest import Api, add_setting, body_of, error_of, name_of, path_of
from tests.cast import install_on
from workspaces.lifecycle import remove_destination
from workspaces.models import Destination

ALL = ["destination.enabled", "destination.config", "destination.connection_mode"]


@pytest.fixture
def made(api, source, hook) -> Destination:
    answer = api.post(path_of(source), body_of(source, hook, apiKey="a-long-key-1234"))
    assert answer.status_code == 200, answer.content
    return Destination.objects.get()


def test_the_request_of_the_example_app_makes_the_destination(api, oauth_install, source, hook):
    answer = api.post(path_of(source), body_of(source, hook, apiKey="a-long-key-1234"))

    name = name_of(source, hook)
    row = Destination.objects.get()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "slug": hook.slug,
        "name": name,
        "parent": f"workspaces/{source.workspace.slug}/sources/{source.slug}",
        "display_name": hook.name,
        "enabled": True,
        "connection_mode": "CLOUD",
        "config": [{"name": f"{name}/config/apiKey", "display_name": "API Key", "value": "****1234", "type": "string"}],
        "create_time": row.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "update_time": row.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    assert row.open_values() == {"apiKey": "a-long-key-1234"}
    written = Record.objects.filter(action__startswith="destination.").values_list("actor", flat=True)
    assert set(written) == {f"install:{oauth_install.pk}"}


def test_a_second_time_it_exists_already_and_a_patch_does_it(api, source, hook, made):
    again = api.post(path_of(source), body_of(source, hook, apiKey="another-key-5678"))
    changed = api.patch(path_of(source, hook.slug), body_of(source, hook, mask=ALL, apiKey="another-key-5678"))

    assert error_of(again) == (409, 6, "destination already exists")
    assert changed.status_code == 200
    assert changed.json()["config"][0]["value"] == "****5678"
    assert Destination.objects.get().open_values() == {"apiKey": "another-key-5678"}


@pytest.mark.parametrize(("given", "is_on"), [({}, False), ({"enabled": False}, False), ({"enabled": "true"}, True)])
def test_it_is_off_unless_the_body_says_otherwise(api, source, hook, given, is_on):
    body = body_of(source, hook)
    del body["destination"]["enabled"]
    body["destination"] |= given

    assert api.post(path_of(source), body).json()["enabled"] is is_on


def test_nothing_is_required_before_it_is_switched_on(api, source, hook):
    name = name_of(source, hook)

    off = api.post(path_of(source), {"destination": {"name": name}})
    on = api.patch(
        path_of(source, hook.slug),
        {"destination": {"enabled": True}, "update_mask": {"paths": ["destination.enabled"]}},
    )

    assert (off.status_code, off.json()["enabled"], off.json()["connection_mode"]) == (200, False, "UNSPECIFIED")
    assert error_of(on) == (400, 3, "Fill in “API Key” first.")


def test_a_create_that_cannot_be_switched_on_makes_nothing(api, source, hook):
    body = {"destination": {"name": name_of(source, hook), "enabled": True}}

    assert error_of(api.post(path_of(source), body))[0] == 400
    assert not Destination.every.exists()


def test_it_can_be_looked_at_and_taken_away(api, source, hook, made):
    path = path_of(source, hook.slug)

    assert api.get(path).json()["name"] == name_of(source, hook)
    gone = api.delete(path)
    assert (gone.status_code, gone.json()) == (200, {})
    assert error_of(api.get(path)) == (404, 5, "destination not found")
    assert error_of(api.delete(path)) == (404, 5, "destination not found")


def test_one_that_was_removed_comes_back_without_what_it_had(api, alice, source, hook, made):
    remove_destination(alice, made)

    answer = api.post(path_of(source), {"destination": {"name": name_of(source, hook)}})

    assert answer.status_code == 200
    assert answer.json()["config"][0]["value"] in ("", None)
    assert answer.json()["connection_mode"] == "UNSPECIFIED"


# --- The mask ----------------------------------------------------------------------------------------------


def test_without_a_mask_nothing_changes(api, source, hook, made):
    before = api.get(path_of(source, hook.slug)).json()
    body = body_of(source, hook, apiKey="another-key-5678")
    body["destination"]["enabled"] = False

    answer = api.patch(path_of(source, hook.slug), body)

    assert (answer.status_code, answer.json()) == (200, before)


def test_what_is_not_masked_is_left_alone(api, source, hook, made):
    body = body_of(source, hook, mask=["destination.enabled"], apiKey="another-key-5678")
    body["destination"]["enabled"] = False

    assert api.patch(path_of(source, hook.slug), body).json()["enabled"] is False
    assert Destination.objects.get().open_values() == {"apiKey": "a-long-key-1234"}


def test_what_is_masked_and_not_given_is_cleared(api, source, hook, made):
    mask = {"paths": ALL}

    answer = api.patch(path_of(source, hook.slug), {"destination": {}, "update_mask": mask}).json()

    assert (answer["enabled"], answer["connection_mode"]) == (False, "UNSPECIFIED")
    assert answer["config"][0]["value"] in ("", None)


def test_a_required_value_is_not_cleared_while_it_is_on(api, source, hook, made):
    mask = {"paths": ["destination.config"]}

    answer = api.patch(path_of(source, hook.slug), {"destination": {}, "update_mask": mask})

    assert error_of(answer) == (400, 3, "Fill in “API Key” first.")
    assert Destination.objects.get().open_values() == {"apiKey": "a-long-key-1234"}


def test_entries_that_are_not_given_stay(api, source, hook, made):
    add_setting(hook, "region", SettingType.STRING)
    path = path_of(source, hook.slug)

    api.patch(path, body_of(source, hook, mask=["destination.config"], region="eu"))

    assert Destination.objects.get().open_values() == {"apiKey": "a-long-key-1234", "region": "eu"}


@pytest.mark.parametrize("mask", [{"paths": ["destination.enabled"]}, {"paths": "destination.enabled"}, "enabled"])
def test_the_mask_may_stand_inside_and_in_other_spellings(api, source, hook, made, mask):
    body = {"destination": {"enabled": False, "update_mask": mask}}

    assert api.patch(path_of(source, hook.slug), body).json()["enabled"] is False


@pytest.mark.parametrize("path", ["destination.name", "destination.config.apiKey", "source.enabled", "", "*"])
def test_paths_that_cannot_be_updated_are_told(api, source, hook, made, path):
    body = {"destination": {}, "update_mask": {"paths": [path]}}

    status, code, text = error_of(api.patch(path_of(source, hook.slug), body))

    assert (status, code) == (400, 3)
    assert "destination.config, destination.connection_mode, destination.enabled" in text


def test_a_patch_that_fails_changes_nothing(api, source, hook, made):
    body = body_of(source, hook, mask=ALL, apiKey="another-key-5678")
    body["destination"] |= {"enabled": False, "connection_mode": "DEVICE"}

    status, _, text = error_of(api.patch(path_of(source, hook.slug), body))

    assert (status, text) == (400, f"{hook.name} has no component for the connection mode DEVICE.")
    row = Destination.objects.get()
    assert (row.is_enabled, row.open_values()) == (True, {"apiKey": "a-long-key-1234"})


def test_another_name_than_that_of_the_address_is_a_mistake(api, source, hook, made):
    body = {"destination": {"name": f"{name_of(source, hook)}-2"}, "update_mask": {"paths": ["destination.enabled"]}}

    assert error_of(api.patch(path_of(source, hook.slug), body))[:2] == (400, 3)


# --- Secrets that stay -----------------------------------------------------------------------------------


def test_what_nobody_can_read_any_more_can_be_given_again(api, source, hook, made, settings):
    settings.VAULT_KEYS = "other:" + base64.urlsafe_b64encode(bytes(32)).decode()
    path = path_of(source, hook.slug)

    assert api.get(path).json()["config"][0]["value"] is None
    on = {"destination": {"enabled": True}, "update_mask": {"paths": ["destination.enabled"]}}
    assert error_of(api.patch(path, on)) == (400, 3, "Fill in “API Key” first.")
    repaired = api.patch(path, body_of(source, hook, mask=["destination.config"], apiKey="another-key-5678"))

    assert repaired.status_code == 200
    assert Destination.objects.get().open_values() == {"apiKey": "another-key-5678"}


def test_the_secret_of_another_app_is_not_sent_to_a_new_address(wide, source, charlie, other_company, alice):
    other = create_app(charlie, other_company, "Rival Tool")
    add_setting(other, "host", SettingType.STRING)
    version = AppVersion.objects.create(app=other, number=1, manifest=export(other), digest="x")
    App.objects.filter(pk=other.pk).update(stage=Stage.PUBLIC, live_version=version)
    row = install_on(source, other, alice)
    saved = {"apiKey": "a-long-key-1234", "host": "rival.example"}
    row.put_values(saved)
    row.save()

    def change(**values):
        return wide.patch(path_of(source, other.slug), body_of(source, other, mask=["destination.config"], **values))

    for masked in ({}, {"apiKey": "****1234"}):
        status, code, text = error_of(change(host="thief.example", **masked))
        assert (status, code) == (400, 3)
        assert text.startswith("setting “apiKey” (API Key): send the secret again")
        assert Destination.objects.get().open_values() == saved
    assert change(host="rival.example", apiKey="****1234").status_code == 200  # nothing changes
    assert change(apiKey="a-new-key-5678").status_code == 200
    assert change(host="two.example", apiKey="a-new-key-5678").status_code == 200
    Destination.objects.update(is_enabled=False)
    assert change(host="three.example", apiKey=None).status_code == 200
    assert Destination.objects.get().open_values() == {"apiKey": "", "host": "three.example"}


# --- Connection mode -----------------------------------------------------------------------------------------


def test_an_app_with_both_ways_takes_either(api, source, hook):
    hook.components.create(kind=ComponentKind.WEB_PLUGIN, code="analytics.register()")
    body = body_of(source, hook)
    body["destination"]["connection_mode"] = "DEVICE"

    assert api.post(path_of(source), body).json()["connection_mode"] == "DEVICE"


def test_an_unknown_mode_is_told(api, source, hook):
    body = body_of(source, hook)
    body["destination"]["connection_mode"] = "CARRIER_PIGEON"

    assert error_of(api.post(path_of(source), body)) == (
        400, 3, "“destination.connection_mode” must be one of UNSPECIFIED, CLOUD, DEVICE",
    )  # fmt: skip


# --- Lists ---------------------------------------------------------------------------------------------------


def test_the_list_costs_the_same_for_one_and_for_many(
    wide: Api, source, hook, other_company, charlie, django_assert_num_queries, django_assert_max_num_queries
):
    install_on(source, hook, charlie)
    wide.get(path_of(source))
    with django_assert_max_num_queries(12) as first:
        assert len(wide.get(path_of(source)).json()["destinations"]) == 1
    for number in range(4):
        install_on(source, create_app(charlie, other_company, f"Rival Tool {number}x"), charlie)
    with django_assert_num_queries(len(first)):
        assert len(wide.get(path_of(source)).json()["destinations"]) == 5


def test_secrets_are_masked_in_lists_too(reader: Api, source, hook, destination):
    destination.put_values({"apiKey": "a-long-key-1234"})
    destination.save()

    listed = reader.get(path_of(source))

    assert b"a-long-key" not in listed.content
    assert listed.json()["destinations"][0]["config"][0]["value"] == "****1234"


def test_settings_that_the_app_lost_are_not_shown(api, source, hook, made):
    Setting.objects.filter(app=hook).exclude(key="apiKey").delete()
    made.put_values({"apiKey": "a-long-key-1234", "former": "secret"})
    made.save()

    assert b"former" not in api.get(path_of(source, hook.slug)).content
