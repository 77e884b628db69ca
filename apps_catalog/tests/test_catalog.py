import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps_catalog.addresses import page_of
from apps_catalog.assets import store_svg
from apps_catalog.importing import BadRecord, Report, house, import_record
from apps_catalog.models import App, CatalogEntry, Category
from apps_catalog.publishing import publish, unpublish
from apps_catalog.search import search
from apps_catalog.states import Stage
from apps_catalog.versions import freeze
from audit.recording import SYSTEM

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[1] / "data" / "segment-catalog.json"


def record(slug: str, **changes) -> dict:
    base = {
        "slug": slug, "display_name": slug.title(), "status": "PUBLIC", "hidden": False,
        "website": f"https://{slug}.example", "categories": ["Analytics"], "methods": {"track": True},
        "settings": [{"name": "apiKey", "type": "string", "label": "API Key", "required": False, "defaultValue": ""}],
    }  # fmt: skip
    return base | changes


@pytest.fixture
def catalog():
    company, report = house(), Report()

    def load(*records: dict) -> Report:
        for each in records:
            import_record(each, company, report)
        return report

    return load


def live(app: App, **listing) -> CatalogEntry:
    for name, value in listing.items():
        setattr(app.listing, name, value)
    app.listing.save()
    App.objects.filter(pk=app.pk).update(stage=Stage.PUBLIC_BETA)
    app.refresh_from_db()
    return publish(app, freeze(app, app.created_by), listed=True, actor=app.created_by)


@pytest.mark.postgres
def test_every_real_entry_is_loaded_and_a_second_load_changes_nothing(capsys):
    call_command("import_catalog", DATA, "--json")
    first = json.loads(capsys.readouterr().out)
    assert (len(first["created"]), first["failed"]) == (410, [])
    call_command("import_catalog", DATA, "--json")
    second = json.loads(capsys.readouterr().out)
    assert (len(second["unchanged"]), second["created"], second["updated"]) == (410, [], [])
    real = {each["slug"]: each for each in json.loads(DATA.read_text())}
    assert CatalogEntry.objects.listed().count() == sum(not each["hidden"] for each in real.values())
    for entry in CatalogEntry.objects.select_related("version"):
        kept = [(s["key"], s["type"], s["label"], s["default"]) for s in entry.version.manifest["settings"]]
        came = real[entry.slug]["settings"]
        assert kept == [(s["name"], s["type"], s["label"], s["defaultValue"]) for s in came]


def test_a_dry_run_changes_nothing(tmp_path):
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps([record("alpha"), record("beta")]))
    call_command("import_catalog", file, "--dry-run")
    assert not App.objects.exists()


def test_a_changed_record_makes_a_new_version(catalog):
    catalog(record("acme"))
    report = catalog(record("acme", display_name="Acme 2"))
    entry = CatalogEntry.objects.get(slug="acme")
    assert (report.updated, entry.name, entry.version.number) == (["acme"], "Acme 2", 2)


def test_a_partners_slug_is_not_overwritten(catalog, app):
    with pytest.raises(BadRecord, match="partner"):
        catalog(record(app.slug))


@pytest.mark.parametrize("bad", [{"slug": ""}, {"status": "PRIVATE_BETA"}, {"display_name": None}])
def test_a_bad_record_is_refused(catalog, bad):
    with pytest.raises(BadRecord):
        catalog(record("acme") | bad)


def test_a_file_that_is_not_a_list_is_a_usage_error(tmp_path):
    file = tmp_path / "x.json"
    file.write_text("{}")
    with pytest.raises(CommandError) as error:
        call_command("import_catalog", file)
    assert error.value.returncode == 2


def test_odd_things_are_kept_and_reported(catalog):
    report = catalog(record("user_guiding", website="htps://x.example", categories=["Livechat", "Unheard of"]))
    assert len(report.notes) == 3
    entry = CatalogEntry.objects.get(slug="user_guiding")
    assert [category.name for category in entry.categories.all()] == ["Live chat"]


