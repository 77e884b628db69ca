import json
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from apps_catalog import lifecycle
from apps_catalog.importing import Report, house, import_record
from apps_catalog.manifest import ManifestError, apply, export
from apps_catalog.manifest_rules import HOUSE
from apps_catalog.manifest_schema import load, read
from apps_catalog.models import App, AppVersion, CatalogEntry
from apps_catalog.versions import digest, freeze
from audit.models import Record
from audit.recording import SYSTEM
from partners.models import Policy
from tests.counts import count

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[1] / "data" / "segment-catalog.json"

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 20"><title>Acmé &amp; Co</title>'
    '<path d="M0 0h90v20H0z"/></svg>'
)
MARK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path d="M0 0h20v20H0z" fill="#0a0"/></svg>'
FULL = {
    "name": "Acme Analytics",
    "slug": "acme-analytics",
    "components": [
        {"kind": "subscription_webhook", "endpoint": "https://hooks.acme.example/segment?v=1"},
        {"kind": "subscription_function", "code": "async function onTrack(event) {\n\treturn '☃'\n}\n"},
        {"kind": "web_plugin", "code": ""},
        {"kind": "actions_destination", "mode": "cloud", "pull_request": "https://github.com/acme/x/pull/1"},
    ],
    "settings": [
        {"key": "apiKey", "label": "API Key", "hint": "Under Settings.", "type": "string", "required": True,
         "sensitive": True, "default": None, "choices": [], "pattern": "", "visible_if": None, "components": []},
        {"key": "region", "label": "Région", "hint": "", "type": "select", "required": False, "sensitive": False,
         "default": "eu", "choices": [{"value": "eu", "label": "Europe"}, {"value": "us", "label": "USA"}],
         "pattern": "", "visible_if": None, "components": ["subscription_webhook"]},
        {"key": "batch_size", "label": "Batch", "hint": "", "type": "number", "required": False, "sensitive": False,
         "default": 10, "choices": [], "pattern": "", "visible_if": {"key": "region", "value": "eu"}, "components": []},
        {"key": "debug", "label": "Debug", "hint": "", "type": "boolean", "required": False, "sensitive": False,
         "default": False, "choices": [], "pattern": "", "visible_if": None, "components": []},
        {"key": "token", "label": "Token", "hint": "", "type": "password", "required": True, "sensitive": True,
         "default": "", "choices": [], "pattern": "^[a-z]+$", "visible_if": None, "components": []},
        {"key": "mapping", "label": "Map", "hint": "", "type": "text-map", "required": False, "sensitive": False,
         "default": {"a": "b"}, "choices": [], "pattern": "", "visible_if": None, "components": []},
    ],
    "listing": {
        "description": "**Analytics** for shops.\n\n- fast\n- [open](https://acme.example)\n",
        "website": "https://acme.example/",
        "primary_category": "Analytics",
        "secondary_categories": ["Live chat"],
        "support_email": "help@acme.example",
        "docs_links": {
            "partner": "https://docs.acme.example/", "segment": "", "segment_text": "## Setup\n", "launch": "",
        },
        "logo_svg": LOGO,
        "mark_svg": MARK,
        "images": [{"url": "https://acme.example/1.png", "caption": "Dashboard"}],
    },
}  # fmt: skip


def test_there_and_back_without_loss(company):
    app = apply(json.loads(json.dumps(FULL)), company=company, actor=SYSTEM)
    assert export(App.objects.get(pk=app.pk)) == FULL
    apply(export(app), company=company, actor=SYSTEM)
    assert export(App.objects.get(pk=app.pk)) == FULL


def revisions(app):
    listing = app.listing
    parts = [component.revision for component in app.components.all()]
    return app.revision, listing.revision, listing.docs_revision, parts


def test_an_unchanged_manifest_changes_nothing(company):
    app = App.objects.get(pk=apply(FULL, company=company, actor=SYSTEM).pk)
    before, records = revisions(app), Record.objects.count()
    apply(export(app), company=company, actor=SYSTEM)
    assert revisions(App.objects.get(pk=app.pk)) == before
    assert Record.objects.count() == records


