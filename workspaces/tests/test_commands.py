"""`install_app` (CONTRACT)."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from workspaces.models import Destination
from workspaces.tests.test_lifecycle import live


def install(app, source, *settings, **options):
    out = StringIO()
    call_command(
        "install_app", app.slug, workspace=source.workspace.slug, source=source.slug, setting=list(settings),
        json=True, stdout=out, **options,
    )  # fmt: skip
    return json.loads(out.getvalue())


def test_it_installs_once(source, app):
    first = install(app, source, "apiKey=sk-1", enable=True)
    assert (first["created"], first["enabled"]) == (True, True)
    revision = Destination.objects.get().revision

    again = install(app, source, enable=True)

    assert (again["created"], again["enabled"]) == (False, True)
    assert Destination.objects.get().open_values() == {"apiKey": "sk-1"}
    assert Destination.objects.get().revision == revision


def test_settings_are_read_by_their_type(source, app, alice):
    app.settings.create(key="debug", label="Debug", type="boolean", default=True, position=1)
    app.settings.create(key="limit", label="Limit", type="number", position=2)

    install(app, source, "apiKey=k", "debug=no", "limit=10")
    assert Destination.objects.get().open_values() == {"apiKey": "k", "debug": False, "limit": 10}
    install(app, source, "debug=true")
    assert Destination.objects.get().open_values() == {"apiKey": "k", "debug": True, "limit": 10}


def test_a_dry_run_changes_nothing(source, app):
    told = install(app, source, "apiKey=k", enable=True, dry_run=True)

    assert told["dry_run"]
    assert not Destination.every.exists()


@pytest.mark.parametrize(
    ("settings", "code"), [(["apiKey"], 2), (["color=red"], 2), ([], 1), (["apiKey=" + "x" * 6000], 1)]
)
def test_what_cannot_be_installed_is_said(settings, code, source, app):
    with pytest.raises(CommandError) as told:
        install(app, source, *settings)
    assert told.value.returncode == code


def test_an_unknown_place_or_app_is_a_usage_error(source, app, customer_workspace, carol):
    for name, workspace in (("no-such-app", source.workspace.slug), (app.slug, customer_workspace.slug)):
        with pytest.raises(CommandError) as told:
            call_command("install_app", name, workspace=workspace, source=source.slug)
        assert told.value.returncode == 2


def test_elsewhere_the_approved_version_is_installed(app, customer_workspace, carol):
    from_draft = app.settings.create(key="region", label="Region", position=1)
    live(app)
    from_draft.delete()
    source = customer_workspace.sources.create(name="Shop", slug="shop")

    install(app, source, "apiKey=k", "region=eu")

    assert Destination.objects.get().open_values() == {"apiKey": "k", "region": "eu"}
