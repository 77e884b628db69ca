"""The manifest editor: what it refuses and where, what it shows before it acts, and that nothing else happens."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps_catalog import lifecycle
from apps_catalog.importing import Report, house, import_record
from apps_catalog.manifest import apply, export
from apps_catalog.manifest_editing import MAX_TEXT, check_edit, write
from apps_catalog.models import App
from apps_catalog.tests.test_manifest import DATA, FULL
from apps_catalog.versions import freeze
from audit.models import Record
from audit.recording import SYSTEM
from tests.counts import count

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(app, alice, client_for):
    return Page(client_for(alice), reverse("app-manifest", args=[app.slug]))


class Page:
    """The form as a browser sends it: what it was given last, with a text of one's own."""

    def __init__(self, client, url):
        self.client, self.url = client, url
        self.fields = self.read(client.get(url))

    def read(self, answer):
        form = answer.context["form"]
        return {name: (form[name].value() or "").replace("\r\n", "\n") for name in ("text", "base", "checked")}

    def send(self, act, text=None, **more):
        # Browsers send line ends of two characters.
        text = (self.fields["text"] if text is None else text).replace("\n", "\r\n")
        answer = self.client.post(self.url, {**self.fields, "text": text, "do": act, **more})
        if answer.status_code != 303:
            self.fields = self.read(answer)
        return answer

    def change(self, **parts):
        return write({**json.loads(self.fields["text"]), **parts})


def problems(answer):
    return [(each.line, each.path) for each in answer.context["check"].problems]


def now(app):
    return export(App.objects.get(pk=app.pk))