def test_a_shrunken_policy_does_not_keep_a_draft_out(company, tmp_path, capsys):
    long = {"description": "x" * 900, "primary_category": "CRM", "secondary_categories": ["Video"]}
    app = apply({"name": "Acme Analytics", "listing": long}, company=company, actor=SYSTEM)
    Policy.objects.create(description_limit=800, secondary_categories=0)
    manifest = export(App.objects.get(pk=app.pk))
    apply(manifest, company=company, actor=SYSTEM)
    assert export(App.objects.get(pk=app.pk)) == manifest
    file = tmp_path / "app.json"
    file.write_text(json.dumps(manifest))
    call_command("import_app", str(file), "--partner", "acme")
    warnings = capsys.readouterr().err
    assert "900 characters; 800 are allowed" in warnings
    assert "1 secondary categories; 0 are allowed" in warnings


# --- Imported Apps of the house company ------------------------------------------------------------------

ODD = ("stackadapt-events-conversions-", "user_guiding", "adroll", "buzzboard", "actions-schematic", "sentry")


@pytest.fixture
def imported():
    """The slugs of all entries of the original's catalog, or of some with every odd one."""
    records = json.loads(DATA.read_text())
    step = count(8, 1)
    some = [each for number, each in enumerate(records) if number % step == 0 or each["slug"] in ODD]
    for each in some:
        import_record(each, house(), Report())
    return [each["slug"] for each in some]


def test_imported_apps_go_there_and_back_and_nothing_changes(imported):
    for slug in imported:
        app = App.objects.get(slug=slug)
        before, manifest = revisions(app), export(app)
        again = App.objects.get(pk=apply(json.loads(json.dumps(manifest)), company=app.company, actor=SYSTEM).pk)
        assert export(again) == manifest
        assert revisions(again) == before


def test_imported_apps_can_be_made_from_their_manifests(imported):
    manifests = [export(App.objects.get(slug=slug)) for slug in imported]
    CatalogEntry.objects.all().delete()
    App.objects.update(live_version=None)
    AppVersion.objects.all().delete()
    App.objects.all().delete()
    for manifest in manifests:
        made = apply(manifest, company=house(), actor=SYSTEM)
        assert export(App.objects.get(pk=made.pk)) == manifest


def test_a_partner_cannot_take_what_only_the_house_keeps(company):
    for odd in ({"slug": "user_guiding"}, {"settings": [{"key": "_version"}]}):
        with pytest.raises(ManifestError):
            apply({"name": "Acme Analytics", **odd}, company=company, actor=SYSTEM)


@pytest.mark.parametrize("slug", ["../../etc", "a b", "é", "x" * 121])
def test_even_the_house_needs_a_slug_that_an_address_can_hold(slug):
    with pytest.raises(ManifestError):
        apply({"name": "Acme", "slug": slug}, company=house(), actor=SYSTEM)


CIRCLE = [
    {"key": "apiKey"},
    {"key": "one", "visible_if": {"key": "two", "operator": "filled"}},
    {"key": "two", "label": "The second", "visible_if": {"key": "one", "value": "x"}},
]


def test_settings_that_hide_each_other_are_refused_with_their_circle(company):
    with pytest.raises(ManifestError) as caught:
        apply({"name": "Acme Analytics", "settings": CIRCLE}, company=company, actor=SYSTEM)
    assert caught.value.path == "settings[1].visible_if"
    assert "circle: one → The second → one." in caught.value.message
    read({"name": "Imported", "settings": CIRCLE}, HOUSE)


def test_the_api_key_is_never_hidden(company):
    key = {"key": "apiKey", "visible_if": {"key": "region", "value": "eu"}, "components": ["web_plugin"]}
    app = apply({"name": "Acme Analytics", "settings": [{"key": "region"}, key]}, company=company, actor=SYSTEM)
    first = app.settings.order_by("position").first()
    assert (first.key, first.visible_if, first.components) == ("apiKey", None, [])


def test_a_name_is_enough_and_defaults_hold(company):
    app = apply({"name": "Acme Analytics"}, company=company, actor=SYSTEM)
    manifest = export(app)
    assert manifest["slug"] == "acme-analytics"
    assert manifest["components"] == []
    assert [setting["key"] for setting in manifest["settings"]] == ["apiKey"]
    assert manifest["listing"]["images"] == []
    assert manifest["listing"]["logo_svg"] == ""


def test_an_existing_slug_is_updated_and_its_secrets_stay(app, alice, company):
    webhook = lifecycle.add_component(alice, app, "subscription_webhook")
    lifecycle.set_endpoint(alice, webhook, webhook.endpoint, 0, test_settings={"apiKey": "secret-1"})
    data = {
        "slug": "acme-analytics",
        "components": [{"kind": "subscription_webhook", "endpoint": "https://new.example/"}],
    }
    assert apply(data, company=company, actor=SYSTEM).pk == app.pk
    webhook.refresh_from_db()
    assert webhook.endpoint == "https://new.example/"
    assert webhook.open_test_settings() == {"apiKey": "secret-1"}


