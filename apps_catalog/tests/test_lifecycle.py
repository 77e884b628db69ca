from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from apps_catalog import lifecycle
from apps_catalog.lifecycle import StaleDraft
from apps_catalog.models import App
from apps_catalog.states import STAGE_MOVES, Collects, ComponentKind, Processes, Stage
from apps_catalog.versions import freeze
from audit.models import Chain, Record
from audit.recording import SYSTEM, verify
from leases.transitions import StaleState

pytestmark = pytest.mark.django_db


def actions(app):
    return list(Record.objects.filter(target=f"app:{app.pk}").order_by("seq").values_list("action", flat=True))


def test_a_new_app_has_all_its_parts(alice, company):
    app = lifecycle.create_app(alice, company, "  Acme   Analytics ")

    assert (app.name, app.slug, app.stage) == ("Acme Analytics", "acme-analytics", Stage.BUILDING)
    assert app.listing
    assert app.reviewer_access
    assert app.echo.token
    key = app.settings.get()
    assert (key.key, key.position, key.required, key.sensitive) == ("apiKey", 0, True, True)
    assert actions(app) == ["app.created"]


@pytest.mark.parametrize("role", ["viv", "charlie", "carol", "rita", "adam"])
def test_only_owners_and_developers_create_apps(role, company, request):
    with pytest.raises(PermissionDenied):
        lifecycle.create_app(request.getfixturevalue(role), company, "Acme Analytics")
    assert not App.objects.exists()


def test_a_developer_creates_an_app(bob, company):
    assert lifecycle.create_app(bob, company, "Bob's Tool").created_by == bob


def test_an_archived_company_creates_nothing(alice, company):
    company.archived_at = timezone.now()
    with pytest.raises(PermissionDenied):
        lifecycle.create_app(alice, company, "Acme Analytics")


def test_the_same_name_twice_is_refused_in_words(app, alice, company):
    with pytest.raises(ValidationError, match="acme-analytics") as caught:
        lifecycle.create_app(alice, company, "ACME analytics")
    assert caught.value.code == "taken"


def test_a_look_alike_is_refused_without_saying_of_whom(app, charlie, other_company):
    with pytest.raises(ValidationError, match="looks too much") as caught:
        lifecycle.create_app(charlie, other_company, "Acme Ana1ytics")
    assert "acme-analytics" not in str(caught.value)


def test_the_name_changes_until_the_first_submission(app, alice):
    renamed = lifecycle.rename(alice, app, "Acme Insight", app.revision)
    assert (renamed.name, renamed.slug) == ("Acme Insight", "acme-insight")

    freeze(renamed, alice)
    with pytest.raises(ValidationError, match="fixed"):
        lifecycle.rename(alice, renamed, "Acme Third", renamed.revision)


def test_renaming_to_a_taken_name_is_refused(app, alice, company):
    lifecycle.create_app(alice, company, "Acme Insight")
    with pytest.raises(ValidationError, match="exists"):
        lifecycle.rename(alice, app, "Acme Insight", app.revision)


def test_an_old_rename_form_changes_nothing(app, alice):
    lifecycle.rename(alice, app, "Acme Insight", 0)
    with pytest.raises(StaleDraft):
        lifecycle.rename(alice, app, "Acme Third", 0)
    assert App.objects.get(pk=app.pk).name == "Acme Insight"


def test_renaming_twice_with_the_same_form_is_one_rename(app, alice):
    lifecycle.rename(alice, app, "Acme Insight", 0)
    lifecycle.rename(alice, app, "Acme Insight", 0)
    assert actions(app).count("app.renamed") == 1


@pytest.mark.parametrize("verb", STAGE_MOVES)
@pytest.mark.parametrize("stage", Stage.values)
def test_every_stage_and_verb(app, verb, stage):
    App.objects.filter(pk=app.pk).update(stage=stage)
    app.refresh_from_db()
    from_, to = STAGE_MOVES[verb]
    if stage in from_:
        lifecycle.move_stage(app, verb, SYSTEM)
        app.refresh_from_db()
        assert app.stage == to
        assert actions(app)[-1] == f"app.{verb}"
    else:
        with pytest.raises(StaleState):
            lifecycle.move_stage(app, verb, SYSTEM)
        assert actions(app) == ["app.created"]


