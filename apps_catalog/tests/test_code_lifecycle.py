"""Drafts, versions, deploying and restoring of code, and what a submission and an approval do with them."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps_catalog import code_lifecycle, lifecycle
from apps_catalog.code_lifecycle import (
    deploy_approved,
    deploy_version,
    replace_draft,
    restore_version,
    save_draft,
    save_version,
)
from apps_catalog.code_limits import MAX_CODE
from apps_catalog.lifecycle import StaleDraft
from apps_catalog.models import App, CodeVersion, Component
from apps_catalog.states import ComponentKind, Stage
from apps_catalog.versions import freeze
from audit.models import Record
from testbench import fingerprint

pytestmark = pytest.mark.django_db
ONE, TWO = {"code": "// one\n"}, {"code": "// two\n"}


@pytest.fixture
def function(app, alice):
    return lifecycle.add_component(alice, app, ComponentKind.SUBSCRIPTION_FUNCTION)


@pytest.fixture
def plugin(app, alice):
    return lifecycle.add_component(alice, app, ComponentKind.WEB_PLUGIN)


def numbers(component):
    return list(component.code_versions.values_list("number", flat=True))


def deployed(component):
    now = Component.objects.select_related("deployed").get(pk=component.pk)
    return now.deployed.number if now.deployed else None


def test_a_new_function_and_a_new_plugin_begin_with_code(function, plugin, app):
    assert app.echo.token in function.code
    assert all(f"async function on{name}(" in function.code for name in ("Track", "Identify", "Delete"))
    assert "analytics.register({" in plugin.code
    assert not CodeVersion.objects.exists()


def test_names_in_a_starter_are_strings_of_javascript(app, alice):
    App.objects.filter(pk=app.pk).update(name='A "quoted" \\ name')
    component = lifecycle.add_component(alice, App.objects.get(pk=app.pk), ComponentKind.WEB_PLUGIN)
    assert r'name: "A \"quoted\" \\ name",' in component.code


def test_typing_makes_no_version(function, alice):
    assert save_draft(alice, function, ONE, 0) == ["code"]
    assert (numbers(function), deployed(function)) == ([], None)


def test_saving_makes_versions_and_deploying_is_apart(function, alice, bob):
    first = save_version(alice, function, ONE, 0, note=" the first ", deploy=True)
    second = save_version(bob, function, TWO, 1)
    assert (first.is_new, first.is_deployed, first.version.note) == (True, True, "the first")
    assert (second.version.number, second.is_deployed, second.version.saved_by) == (2, False, bob)
    assert (numbers(function), deployed(function)) == ([2, 1], 1)
    assert list(Record.objects.filter(action__startswith="code.").values_list("action", flat=True)) == [
        "code.saved", "code.deployed", "code.saved",
    ]  # fmt: skip


def test_the_same_again_is_no_new_version(function, alice):
    for revision in (0, 1, 0):
        save_version(alice, function, ONE, revision, deploy=True)
    assert numbers(function) == [1]
    assert Record.objects.filter(action="code.deployed").count() == 1


def test_two_tabs_conflict(function, alice, bob):
    save_draft(bob, function, TWO, 0)
    for verb in (save_draft, save_version):
        with pytest.raises(StaleDraft):
            verb(alice, function, ONE, 0)
    assert (Component.objects.get(pk=function.pk).code, numbers(function)) == (TWO["code"], [])


def test_restoring_makes_a_new_version_and_loses_nothing(function, alice):
    save_version(alice, function, ONE, 0)
    save_version(alice, function, TWO, 1)
    save_draft(alice, function, {"code": "// typed\n"}, 2)
    saved = restore_version(alice, function, 1)
    assert [(v.number, v.code, v.restored_from and v.restored_from.number) for v in function.code_versions.all()] == [
        (4, ONE["code"], 1), (3, "// typed\n", None), (2, TWO["code"], None), (1, ONE["code"], None),
    ]  # fmt: skip
    assert Component.objects.get(pk=function.pk).code == ONE["code"]
    assert restore_version(alice, function, 1).is_new is False
    assert saved.is_new
    assert len(numbers(function)) == 4


def test_an_opened_file_does_not_replace_what_was_never_saved(function, alice):
    save_draft(alice, function, ONE, 0)
    assert replace_draft(alice, function, TWO, 1, why="Kept before x.js was opened") is True
    version = function.code_versions.get()
    assert (version.code, version.note) == (ONE["code"], "Kept before x.js was opened")
    assert replace_draft(alice, function, TWO, 2, why="again") is False


def test_a_version_never_changes(function, alice):
    version = save_version(alice, function, ONE, 0).version
    version.code = "other"
    with pytest.raises(TypeError, match="never changes"):
        version.save()


@pytest.mark.parametrize(
    ("code", "words"),
    [("", "no code"), (" \n", "no code"), ("x" * (MAX_CODE + 1), "200,001 characters"),
     ("a\nb\0", "line 2"), ("\ud800", "line 1")],
)  # fmt: skip
def test_what_cannot_be_saved_is_explained(function, alice, code, words):
    with pytest.raises(ValidationError, match=words):
        save_version(alice, function, {"code": code}, 0)
    assert not numbers(function)


def test_line_ends_are_one_kind(function, alice):
    assert save_version(alice, function, {"code": "\ufeffa\r\nb\rc"}, 0).version.code == "a\nb\nc"


@pytest.mark.parametrize("who", ["viv", "charlie", "carol", "rita"])
def test_others_change_nothing(function, alice, who, request):
    save_version(alice, function, ONE, 0)
    person = request.getfixturevalue(who)
    for act in (
        lambda: save_draft(person, function, TWO, 1),
        lambda: save_version(person, function, TWO, 1),
        lambda: replace_draft(person, function, TWO, 1, why="x"),
        lambda: restore_version(person, function, 1),
        lambda: deploy_version(person, function, 1),
    ):
        with pytest.raises(PermissionDenied):
            act()


# --- Review ------------------------------------------------------------------------------------------------


def make_live(component, stage=Stage.PUBLIC):
    App.objects.filter(pk=component.app_id).update(stage=stage)
    component.app.refresh_from_db()


@pytest.mark.parametrize("stage", Stage.values)
def test_whose_code_reaches_customers_is_reviewed_first(function, alice, stage):
    save_version(alice, function, ONE, 0)
    make_live(function, stage)
    if stage in (Stage.BUILDING, Stage.IN_REVIEW, Stage.DEPRECATED):
        assert deploy_version(alice, function, 1)
        return
    for act in (
        lambda: deploy_version(alice, function, 1),
        lambda: save_version(alice, function, TWO, 1, deploy=True),
    ):
        with pytest.raises(ValidationError, match="reviewed before") as caught:
            act()
        assert caught.value.code == "review"
    assert (numbers(function), deployed(function)) == ([1], None)
    assert save_version(alice, function, TWO, 1).is_new


def test_a_submission_keeps_the_draft_and_the_approval_deploys_that_code(function, app, alice, rita):
    save_version(alice, function, ONE, 0, deploy=True)
    save_draft(alice, function, TWO, 1)
    version = freeze(app, alice)
    assert [v.note for v in function.code_versions.all()] == ["Submitted with version 1 of the App", ""]
    save_version(alice, Component.objects.get(pk=function.pk), {"code": "// three\n"}, 2)
    make_live(function)
    deploy_approved(rita, function.app, version)
    deploy_approved(rita, function.app, version)
    assert deployed(function) == 2
    assert len(numbers(function)) == 3
    assert Record.objects.filter(action="code.deployed").count() == 2


def test_an_approved_manifest_whose_code_is_not_in_the_history_is_deployed_too(function, app, rita):
    code_lifecycle.deploy_approved(rita, app, freeze(app, rita, {"components": [{"kind": function.kind, **ONE}]}))
    assert function.code_versions.get().code == ONE["code"]
    assert deployed(function) == 1


# --- What is tested ----------------------------------------------------------------------------------------


def test_code_and_the_way_a_plugin_hands_itself_over_are_what_is_tested(plugin, alice):
    before = fingerprint.of(plugin)
    plugin.shape, plugin.library_name = "remote_plugin", "acme"
    after = fingerprint.of(plugin)
    plugin.code += " "
    assert len({before, after, fingerprint.of(plugin)}) == 3
