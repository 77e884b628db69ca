"""The settings builder's pages: every type, order, undo, two tabs, the tester and the preview."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from apps_catalog import lifecycle
from apps_catalog.models import App, RemovedSetting

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(app, alice):
    def add(label, **values):
        return lifecycle.add_setting(alice, app, {"label": label, **values}, revision(app))

    return add


@pytest.fixture
def client(alice, client_for):
    return client_for(alice)


def revision(app):
    return App.objects.get(pk=app.pk).revision


def url(name, app, *args):
    return reverse(name, args=[app.slug, *args])


def keys(app):
    return list(app.settings.values_list("key", flat=True))


def new(client, app, **data):
    return client.post(url("app-setting-new", app), {"revision": revision(app), "type": "string", **data})


@pytest.mark.parametrize(
    ("data", "column", "value"),
    [
        ({"type": "string", "default": "a", "pattern": "[a-z]+"}, "pattern", "[a-z]+"),
        ({"type": "boolean", "default": "true"}, "default", True),
        ({"type": "select", "choices": "eu = Europe\r\nus"}, "choices", [{"value": "eu", "label": "Europe"}, "us"]),
        ({"type": "password"}, "sensitive", True),
        ({"type": "array", "default": "one\r\ntwo"}, "default", ["one", "two"]),
        ({"type": "text-map", "default": "a = b"}, "default", {"a": "b"}),
        ({"type": "number", "default": "2.5"}, "default", 2.5),
        ({"type": "mixed", "default": "[1]"}, "default", [1]),
        ({"type": "map", "default": '{"a": 1}'}, "default", {"a": 1}),
        ({"type": "color", "default": "#0a7a51"}, "default", "#0a7a51"),
    ],
)
def test_all_ten_types_are_made_and_saved_again_without_change(data, column, value, app, client):
    assert new(client, app, label="Thing", **data).status_code == 303
    setting = app.settings.get(key="thing")
    assert (setting.type, getattr(setting, column)) == (data["type"], value)
    page = client.get(url("app-setting-edit", app, "thing"))
    form = page.context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert client.post(url("app-setting-edit", app, "thing"), typed).status_code == 303
    assert revision(app) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"pattern": "(a+)+$"}, "takes too long"),
        ({"pattern": "("}, "not a regular expression"),
        ({"type": "boolean", "sensitive": "on"}, "cannot be secret"),
        ({"sensitive": "on", "default": "x"}, "A secret has no default"),
        ({"type": "color", "default": "url(x)"}, "Enter a colour"),
        ({"type": "map", "default": "[1]"}, "JSON object"),
        ({"visible_key": "region"}, "Enter the value to compare with"),
        ({"visible_key": "nowhere", "visible_value": "x"}, "gone in the meantime"),
        ({"visible_key": "apiKey", "visible_value": "x"}, "gone in the meantime"),
    ],
)
def test_a_bad_rule_is_explained(data, words, app, add, client):
    add("Region")
    answer = new(client, app, label="Host", **data)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_conditions_never_go_round(app, add, client, alice):
    add("Region")
    assert new(client, app, label="Host", visible_key="region", visible_value="eu").status_code == 303
    assert app.settings.get(key="host").visible_if == {"key": "region", "operator": "equals", "value": "eu"}
    body = {"revision": 2, "label": "Region", "type": "string", "visible_key": "host", "visible_operator": "filled"}
    answer = client.post(url("app-setting-edit", app, "region"), body)
    assert answer.status_code == 422
    assert "Region → Host → Region" in answer.content.decode()
    with pytest.raises(ValidationError, match="decides whether"):
        lifecycle.remove_setting(alice, app, "region", 2)


# --- Order and undo ------------------------------------------------------------------------------------


def test_dropping_and_buttons_put_it_in_its_place(app, add, client):
    for label in ("One", "Two", "Three"):
        add(label)
    move = url("app-setting-move", app, "three")
    client.post(move, {"revision": 3, "place": 1})
    assert keys(app) == ["apiKey", "three", "one", "two"]
    client.post(move, {"revision": 4, "direction": "down"})
    assert keys(app) == ["apiKey", "one", "three", "two"]
    for place in ("0", "4", "x", "-1"):
        client.post(move, {"revision": revision(app), "place": place})
    client.post(url("app-setting-move", app, "apiKey"), {"revision": revision(app), "place": 2})
    assert keys(app) == ["apiKey", "one", "three", "two"]


def test_what_is_removed_comes_back_as_it_was(app, add, client):
    for label in ("One", "Two", "Three"):
        add(label, hint=f"About {label}", default="x")
    before = list(app.settings.values())
    client.post(url("app-setting-remove", app, "two"), {"revision": 3})
    assert keys(app) == ["apiKey", "one", "three"]
    restore = url("app-setting-restore", app, "two")
    assert restore in client.get(url("app-settings", app)).content.decode()
    for _ in range(2):
        assert client.post(restore).status_code == 303
    after = list(app.settings.values())
    assert [{**row, "id": 0} for row in after] == [{**row, "id": 0} for row in before]
    assert revision(app) == 5
    assert not RemovedSetting.objects.exists()


def test_after_the_grace_period_it_is_gone(app, add, client, settings):
    add("One")
    client.post(url("app-setting-remove", app, "one"), {"revision": 1})
    settings.DELETION_GRACE_DAYS = 0
    client.post(url("app-setting-restore", app, "one"))
    assert keys(app) == ["apiKey"]


def test_a_new_setting_with_the_key_stays(app, add, client):
    add("One", hint="old")
    client.post(url("app-setting-remove", app, "one"), {"revision": 1})
    add("One", hint="new")
    client.post(url("app-setting-restore", app, "one"))
    assert app.settings.get(key="one").hint == "new"


# --- Two tabs ------------------------------------------------------------------------------------------


def test_an_old_tab_sees_both_versions(app, add, client):
    setting = add("Region", choices=["eu", "us"], type="select")
    edit = url("app-setting-edit", app, setting.key)
    body = {"revision": 1, "label": "Region", "type": "select", "choices": "eu\r\nus", "visible_operator": "equals"}
    assert client.post(edit, {**body, "hint": "Theirs"}).status_code == 303
    answer = client.post(edit, {**body, "hint": "Mine"})
    assert answer.status_code == 409
    assert [(d.label, d.theirs, d.mine) for d in answer.context["differences"]] == [("Hint", "Theirs", "Mine")]
    assert client.post(edit, {**body, "hint": "Mine", "revision": 2}).status_code == 303
    setting.refresh_from_db()
    assert setting.hint == "Mine"


def test_what_is_typed_survives_that_the_setting_was_removed(app, add, client):
    add("Region")
    client.post(url("app-setting-remove", app, "region"), {"revision": 1})
    edit = url("app-setting-edit", app, "region")
    body = {"revision": 1, "label": "Data region", "type": "string", "hint": "Typed for an hour"}
    answer = client.post(edit, body)
    assert answer.status_code == 409
    assert "Typed for an hour" in answer.content.decode()
    assert client.post(edit, {**body, "bring_back": "1"}).status_code == 303
    assert app.settings.get(key="region").hint == "Typed for an hour"


def test_a_removed_setting_is_not_edited_but_offered(app, add, client):
    add("Region")
    client.post(url("app-setting-remove", app, "region"), {"revision": 1})
    answer = client.get(url("app-setting-edit", app, "region"), follow=True)
    assert "Bring it back to edit it" in answer.content.decode()


# --- The tester and the preview ------------------------------------------------------------------------


def test_the_tester_without_scripts_keeps_everything_and_saves_nothing(app, client):
    body = {"label": "Half done", "type": "string", "pattern": "[a-z]+", "sample": "abc1", "try_pattern": "1",
            "revision": 0, "required": "on", "components": ["web_plugin"]}  # fmt: skip
    answer = client.post(url("app-setting-new", app), body)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "No match" in text
    assert "error-summary" not in text
    form = answer.context["form"]
    assert [form[name].value() for name in ("label", "sample", "required", "components")] == [
        "Half done", "abc1", True, ["web_plugin"]]  # fmt: skip
    assert keys(app) == ["apiKey"]


@pytest.mark.parametrize(
    ("pattern", "words"), [("[a-z]+", "Matches"), ("(a+)+$", "stopped"), ("x" * 301, "at most 300")]
)
def test_the_tester_as_one_types(pattern, words, app, client):
    sample = "a" * 40 + ("!" if "+" in pattern[1:3] and "$" in pattern else "")
    answer = client.post(url("app-setting-pattern", app), {"pattern": pattern, "sample": sample})
    assert words in answer.content.decode()


def test_the_preview_is_tried_and_keeps_nothing(app, add, client, client_for, viv):
    add("Host", pattern=r"[a-z]+\.example")
    address = url("app-setting-preview", app)
    wrong = client.post(address, {"preview-host": "Acme"})
    assert wrong.status_code == 422
    assert "does not look like a valid Host" in wrong.content.decode()
    right = client_for(viv).post(address, {"preview-apiKey": "canary-c0ffee-12345", "preview-host": "acme.example"})
    text = right.content.decode()
    assert right.status_code == 200
    assert "****2345:" in text
    assert "acme.example" in text
    assert "canary" not in text


def test_the_api_key_stays_what_it_is(app, client):
    edit = url("app-setting-edit", app, "apiKey")
    body = {"revision": 0, "label": "Write key", "type": "number", "default": "x", "visible_key": "apiKey"}
    assert client.post(edit, body).status_code == 303
    row = app.settings.get()
    assert (row.label, row.key, row.type, row.required, row.sensitive, row.default, row.visible_if) == (
        "Write key", "apiKey", "string", True, True, None, None)  # fmt: skip