def test_two_moves_at_once_are_one(app):
    first, second = App.objects.get(pk=app.pk), App.objects.get(pk=app.pk)
    lifecycle.move_stage(first, "submit", SYSTEM)
    with pytest.raises(StaleState):
        lifecycle.move_stage(second, "submit", SYSTEM)


def test_deleting_and_bringing_back(app, alice):
    assert lifecycle.delete_app(alice, app) is True
    assert not App.objects.visible_to(alice).exists()
    assert list(App.objects.recently_deleted(alice)) == [app]

    app.refresh_from_db()
    assert lifecycle.undelete_app(alice, app) is True
    assert lifecycle.undelete_app(alice, app) is False
    assert App.objects.visible_to(alice).get() == app
    assert actions(app)[-2:] == ["app.deleted", "app.restored"]


def test_a_second_delete_does_nothing(app, alice):
    lifecycle.delete_app(alice, app)
    assert lifecycle.delete_app(alice, app) is False
    assert actions(app).count("app.deleted") == 1


@pytest.mark.parametrize("stage", [Stage.IN_REVIEW, Stage.PRIVATE_BETA, Stage.PUBLIC_BETA, Stage.PUBLIC])
def test_an_app_that_others_depend_on_is_not_deleted(app, alice, stage):
    App.objects.filter(pk=app.pk).update(stage=stage)
    app.refresh_from_db()
    with pytest.raises(PermissionDenied):
        lifecycle.delete_app(alice, app)


def test_a_developer_deletes_nothing(app, bob):
    with pytest.raises(PermissionDenied):
        lifecycle.delete_app(bob, app)


def test_erasing_frees_a_name_that_was_never_submitted(app, alice, company):
    lifecycle.delete_app(alice, app)
    assert lifecycle.erase_deleted(timezone.now() - timedelta(days=1)) == 0
    assert lifecycle.erase_deleted(timezone.now() + timedelta(seconds=1)) == 1
    assert lifecycle.create_app(alice, company, "Acme Analytics").slug == "acme-analytics"


def test_erasing_keeps_the_slug_of_a_submitted_app_and_none_of_its_secrets(app, alice, charlie, other_company):
    lifecycle.add_component(alice, app, ComponentKind.SUBSCRIPTION_WEBHOOK)
    freeze(app, alice)
    lifecycle.delete_app(alice, app)
    lifecycle.erase_deleted(timezone.now() + timedelta(seconds=1))

    app = App.objects.get(pk=app.pk)
    assert app.erased_at
    assert not app.components.exists()
    assert not app.settings.exists()
    assert not App.objects.recently_deleted(alice).exists()
    with pytest.raises(ValidationError):
        lifecycle.create_app(charlie, other_company, "Acme Analytics")


def test_choosing_a_webhook_adds_it_with_the_echo_endpoint(app, alice):
    component = lifecycle.choose_kinds(alice, app, Collects.SUBSCRIPTION, Processes.WEBHOOK, app.revision)
    assert component is not None
    assert component.kind == ComponentKind.SUBSCRIPTION_WEBHOOK
    assert app.echo.token in component.endpoint
    app.refresh_from_db()
    assert (app.collects, app.processes) == ("subscription", "webhook")


def test_choosing_twice_is_choosing_once(app, alice):
    revision = app.revision
    for _ in range(2):
        lifecycle.choose_kinds(alice, app, Collects.SUBSCRIPTION, Processes.WEBHOOK, revision)
    assert app.components.count() == 1
    assert actions(app) == ["app.created", "app.kinds_chosen", "component.added"]


def test_a_kind_that_there_is_not_is_not_added(app, alice):
    with pytest.raises(ValueError, match="no kind"):
        lifecycle.add_component(alice, app, "mobile_plugin")


def test_the_record_of_everything_is_whole(app, alice):
    lifecycle.choose_kinds(alice, app, Collects.SUBSCRIPTION, Processes.WEBHOOK, app.revision)
    lifecycle.delete_app(alice, app)
    assert list(verify(Chain.objects.get(name=app.chain))) == []
