"""What analytics.js is loaded from, and which plugins of whom it gets (FEASIBILITY 3; D23, D24, D39)."""

import gzip
from typing import Any

import pytest
from django.conf import settings as real_settings

from apps_catalog import lifecycle, versions
from apps_catalog.models import App, Component, Setting
from tests.cast import install_on
from tracking.device_mode import plugins_of
from workspaces.lifecycle import add_source
from workspaces.models import Destination

CODE = "analytics.register({name: 'Acme'});\n"
VENDOR = real_settings.BASE_DIR / "static" / "vendor" / "analytics-next"
DESTINATION = "window.acmeDestination = function (settings) { return {}; };\n"


def key_of(source) -> str:
    return source.write_keys.first().key


def add_plugin(alice, app, **fields: Any) -> Component:
    component = lifecycle.add_component(alice, App.objects.get(pk=app.pk), "web_plugin")
    Component.objects.filter(pk=component.pk).update(**{"code": CODE, **fields})
    return component


def approve(app, actor) -> None:
    version = versions.freeze(app, actor)
    App.objects.filter(pk=app.pk).update(live_version=version)


@pytest.fixture
def plugin(alice, app) -> Component:
    return add_plugin(alice, app)


def settings_of(api, source) -> dict[str, Any]:
    answer = api.ask("GET", f"/v1/projects/{key_of(source)}/settings")
    assert answer.status_code == 200
    return answer.json()


# --- The library -------------------------------------------------------------------------------------------------


def test_the_settings_of_a_source(api, source):
    answer = api.ask("GET", f"/v1/projects/{key_of(source)}/settings")

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "max-age=10" in answer["Cache-Control"]
    found = answer.json()
    assert found["remotePlugins"] == []
    assert found["integrations"] == {
        "Segment.io": {
            "apiKey": key_of(source),
            "apiHost": "localhost:8000/v1",
            "protocol": "http",
            "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
        }
    }


def test_the_tracking_api_may_have_a_host_of_its_own(api, source, settings):
    settings.TRACKING_URL = "https://events.example.com/"

    found = settings_of(api, source)["integrations"]["Segment.io"]
    assert (found["apiHost"], found["protocol"]) == ("events.example.com/v1", "https")


def test_the_script_finds_its_own_host(api, source):
    path = f"/analytics.js/v1/{key_of(source)}/analytics.min.js"

    plain, zipped = api.ask("GET", path), api.ask("GET", path, Accept_Encoding="br, gzip")

    assert plain["Content-Type"].startswith("text/javascript")
    assert plain.content.endswith((VENDOR / "standalone.js").read_bytes())
    assert b"_cdn" in plain.content.split(b"\n")[0]
    assert gzip.decompress(zipped.content) == plain.content
    assert (zipped["Content-Encoding"], zipped["Vary"]) == ("gzip", "Accept-Encoding")
    assert api.ask("GET", path, If_None_Match=plain["ETag"]).status_code == 304


def test_every_part_of_the_library_is_served(api, db):
    files = list(VENDOR.glob("*.bundle.*.js"))
    assert files
    for file in files:
        answer = api.ask("GET", f"/analytics-next/bundles/{file.name}")
        assert answer.content == file.read_bytes()
        assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "name", ["LICENSE", "standalone.js", "x.bundle.0a.js", "..%2fstandalone.js", "%2e%2e", "a%00.js"]
)
def test_nothing_else_is(name, api, db):
    assert api.ask("GET", f"/analytics-next/bundles/{name}").status_code == 404


@pytest.mark.parametrize("address", ["/v1/projects/{}/settings", "/analytics.js/v1/{}/analytics.min.js"])
def test_a_key_that_works_no_more_loads_nothing(address, api, source, settings):
    for key in ("nobody", "k" * 500, "%00", "ключ"):
        assert api.ask("GET", address.format(key)).status_code == 404
    settings.TRACKING_REGION = "eu"
    assert api.ask("GET", address.format(key_of(source))).status_code == 404
    settings.TRACKING_REGION = "us"
    assert api.ask("GET", address.format(key_of(source))).status_code == 200
    source.is_enabled = False
    source.save()
    assert api.ask("GET", address.format(key_of(source))).status_code == 404


