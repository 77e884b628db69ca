"""The settings of a destination, read before it is made (D7, D45)."""

import pytest

from apps_catalog.lifecycle import create_app
from apps_catalog.models import App, AppVersion
from apps_catalog.states import ComponentKind, SettingType, Stage
from apps_catalog.versions import freeze
from installs.config_api.tests.conftest import Api, add_setting, error_of
from installs.lifecycle import activate, propose
from workspaces.lifecycle import add_source


@pytest.fixture
def path(hook) -> str:
    return f"/catalog/destinations/{hook.slug}"


def test_the_draft_is_what_the_partners_own_people_install(api, hook, path):
    add_setting(hook, "region", SettingType.SELECT, choices=["us", {"value": "eu", "label": "Europe"}], default="us")
    add_setting(hook, "domain", SettingType.STRING, pattern="[a-z.]+", required=True, hint="Without https.")
    hook.listing.description, hook.listing.website = "Sends **everything**.", "https://acme.example"
    hook.listing.save()

    found = api.get(path).json()

    settings = {setting["name"]: setting for setting in found.pop("settings")}
    assert found == {
        "name": f"catalog/destinations/{hook.slug}",
        "display_name": hook.name,
        "description": "Sends **everything**.",
        "website": "https://acme.example",
        "categories": {"primary": "", "additional": []},
        "type": "STREAMING",
        "status": "PRIVATE_BUILDING",
        "connection_modes": ["CLOUD", "UNSPECIFIED"],
        "logos": {"logo": "", "mark": ""},
    }
    assert settings["apiKey"] == {
        "name": "apiKey", "display_name": "API Key", "description": settings["apiKey"]["description"],
        "type": "string", "required": True, "sensitive": True, "default": None,
    }  # fmt: skip
    assert settings["region"]["select_validators"] == {"select_options": ["us", "eu"]}
    assert settings["domain"]["string_validators"] == {"regexp": "[a-z.]+"}
    assert (settings["region"]["default"], settings["domain"]["description"]) == ("us", "Without https.")


def test_a_customer_gets_the_approved_version(oauth_client, hook, alice, carol, customer_workspace, path):
    version = freeze(hook, alice)
    type(hook).objects.filter(pk=hook.pk).update(stage=Stage.PUBLIC, live_version=version)
    oauth_client.app.refresh_from_db()
    add_setting(hook, "later", SettingType.STRING)
    hook.components.create(kind=ComponentKind.WEB_PLUGIN, code="analytics.register()")
    install = propose(carol, oauth_client, customer_workspace, add_source(carol, customer_workspace, "Shop"))
    activate(install)

    found = Api(install).get(path).json()

    assert [setting["name"] for setting in found["settings"]] == ["apiKey"]
    assert (found["status"], found["connection_modes"]) == ("PUBLIC", ["CLOUD", "UNSPECIFIED"])


def test_an_imported_app_shows_its_settings_as_they_stand(wide, imported):
    found = wide.get(f"/catalog/destinations/{imported.slug}").json()

    assert found["connection_modes"] == ["CLOUD", "DEVICE", "UNSPECIFIED"]
    assert [setting["name"] for setting in found["settings"]] == ["odd key/1"]


def test_an_imported_app_is_set_up_like_any_other(wide, source, imported):
    parent = f"/workspaces/{source.workspace.slug}/sources/{source.slug}/destinations"
    name = f"{parent[1:]}/{imported.slug}"
    config = [{"name": f"{name}/config/odd key/1", "value": "free text"}]
    body = {"destination": {"name": name, "connection_mode": "DEVICE", "config": config, "enabled": True}}

    answer = wide.post(parent, body)

    assert answer.status_code == 200, answer.content
    assert (answer.json()["display_name"], answer.json()["config"][0]["value"]) == ("Odd One", "free text")


@pytest.fixture
def imported(charlie, other_company):
    app = create_app(charlie, other_company, "Odd One")
    setting = {"key": "odd key/1", "label": "Odd", "type": "select", "required": True}
    version = AppVersion.objects.create(
        app=app, number=1, manifest={"settings": [setting], "catalog": {}, "listing": {}}, digest="x"
    )
    App.objects.filter(pk=app.pk).update(stage=Stage.PUBLIC, live_version=version)
    app.refresh_from_db()
    return app


def test_one_that_is_not_there_for_the_customer_is_not_found(wide, other_company, charlie):
    create_app(charlie, other_company, "Hidden")

    assert error_of(wide.get("/catalog/destinations/hidden")) == (404, 5, "destination not found")
