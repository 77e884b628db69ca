"""The settings of every entry of the real catalog: imported, built, shown, filled in, sent and exported (D8 to D10)."""

import base64
import json
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from apps_catalog.customer_form import CustomerForm
from apps_catalog.importing import Report, house, import_record
from apps_catalog.manifest import export
from apps_catalog.models import App, Setting
from apps_catalog.publishing import categories_by_name
from apps_catalog.setting_forms import SettingForm, saved
from apps_catalog.setting_sending import sent_with
from apps_catalog.states import SettingType
from runtime.webhooks import build_request
from tests.counts import count

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[1] / "data" / "segment-catalog.json"
EMPTY = (None, "", [], {})
# What a customer might type, and what is meant, by type.
TYPED = {
    "string": ("eu-west", "eu-west"),
    "boolean": ("on", True),
    "select": ("EU 🇪🇺", "EU 🇪🇺"),
    "password": ("s3cret-Ω-value-long", "s3cret-Ω-value-long"),
    "array": ("one\r\ntwo, three", ["one", "two, three"]),
    "text-map": ("plan = tier\r\ncity=town", {"plan": "tier", "city": "town"}),
    "number": ("2.5", 2.5),
    "mixed": ('[{"a": [1, null]}]', [{"a": [1, None]}]),
    "map": ('{"a": {"b": true}}', {"a": {"b": True}}),
    "color": ("rgba(46, 49, 51, 0.6)", "rgba(46, 49, 51, 0.6)"),
}


def types(records) -> set[str]:
    return {setting["type"] for record in records for setting in record["settings"]}


@pytest.fixture(scope="module")
def records():
    """All 410 in the full run; else every eighth, and the first one of each rare type."""
    found = json.loads(DATA.read_text())
    assert len(found) == 410
    chosen = found[:: count(8, 1)]
    chosen += [next(one for one in found if kind in types([one])) for kind in types(found) - types(chosen)]
    assert types(chosen) == set(SettingType.values)
    return chosen


@pytest.fixture
def apps(records):
    """Every entry as a draft of the house company, with its settings."""
    company, known = house(), categories_by_name()
    for record in records:
        import_record(record, company, Report(), known)
    return {app.slug: app for app in App.objects.prefetch_related("settings")}


def test_every_real_schema_goes_all_the_way_without_loss(records, apps):
    for record in records:
        app = apps[record["slug"]]
        settings = list(app.settings.all())
        goes_through_the_builder(app, settings)
        is_shown(record, app, settings)
        untouched_sends_the_defaults(settings)
        filled_in_is_sent(settings)
        is_exported(record, app)


def goes_through_the_builder(app: App, settings: list[Setting]) -> None:
    """Saving a setting as the builder shows it changes nothing."""
    for setting in settings:
        form = SettingForm({"revision": 0, **saved(setting)}, app=app, setting=setting)
        assert form.is_valid(), (app.slug, setting.key, form.errors)
        assert {name: (value, getattr(setting, name)) for name, value in form.values().items()
                if value != getattr(setting, name)} == {}, (app.slug, setting.key)  # fmt: skip


def is_shown(record: dict, app: App, settings: list[Setting]) -> None:
    context = {"app": app, "form": CustomerForm(settings=settings)}
    html = render_to_string("apps_catalog/console/_customer_form.html", context)
    assert html.count("data-setting=") == len(record["settings"])


def untouched_sends_the_defaults(settings: list[Setting]) -> None:
    """The form as a browser sends it back untouched; what is required is filled in."""
    form = CustomerForm(settings=settings)
    data = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    for setting in settings:
        if setting.required and data.get(f"preview-{setting.key}") in EMPTY:
            data[f"preview-{setting.key}"] = TYPED[setting.type][0]
    form = CustomerForm(data, settings=settings)
    assert form.is_valid(), form.errors
    values = form.values()
    for setting in settings:
        if not setting.required and (values.get(setting.key) not in EMPTY or setting.default not in EMPTY):
            assert values[setting.key] == setting.default, setting.key


def filled_in_is_sent(settings: list[Setting]) -> None:
    form = CustomerForm({f"preview-{s.key}": TYPED[s.type][0] for s in settings}, settings=settings)
    assert form.is_valid(), form.errors
    meant = {setting.key: TYPED[setting.type][1] for setting in settings}
    assert form.values() == meant
    headers = dict(build_request("https://example.com/", {}, str(meant.get("apiKey", "")), form.values()).headers)
    sent = json.loads(base64.b64decode(headers["X-Segment-Settings"]))
    assert sent == {key: value for key, value in meant.items() if key != "apiKey"}
    assert "s3cret" not in repr(sent_with(settings, form.values()))


def is_exported(record: dict, app: App) -> None:
    came = [(s["name"], s["type"], s["label"], s["required"], s["defaultValue"]) for s in record["settings"]]
    names = ("key", "type", "label", "required", "default")
    assert [tuple(s[name] for name in names) for s in export(app)["settings"]] == came