def test_the_page_costs_few_queries(page, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        page.client.get(page.url)


# --- Checking ------------------------------------------------------------------------------------------------


def test_the_draft_is_shown_as_export_app_writes_it(page, app):
    assert page.fields["text"] == json.dumps(export(app), indent=2, ensure_ascii=False) + "\n"


def test_a_slip_in_the_json_is_shown_at_its_line_and_the_text_stays(page, app):
    text = page.fields["text"].replace('"slug": "acme-analytics",', '"slug": "acme-analytics"')
    answer = page.send("check", text)
    assert answer.status_code == 422
    assert problems(answer) == [(4, "")]
    assert page.fields["text"].replace("\r\n", "\n") == text
    assert "Line 4, column 3" in answer.content.decode()


def test_all_problems_are_named_at_once_with_the_nearest_word(page, app):
    before = now(app)
    text = """{
  "nam": "Acme",
  "slug": "acme-analytics",
  "components": [
    {"kind": "subscription_webhok"},
    {"kind": "subscription_webhook", "endpoint": "http://10.0.0.1/"}
  ],
  "settings": [
    {"key": "a", "type": "strin", "required": "yes"},
    {"key": "a", "key": "A b"}
  ],
  "listing": {"website": "acme", "primary_category": "Nonsense"}
}"""
    answer = page.send("check", text)
    assert answer.status_code == 422
    assert problems(answer) == [
        (2, "nam"), (5, "components[0].kind"), (6, "components[1].endpoint"), (9, "settings[0].type"),
        (9, "settings[0].required"), (10, "settings[1].key"), (10, ""),
        (12, "listing.website"), (12, "listing.primary_category"),
    ]  # fmt: skip
    shown = answer.content.decode()
    assert "Did you mean “name”?" in shown
    assert "Did you mean “subscription_webhook”?" in shown
    assert now(app) == before


def test_a_text_over_the_limit_comes_back_with_the_limit(page):
    text = '{"name": "' + "x" * 1_000_000 + '"}'
    answer = page.send("check", text)
    assert answer.status_code == 422
    assert f"longer than {MAX_TEXT:,} characters" in answer.content.decode()
    assert page.fields["text"] == text


def test_a_check_shows_what_would_change_and_changes_nothing(page, app):
    before, records = now(app), Record.objects.count()
    answer = page.send("check", page.change(settings=[{"key": "apiKey"}, {"key": "host", "label": "Host"}]))
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "“host” is added." in shown
    assert 'class="manifest-diff__added"' in shown
    assert '<span class="visually-hidden">added</span>' in shown
    assert (now(app), Record.objects.count()) == (before, records)


def test_what_is_saved_already_needs_no_apply(page):
    answer = page.send("check")
    assert answer.status_code == 200
    assert "Nothing would change" in answer.content.decode()
    assert 'value="apply"' not in answer.content.decode()


# --- Applying ------------------------------------------------------------------------------------------------


def test_a_checked_text_is_applied_once_and_recorded(page, app, alice):
    listing = {**export(app)["listing"], "website": "https://acme.example/"}
    page.send("check", page.change(name="Acme Cloud", listing=listing))
    assert page.send("apply").status_code == 303
    assert now(app)["name"] == "Acme Cloud"
    assert now(app)["listing"]["website"] == "https://acme.example/"
    imported = Record.objects.filter(action="app.imported")
    assert [(each.actor, each.data["parts"]) for each in imported] == [(f"user:{alice.pk}", ["name", "listing"])]
    assert page.send("apply").status_code == 303  # the second click
    assert imported.count() == 1


def test_a_text_that_nobody_saw_checked_is_checked_first(page, app):
    before = now(app)
    page.send("check", page.change(name="Acme Cloud"))
    answer = page.send("apply", page.change(name="Acme Storm"))
    assert answer.status_code == 200
    assert "Acme Storm" in answer.content.decode()
    assert now(app) == before


def test_an_old_tab_shows_both_versions_and_lets_one_choose(page, app, alice):
    page.send("check", page.change(name="Acme Cloud"))
    lifecycle.save_listing(alice, app, {"website": "https://saved.example/"}, 0)
    answer = page.send("apply")
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "changed in the meantime" in shown
    assert "https://saved.example/" in shown
    assert "Acme Cloud" in page.fields["text"]
    assert now(app)["name"] == "Acme Analytics"
    assert page.send("apply").status_code == 303
    assert (now(app)["name"], now(app)["listing"]["website"]) == ("Acme Cloud", "")


def test_secrets_stay(page, app, alice):
    webhook = lifecycle.add_component(alice, app, "subscription_webhook")
    lifecycle.set_endpoint(alice, webhook, webhook.endpoint, 0, test_settings={"apiKey": "canary-1"})
    lifecycle.save_access(alice, app, {}, 0, secrets={"password": "canary-2"})
    page = Page(page.client, page.url)
    assert "canary" not in page.fields["text"]
    page.send("check", page.fields["text"].replace(webhook.endpoint, "https://new.example/"))
    assert page.send("apply").status_code == 303
    webhook.refresh_from_db()
    assert webhook.endpoint == "https://new.example/"
    assert webhook.open_test_settings() == {"apiKey": "canary-1"}
    assert App.objects.get(pk=app.pk).reviewer_access.open("password") == "canary-2"


def test_another_slug_is_explained_and_so_is_a_fixed_name(page, app, alice):
    answer = page.send("check", page.change(slug="acme-cloud"))
    assert problems(answer) == [(3, "slug")]
    assert "Rename the App under Manage" in answer.content.decode()
    freeze(app, alice)
    answer = page.send("check", page.change(slug=app.slug, name="Acme Cloud"))
    assert problems(answer) == [(2, "name")]


def test_a_manifest_without_a_slug_is_about_this_app(page, app, alice, company):
    lifecycle.create_app(alice, company, "Acme Other")
    page.send("check", json.dumps({"name": "Acme Other"}))
    page.send("apply")
    assert now(app)["name"] in ("Acme Other", "Acme Analytics")
    assert App.objects.get(slug="acme-other").revision == 0


def test_a_viewer_reads_and_cannot_send(app, viv, client_for):
    client, url = client_for(viv), reverse("app-manifest", args=[app.slug])
    shown = client.get(url).content.decode()
    assert "readonly" in shown
    assert 'value="check"' not in shown
    assert client.post(url, {"text": "{}", "do": "apply"}).status_code == 403


# --- Files ---------------------------------------------------------------------------------------------------


def test_there_and_back_through_a_file(page, app):
    file = page.client.get(reverse("app-manifest-file", args=[app.slug]))
    assert file["Content-Disposition"] == 'attachment; filename="acme-analytics.json"'
    upload = SimpleUploadedFile("app.json", b"\xef\xbb\xbf" + file.content)
    answer = page.send("open", "never mind", file=upload)
    assert answer.status_code == 200
    assert page.fields["text"] == file.content.decode()
    assert "Nothing would change" in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"\xff\xfe{", "not a text in UTF-8"), (b" " * (4 * MAX_TEXT + 1), "longer than"), (None, "Choose a file")],
)
def test_a_file_that_cannot_be_read_leaves_the_text(page, data, said):
    files = {"file": SimpleUploadedFile("app.json", data)} if data else {}
    answer = page.send("open", '{"mine": 1}', **files)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert page.fields["text"] == '{"mine": 1}'