def test_a_slug_of_its_own(company):
    app = apply({"name": "Acme Analytics", "slug": "acme-cloud"}, company=company, actor=SYSTEM)
    assert (app.name, app.slug) == ("Acme Analytics", "acme-cloud")


def test_the_api_key_always_comes_first(company):
    data = {
        "name": "Acme Analytics",
        "settings": [{"key": "host"}, {"key": "apiKey", "label": "Key", "required": False}],
    }
    settings = export(apply(data, company=company, actor=SYSTEM))["settings"]
    assert [(each["key"], each["required"]) for each in settings] == [("apiKey", True), ("host", False)]


def test_docs_links_may_be_a_plain_list(company):
    data = {"name": "Acme Analytics", "listing": {"docs_links": ["https://docs.acme.example/"]}}
    assert apply(data, company=company, actor=SYSTEM).listing.docs_partner_url == "https://docs.acme.example/"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"nam": "x"}, "nam"),
        ({"name": 3}, "name"),
        ({"name": "Segment"}, "name"),
        ({"name": "", "slug": ""}, "name"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"slug": "../../etc"}, "slug"),
        ({"components": {}}, "components"),
        ({"components": [{"kind": "mobile"}]}, "components[0].kind"),
        ({"components": [{}]}, "components[0].kind"),
        ({"components": ["subscription_webhook"]}, "components[0].kind"),
        ({"components": [{"kind": "web_plugin", "endpoint": "x"}]}, "components[0].endpoint"),
        ({"components": [{"kind": "subscription_webhook", "endpoint": "http://10.0.0.1/"}]}, "components[0].endpoint"),
        ({"components": [{"kind": "web_plugin"}, {"kind": "web_plugin"}]}, "components[1].kind"),
        ({"components": [{"kind": "actions_destination", "mode": "sideways"}]}, "components[0].mode"),
        ({"settings": [{}]}, "settings[0].key"),
        ({"settings": [{"key": "a b"}]}, "settings[0].key"),
        ({"settings": [{"key": "a", "typ": "x"}]}, "settings[0].typ"),
        ({"settings": [{"key": "a", "type": "url"}]}, "settings[0].type"),
        ({"settings": [{"key": "a", "required": "yes"}]}, "settings[0].required"),
        ({"settings": [{"key": "a"}, {"key": "A"}]}, "settings[1].key"),
        ({"settings": [{"key": "a", "pattern": "("}]}, "settings[0].pattern"),
        ({"settings": [{"key": "a", "type": "number", "default": "x"}]}, "settings[0].default"),
        ({"settings": [{"key": "a", "choices": [[]]}]}, "settings[0].choices[0]"),
        ({"settings": [{"key": "a", "components": ["x"]}]}, "settings[0].components[0]"),
        ({"listing": []}, "listing"),
        ({"listing": {"desc": ""}}, "listing.desc"),
        ({"listing": {"description": "x" * 6_001}}, "listing.description"),
        ({"listing": {"website": "acme"}}, "listing.website"),
        ({"listing": {"support_email": "x"}}, "listing.support_email"),
        ({"listing": {"primary_category": "Nonsense"}}, "listing.primary_category"),
        ({"listing": {"primary_category": "CRM", "secondary_categories": ["crm"]}}, "listing.secondary_categories[0]"),
        ({"listing": {"secondary_categories": ["CRM"] * 10}}, "listing.secondary_categories"),
        ({"listing": {"docs_links": {"blog": ""}}}, "listing.docs_links.blog"),
        ({"listing": {"docs_links": {"partner": "x"}}}, "listing.docs_links.partner"),
        ({"listing": {"logo_svg": "<!DOCTYPE svg><svg/>"}}, "listing.logo_svg"),
        ({"listing": {"mark_svg": LOGO}}, "listing.mark_svg"),
        ({"listing": {"images": ["a", "b", "c"]}}, "listing.images"),
        ({"listing": {"images": [3]}}, "listing.images[0]"),
        ({"listing": {"description": "a\x00b"}}, "listing.description"),
        ({"listing": {"description": "a\ud800b"}}, "listing.description"),
    ],
)
def test_what_cannot_be_taken_is_named_by_its_path(company, change, path):
    with pytest.raises(ManifestError) as caught:
        apply({"name": "Acme Analytics", **change}, company=company, actor=SYSTEM)
    assert caught.value.path == path
    assert not App.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"a": NaN}',
        '{"name": "a", "name": "b"}',
        '{"settings": [{"key": "n", "type": "mixed", "default": 1e999}]}',
        f'{{"settings": [{{"key": "n", "type": "number", "default": {"1" * 5_000}}}]}}',
        "[" * 100_000,
        '{"name": ' + '{"a":' * 30 + "1" + "}" * 31,
    ],
)
def test_what_is_no_manifest_is_refused(text):
    with pytest.raises(ManifestError):
        load(text)