def test_hidden_entries_have_a_page_and_stand_in_no_list(client, catalog):
    catalog(record("hidden-one", hidden=True), record("open-one"))
    assert "hidden-one" not in client.get(reverse("catalog")).content.decode()
    assert client.get(reverse("catalog-entry", args=["hidden-one"])).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("alpha", ["Alpha"]),
        ("alp", ["Alpha"]),
        ("ALPHA", ["Alpha"]),
        ("analytics", ["Alpha", "Beta"]),
        ("segment beta", ["Beta"]),
        ("beta alpha", []),
        ("", ["Alpha", "Beta"]),
        ("!!! & | ( '", ["Alpha", "Beta"]),
        ("x" * 5000, []),
    ],
)
def test_search_finds_entries_by_the_beginnings_of_words(catalog, query, found):
    catalog(record("alpha"), record("beta"))
    assert [entry.name for entry in search(query)] == found


def test_names_come_before_other_matches(catalog, app):
    catalog(record("zulu-sms"))
    live(app, description="Sends SMS to people.")
    assert [entry.name for entry in search("zulu")] == ["Zulu-Sms"]
    assert [entry.name for entry in search("sms")] == ["Zulu-Sms", app.name]


def test_the_category_filter(client, catalog):
    catalog(record("alpha"), record("beta", categories=["Surveys"]))
    page = client.get(reverse("catalog"), {"category": "surveys"}).content.decode()
    assert "Beta" in page
    assert "Alpha" not in page


def test_a_private_beta_is_in_no_list_and_has_no_public_page(client, app):
    publish(app, freeze(app, app.created_by), listed=False, actor=app.created_by)
    assert list(client.get(reverse("catalog"), {"q": app.name}).context["page_obj"]) == []
    assert client.get(reverse("catalog-entry", args=[app.slug])).status_code == 404


def test_an_entry_shows_its_version_and_not_the_draft(client, app):
    live(app, description="The approved text.")
    app.listing.description = "The draft."
    app.listing.save()
    page = client.get(reverse("catalog-entry", args=[app.slug])).content.decode()
    assert "The approved text." in page
    assert "The draft." not in page


def test_released_entries_are_new_and_imported_ones_are_not(client, catalog, app):
    catalog(record("alpha"))
    live(app)
    page = client.get(reverse("catalog-new")).content.decode()
    assert app.name in page
    assert "Alpha" not in page


def test_an_entry_keeps_the_time_of_its_first_listing(app):
    first = live(app).listed_at
    assert live(app, description="More.").listed_at == first


def test_an_unpublished_entry_is_gone(client, app):
    live(app)
    unpublish(app, actor=app.created_by)
    assert client.get(reverse("catalog-entry", args=[app.slug])).status_code == 404


def test_html_in_a_name_or_description_is_shown_as_text(client, catalog):
    hostile = "<img src=x onerror=alert(1)> **bold**"
    catalog(record("evil", display_name="<script>alert(1)</script>", description=hostile))
    for path in (reverse("catalog"), reverse("catalog-entry", args=["evil"])):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_the_catalog_costs_the_same_queries_for_few_and_many(client, catalog):
    catalog(record("alpha"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("catalog"))
    catalog(*(record(f"entry-{number}x", categories=["Analytics", "Surveys"]) for number in range(30)))
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("catalog"))
    assert len(many) <= len(few) <= 8
    assert client.get(reverse("catalog"), {"page": "2"}).context["page_obj"].number == 2


def test_pictures_may_do_nothing_when_opened_by_themselves(client, app):
    picture = store_svg('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    answer = client.get(reverse("asset", args=[picture.pk]))
    assert answer["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "immutable" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(reverse("asset", args=["0" * 64])).status_code == 404


def test_the_live_lists_spelling_is_an_alias():
    assert Category.objects.get(name="Live chat").aliases == ["Livechat"]
    assert Category.objects.count() == 23


def test_categories_know_how_many_entries_they_list(catalog):
    catalog(record("alpha"), record("beta", categories=["Analytics", "Surveys"]), record("gamma", hidden=True))
    assert counts() == {"analytics": 2, "surveys": 1}
    unpublish(CatalogEntry.objects.get(slug="beta").app, actor=SYSTEM)
    assert counts() == {"analytics": 1}


def counts():
    return dict(Category.objects.filter(listed_count__gt=0).values_list("slug", "listed_count"))


def test_addresses_in_rows_are_those_of_the_routes():
    for route in ("app-detail", "app-components", "app-listing", "suite-home"):
        assert page_of(route, "odd_Slug-1") == reverse(route, args=["odd_Slug-1"])