# --- A new App -----------------------------------------------------------------------------------------------


@pytest.fixture
def new(alice, company, client_for):
    return Page(client_for(alice), reverse("app-new-manifest"))


def test_a_new_app_from_a_manifest(new, company):
    text = write({key: value for key, value in FULL.items() if key != "slug"})
    answer = new.send("check", text)
    assert answer.status_code == 200
    assert not App.objects.exists()
    assert "“region” is added." in answer.content.decode()
    answer = new.send("apply")
    assert answer.status_code == 303
    made = App.objects.get()
    assert export(made) == FULL
    assert made.company == company
    answer = new.send("apply")  # the second click
    assert answer.status_code == 303
    assert App.objects.count() == 1


def test_a_new_app_takes_no_name_that_exists(new, app):
    answer = new.send("check", json.dumps({"name": app.name, "settings": []}, indent=1))
    assert answer.status_code == 422
    assert problems(answer) == [(2, "name")]


def test_the_starter_lacks_only_what_one_has_to_say(new):
    assert problems(new.send("check")) == [(2, "name")]


def test_only_those_who_may_create_get_the_page(viv, client_for):
    assert client_for(viv).get(reverse("app-new-manifest")).status_code == 403


# --- The whole catalog, and anything ---------------------------------------------------------------------------


def test_every_real_entry_goes_through_the_editor():
    records = json.loads(DATA.read_text())
    for each in records[:: count(40, 1)]:
        import_record(each, house(), Report())
        app = App.objects.get(slug=each["slug"])
        check = check_edit(app, write(export(app)), SYSTEM)
        assert (check.problems, check.changes, check.rows) == ([], [], []), each["slug"]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
SETTINGS = st.lists(
    st.fixed_dictionaries({
        "key": st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True).filter(lambda key: key != "apikey"),
        "label": TEXT, "hint": TEXT, "required": st.booleans(), "sensitive": st.booleans(),
        "type": st.sampled_from(["string", "array", "mixed", "map"]), "default": st.none() | TEXT,
    }),
    max_size=4, unique_by=lambda setting: setting["key"],
)  # fmt: skip


@settings(max_examples=count(15, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SETTINGS, TEXT, TEXT)
def test_editing_nothing_changes_nothing(company, settings, description, docs):
    data = {**FULL, "settings": settings, "listing": {"description": description, "docs_links": {"segment_text": docs}}}
    app = App.objects.get(pk=apply(data, company=company, actor=SYSTEM).pk)
    check = check_edit(app, write(export(app)), SYSTEM)
    assert (check.problems, check.changes, check.rows) == ([], [], [])