def test_other_methods(api, source):
    path = f"/v1/projects/{key_of(source)}/settings"

    assert api.ask("HEAD", path).status_code == 200
    assert api.ask("OPTIONS", path).status_code == 204
    assert {api.ask(method, path).status_code for method in ("POST", "PUT", "PATCH", "DELETE")} == {405}


# --- Plugins of destinations --------------------------------------------------------------------------------------


def test_an_enabled_destination_brings_its_plugin(api, source, plugin, destination):
    found = settings_of(api, source)

    (remote,) = found["remotePlugins"]
    assert (remote["name"], remote["creationName"]) == ("Acme Analytics", "Acme Analytics")
    assert remote["libraryName"] == "segmentPlugin_acme_analytics"
    assert found["integrations"]["Acme Analytics"] == {"versionSettings": {"componentTypes": []}}
    script = api.ask("GET", remote["url"].removeprefix("http://localhost:8000"))
    assert script["Content-Type"].startswith("text/javascript")
    assert "immutable" in script["Cache-Control"]
    assert CODE.encode() in script.content
    assert 'window["segmentPlugin_acme_analytics"]' in script.content.decode()


@pytest.mark.parametrize("how", ["off", "removed", "of a deleted App", "without code"])
def test_nothing_else_brings_one(how, api, source, plugin, destination):
    path = settings_of(api, source)["remotePlugins"][0]["url"].removeprefix("http://localhost:8000")
    changes: dict[str, tuple[Any, dict[str, Any]]] = {
        "off": (Destination.every.filter(pk=destination.pk), {"is_enabled": False}),
        "removed": (Destination.every.filter(pk=destination.pk), {"removed_at": "2026-01-01T00:00Z"}),
        "of a deleted App": (App.objects.filter(pk=destination.app_id), {"deleted_at": "2026-01-01T00:00Z"}),
        "without code": (Component.objects.filter(pk=plugin.pk), {"code": " \n"}),
    }
    rows, fields = changes[how]
    rows.update(**fields)

    assert settings_of(api, source)["remotePlugins"] == []
    assert api.ask("GET", path).status_code == 404


def test_a_destination_script_keeps_its_name(api, source, alice, app, destination):
    add_plugin(alice, app, code=DESTINATION, shape="remote_plugin", library_name="acmeDestination")

    (remote,) = settings_of(api, source)["remotePlugins"]
    assert remote["libraryName"] == "acmeDestination"
    assert api.ask("GET", remote["url"].removeprefix("http://localhost:8000")).content == DESTINATION.encode()


def test_customers_get_the_approved_version_and_the_partner_the_draft(api, alice, app, source, destination, plugin,
                                                                      carol, customer_workspace):  # fmt: skip
    theirs = add_source(carol, customer_workspace, "Shop")
    install_on(theirs, app, carol)
    assert plugins_of(theirs) == []
    approve(app, alice)
    Component.objects.filter(pk=plugin.pk).update(code="// the draft\n")

    assert [one.code for one in plugins_of(theirs)] == [CODE]
    assert [one.code for one in plugins_of(source)] == ["// the draft\n"]


def test_secrets_of_a_server_stay_on_the_server(alice, app, source, destination, plugin):
    """The whole world can read what a browser gets: a key that the webhook uses too is not among it."""
    for key, fields in {
        "region": {},
        "webhookSecret": {"sensitive": True},
        "password": {"type": "password"},
        "browserToken": {"sensitive": True, "components": ["web_plugin"]},
        "serverOnly": {"components": ["subscription_webhook"]},
    }.items():
        Setting.objects.create(app=app, key=key, label=key, **fields)
    destination.put_values(dict.fromkeys(Setting.objects.values_list("key", flat=True), "v") | {"unknown": "v"})
    destination.save()

    lifecycle.add_component(alice, App.objects.get(pk=app.pk), "subscription_webhook")
    assert set(plugins_of(source)[0].settings) == {"region", "browserToken"}
    Setting.objects.filter(key="apiKey").update(components=["web_plugin", "subscription_webhook"])
    assert set(plugins_of(source)[0].settings) == {"region", "browserToken", "apiKey"}


def test_where_the_plugin_is_all_there_is_it_gets_every_setting(source, destination, plugin):
    assert plugins_of(source)[0].settings == {"apiKey": "key"}


