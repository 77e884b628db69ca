"""The editor of functions and plugins, its versions and differences, over HTTP."""

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps_catalog import lifecycle
from apps_catalog.code_differences import counts, pairs, rows
from apps_catalog.code_lifecycle import save_version
from apps_catalog.models import App, Component
from apps_catalog.states import ComponentKind, Stage
from tests.counts import count

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def function(app, alice):
    return lifecycle.add_component(alice, app, ComponentKind.SUBSCRIPTION_FUNCTION)


@pytest.fixture
def plugin(app, alice):
    return lifecycle.add_component(alice, app, ComponentKind.WEB_PLUGIN)


@pytest.fixture
def page(app):
    return reverse("app-component-function", args=[app.slug])


def code_of(component):
    return Component.objects.get(pk=component.pk).code


def text_of(answer):
    return unescape(answer.content.decode())


def test_without_the_component_its_pages_do_not_exist(app, alice, client_for):
    client = client_for(alice)
    for name, args in {
        "app-component-function": (), "app-component-plugin": (), "app-code-versions": ("function",),
        "app-code-version": ("webhook", 1),
    }.items():  # fmt: skip
        assert client.get(reverse(name, args=[app.slug, *args])).status_code == 404


def test_the_draft_saves_itself_and_tells_of_a_newer_one(function, page, alice, client_for):
    client = client_for(alice)
    saved = client.post(page, {"revision": 0, "code": "// a\r\n"}, **JSON)
    assert (saved.status_code, saved.json()["revision"], code_of(function)) == (200, 1, "// a\n")
    assert client.post(page, {"revision": 0, "code": "// b"}, **JSON).status_code == 409
    refused = client.post(page, {"revision": 1, "code": "x" * 200_001}, **JSON)
    assert refused.status_code == 422
    assert "200,001 characters" in refused.json()["message"]
    assert function.code_versions.count() == 0


def test_save_and_deploy_are_apart_and_a_second_click_does_nothing(function, page, alice, client_for):
    client = client_for(alice)
    for act in ("save", "save", "deploy", "deploy"):
        answer = client.post(page, {"revision": 0, "code": "// one", "note": "First", "do": act}, follow=True)
    assert answer.redirect_chain == [(page, 303)]
    assert function.code_versions.get().note == "First"
    text = text_of(answer)
    assert all(word in text for word in ("Version 1 is deployed already.", "Latest", "Deployed", "First"))


def test_a_conflict_shows_what_would_be_replaced(function, page, alice, client_for):
    client = client_for(alice)
    client.post(page, {"revision": 0, "code": "// theirs\n// same\n", "do": "save"})
    answer = client.post(page, {"revision": 0, "code": "// mine\n// same\n", "do": "save"})
    text = text_of(answer)
    assert answer.status_code == 409
    assert all(part in text for part in ("// theirs", "// mine", 'name="revision" value="1"'))
    assert client.post(page, {"revision": 1, "code": "// mine\n// same\n", "do": "save"}).status_code == 303


def test_what_is_too_large_comes_back(function, page, alice, client_for):
    code = "// large\n" + "x" * 200_000
    answer = client_for(alice).post(page, {"revision": 0, "code": code, "do": "save"})
    assert answer.status_code == 422
    assert code in text_of(answer)
    assert "200,009 characters; 200,000 are allowed" in text_of(answer)


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"\xff\xfe", "not a text in UTF-8"), (b"x" * 900_000, "characters; 200,000"), (None, "Choose a file first")],
)
def test_a_file_that_cannot_be_opened_changes_nothing(function, page, alice, client_for, data, words):
    sent = {"revision": 0, "code": "// typed", "do": "open"}
    if data is not None:
        sent["file"] = SimpleUploadedFile("x.js", data)
    answer = client_for(alice).post(page, sent)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "// typed" in text_of(answer)