def test_another_companys_slug_is_refused(app, other_company):
    with pytest.raises(ManifestError, match="another company"):
        apply({"slug": app.slug}, company=other_company, actor=SYSTEM)


def test_a_viewer_imports_nothing(app, viv, company):
    with pytest.raises(PermissionDenied):
        apply({"slug": app.slug, "listing": {"description": "x"}}, company=company, actor=viv)


def test_livechat_is_another_spelling_of_live_chat(company):
    app = apply({"name": "Acme Chat", "listing": {"primary_category": "Livechat"}}, company=company, actor=SYSTEM)
    assert export(app)["listing"]["primary_category"] == "Live chat"


# --- Versions --------------------------------------------------------------------------------------------


def test_versions_are_numbered_and_never_change(app, alice):
    first = freeze(app, alice)
    lifecycle.save_listing(alice, app, {"description": "Later"}, 0)
    second = freeze(app, alice)
    first.refresh_from_db()
    assert (first.number, second.number) == (1, 2)
    assert first.manifest["listing"]["description"] == ""
    assert second.manifest["listing"]["description"] == "Later"
    assert first.digest == digest(first.manifest) != second.digest


def test_equal_drafts_have_equal_digests(app, alice):
    assert freeze(app, alice).digest == freeze(app, alice).digest


def test_a_version_holds_no_secret(app, alice):
    lifecycle.save_access(alice, app, {}, 0, secrets={"password": "canary-1"})
    webhook = lifecycle.add_component(alice, app, "subscription_webhook")
    lifecycle.set_endpoint(alice, webhook, webhook.endpoint, 0, test_settings={"apiKey": "canary-2"})
    assert "canary" not in json.dumps(freeze(app, alice).manifest)


# --- Commands --------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "app.json"
    path.write_text(json.dumps(FULL), encoding="utf-8")
    return path


def test_the_commands_go_there_and_back(company, file, capsys):
    call_command("import_app", str(file), partner="acme", json=True)
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "slug": "acme-analytics",
        "created": True,
        "dry_run": False,
        "warnings": [],
    }
    call_command("export_app", "acme-analytics")
    assert json.loads(capsys.readouterr().out) == FULL
    call_command("import_app", str(file), "--partner", "acme")
    assert capsys.readouterr().out == "acme-analytics: updated\n"


def test_a_dry_run_changes_nothing(company, file, capsys):
    call_command("import_app", str(file), "--partner", "acme", "--dry-run")
    assert capsys.readouterr().out == "acme-analytics: would be created\n"
    assert not App.objects.exists()


def test_a_version_is_exported_by_its_number(app, alice, capsys):
    freeze(app, alice)
    lifecycle.save_listing(alice, app, {"description": "Later"}, 0)
    call_command("export_app", "acme-analytics", "--version", "1")
    assert json.loads(capsys.readouterr().out)["listing"]["description"] == ""
    with pytest.raises(CommandError, match=r"no version 7; it has: 1") as caught:
        call_command("export_app", "acme-analytics", "--version", "7")
    assert caught.value.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code"), [(["missing.json", "--partner", "acme"], 2), (["FILE", "--partner", "nobody"], 2)]
)
def test_usage_errors(company, file, arguments, code):
    with pytest.raises(CommandError) as caught:
        call_command("import_app", *[str(file) if each == "FILE" else each for each in arguments])
    assert caught.value.returncode == code


def test_a_bad_file_is_explained_and_ends_with_1(company, file, capsys):
    file.write_text('{"name": "Acme Analytics", "listing": {"website": "acme"}}')
    with pytest.raises(CommandError, match=r"listing\.website") as caught:
        call_command("import_app", str(file), "--partner", "acme")
    assert caught.value.returncode == 1
    with pytest.raises(SystemExit):
        call_command("import_app", str(file), "--partner", "acme", "--json")
    assert json.loads(capsys.readouterr().out)["path"] == "listing.website"