def test_many_destinations_cost_no_more_queries(api, alice, company, source, django_assert_max_num_queries):
    for number in range(5):
        app = lifecycle.create_app(alice, company, f"Acme {number}")
        add_plugin(alice, app)
        install_on(source, app, alice)

    path = f"/v1/projects/{key_of(source)}/settings"
    with django_assert_max_num_queries(4):
        assert len(api.ask("GET", path).json()["remotePlugins"]) == 5


def test_a_destination_that_gets_its_events_from_our_servers_has_no_plugin(source, plugin, destination):
    Destination.objects.update(connection_mode="DEVICE")
    assert len(plugins_of(source)) == 1
    Destination.objects.update(connection_mode="CLOUD")
    assert plugins_of(source) == []


# --- In a browser -------------------------------------------------------------------------------------------------

PAGE = """<!doctype html><title>Shop</title><script>
var queue = window.analytics = []; queue._writeKey = "KEY"; queue.initialize = queue.invoked = true;
for (const name of ["track", "identify", "page", "group", "alias", "screen", "register", "ready"])
  queue[name] = (...given) => { queue.push([name, ...given]); return queue; };
queue.page("Home"); queue.identify("ada", {plan: "pro"}); queue.track("Song Played", {title: "Sonata"});
queue.track("Left Out", {}, {integrations: {"Acme Object": false}});
</script><script src="HOST/analytics.js/v1/KEY/analytics.min.js" async></script>"""
OBSERVED = """
  isLoaded() { return true; }, async load() {}, type: "destination", version: "1.0.0",
  track(ctx) { (window.seen ??= []).push([NAME, ctx.event.event, GIVEN.apiKey]); return ctx; },
  identify(ctx) { (window.seen ??= []).push([NAME, ctx.event.userId]); return ctx; },"""


def plugin_code(name: str, given: str) -> str:
    return "{name: NAME, OBSERVED}".replace("OBSERVED", OBSERVED).replace("NAME", f'"{name}"').replace("GIVEN", given)


SHAPES = {
    "Acme Object": ("plugin", f"analytics.register({plugin_code('Acme Object', 'pluginSettings')}); // the end"),
    "Acme Module": ("plugin", f"export default (settings) => ({plugin_code('Acme Module', 'settings')});"),
    "Acme Named": ("remote_plugin", f"window.acme = (settings) => ({plugin_code('Acme Named', 'settings')});"),
    "Acme Nameless": (
        "remote_plugin",
        f"function make(settings) {{ return {plugin_code('Acme Nameless', 'settings')}; }}",
    ),
}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_analytics_js_runs_the_plugins_and_sends_the_events(page_factory, api, alice, company, source):
    """Unmodified, from a website of somebody else, over plain http; every shape that a plugin may have."""
    for name, (shape, code) in SHAPES.items():
        app = lifecycle.create_app(alice, company, name)
        add_plugin(alice, app, code=code, shape=shape, library_name="acme" if name == "Acme Named" else "")
        install_on(source, app, alice)
    page, sent = page_factory(), []

    def answer(route: Any) -> None:
        request = route.request
        path = request.url.removeprefix("http://localhost:8000")
        if path.startswith("http://shop.example"):
            body = PAGE.replace("KEY", key_of(source)).replace("HOST", "http://localhost:8000")
            route.fulfill(body=body, content_type="text/html")
        elif request.method == "POST":
            sent.append(path)
            found = api.post(path, request.post_data_buffer, headers=request.headers | {"Content-Type": "text/plain"})
            route.fulfill(status=found.status_code, body=found.content, headers=dict(found.items()))
        else:
            found = api.ask(request.method, path)
            route.fulfill(status=found.status_code, body=found.content, headers=dict(found.items()))

    page.route("**/*", answer)
    page.goto("http://shop.example/")
    page.wait_for_function("(window.seen ?? []).length === 11")

    seen = page.evaluate("window.seen")
    for name in SHAPES:
        calls = [["ada"], ["Song Played", "key"]] + ([] if name == "Acme Object" else [["Left Out", "key"]])
        assert sorted(call[1:] for call in seen if call[0] == name) == sorted(calls), name
    page.wait_for_timeout(300)
    assert sorted(sent) == ["/v1/i", "/v1/p", "/v1/t", "/v1/t"]