def test_an_opened_file_is_in_the_editor(plugin, app, alice, client_for):
    page = reverse("app-component-plugin", args=[app.slug])
    file = SimpleUploadedFile("acme.js", "\ufeffwindow.acme = () => '☃';\r\n".encode())
    sent = {"revision": 0, "code": plugin.code, "shape": "remote_plugin", "do": "open", "file": file}
    answer = client_for(alice).post(page, sent, follow=True)
    assert code_of(plugin) == "window.acme = () => '☃';\n"
    assert "acme.js is in the editor" in text_of(answer)


def test_a_destination_script_needs_its_name_to_be_saved(plugin, app, alice, client_for):
    page, client = reverse("app-component-plugin", args=[app.slug]), client_for(alice)
    sent = {"revision": 0, "code": "window.acme = () => {};", "shape": "remote_plugin", "do": "save"}
    assert "Give the global name" in text_of(client.post(page, sent))
    assert "as JavaScript knows it" in text_of(client.post(page, sent | {"library_name": "a b"}))
    assert client.post(page, sent, **JSON).status_code == 200
    assert client.post(page, sent | {"revision": 1, "library_name": "acme"}).status_code == 303
    assert plugin.code_versions.get().content["library_name"] == "acme"


def test_versions_are_compared_brought_back_and_deployed(function, app, alice, client_for):
    client = client_for(alice)
    save_version(alice, function, {"code": "// one\n// <b>same</b>\n"}, 0)
    save_version(alice, function, {"code": "// two\n// <b>same</b>\n"}, 1)
    shown = reverse("app-code-version", args=[app.slug, "function", 2])
    for query in ("", "?view=unified", "?with=1", "?with=draft", "?with=deployed", "?with=99999999999", "?with=²"):
        answer = client.get(shown + query)
        assert answer.status_code == 200, query
        assert b"<b>same" not in answer.content
    assert "1 line added, 1 removed" in text_of(client.get(shown))
    for act, words in (("restore", "Version 1 is back, as version 3."), ("deploy", "Version 1 is deployed.")):
        address = reverse(f"app-code-{act}", args=[app.slug, "function", 1])
        assert words in text_of(client.post(address, follow=True))
        assert client.post(address).status_code == 303
    assert function.code_versions.count() == 3
    missing = reverse("app-code-restore", args=[app.slug, "function", 2**40])
    assert client.post(missing).status_code == 404


def test_live_apps_are_told_that_code_is_reviewed_first(function, app, page, alice, client_for):
    client = client_for(alice)
    save_version(alice, function, {"code": "// one"}, 0)
    App.objects.filter(pk=app.pk).update(stage=Stage.PUBLIC_BETA)
    text = text_of(client.get(page))
    assert "reviewed before it runs for them" in text
    assert 'value="deploy"' not in text
    refused = client.post(page, {"revision": 1, "code": "// two", "do": "deploy"})
    assert (refused.status_code, function.code_versions.count()) == (422, 1)
    answer = client.post(reverse("app-code-deploy", args=[app.slug, "function", 1]), follow=True)
    assert "reviewed before it runs for them" in text_of(answer)


def test_who_may_only_look_gets_no_buttons(function, page, viv, client_for):
    text = text_of(client_for(viv).get(page))
    assert 'name="do"' not in text
    assert "data-autosave-url" not in text


# --- Differences -------------------------------------------------------------------------------------------


def test_two_columns_say_what_one_column_says():
    old, new = "a\nb\nc\nd\n" + "same\n" * 20 + "x", "a\nB\nC\nE\nd\n" + "same\n" * 20 + "y"
    found = rows(old, new)
    beside = list(pairs(found))
    assert counts(found) == (4, 3)
    assert [p.before.text for p in beside if p.before and p.before.kind == "removed"] == ["b", "c", "x"]
    assert [p.after.text for p in beside if p.after and p.after.kind == "added"] == ["B", "C", "E", "y"]
    assert [p.kind for p in beside if p.kind == "gap"] == ["gap"]
    assert [p.before for p in beside if p.after and p.after.text == "E"] == [None]


def test_long_files_stay_fast():
    lines = count(20_000, 60_000)
    old = "\n".join(f"line {n}" for n in range(lines))
    new = "\n".join(f"other {n % 7}" for n in range(lines))
    assert len(list(pairs(rows(old, new)))) <= 2_001
