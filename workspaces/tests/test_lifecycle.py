"""The verbs about workspaces, sources, keys and destinations."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from apps_catalog.drafting import StaleDraft
from apps_catalog.models import App
from apps_catalog.versions import freeze
from audit.models import Record
from audit.recording import SYSTEM
from workspaces import lifecycle, rules
from workspaces.insiders import is_partners_own, partners_own
from workspaces.installing import can_install, is_open_to, what_is_installed
from workspaces.making import OWNED_WORKSPACES
from workspaces.models import Destination, Source, Workspace, WorkspaceMember
from workspaces.sources import USABLE_KEYS

VALUES = {"apiKey": "secret-of-carol"}


def records(row, *actions):
    target = f"{row._meta.model_name}:{row.pk}"
    return list(Record.objects.filter(target=target, action__in=actions).values_list("action", flat=True))


def join(workspace, user, role):
    return WorkspaceMember.objects.create(workspace=workspace, user=user, role=role)


def live(app, *, stage="private_beta"):
    """The App with its draft as the approved version."""
    version = freeze(app, SYSTEM)
    App.objects.filter(pk=app.pk).update(live_version=version, stage=stage)
    return App.objects.get(pk=app.pk)


# --- Workspaces -------------------------------------------------------------------------------------------


def test_a_personal_workspace_is_made_once(carol):
    first = lifecycle.personal(carol)

    assert lifecycle.personal(carol) == first
    assert first.personal_of == carol
    assert first.region == "us"
    assert rules.can_own(carol, first)
    assert records(first, "workspace.created") == ["workspace.created"]


def test_a_workspace_has_an_address_of_its_own(carol, alice):
    made = [lifecycle.create(user, "Shop", "eu") for user in (carol, alice)]

    assert [one.slug for one in made] == ["shop", "shop-2"]
    assert made[0].region == "eu"
    assert not Workspace.objects.visible_to(alice).filter(pk=made[0].pk).exists()


@pytest.mark.parametrize("name", ["New", "join", "invitations", "商店"])
def test_no_workspace_takes_an_address_of_ours(name, carol):
    assert lifecycle.create(carol, name, "us").slug == "workspace"


@pytest.mark.parametrize(("name", "region"), [("", "us"), ("x" * 61, "us"), ("Sh\u200bop", "us"), ("Shop", "mars")])
def test_what_a_workspace_cannot_be(name, region, carol):
    with pytest.raises(ValidationError):
        lifecycle.create(carol, name, region)


def test_there_is_a_budget_of_workspaces(carol):
    for number in range(OWNED_WORKSPACES):
        lifecycle.create(carol, f"Shop {number}", "us")

    with pytest.raises(ValidationError, match="most there can be"):
        lifecycle.create(carol, "One more", "us")


def test_renaming_keeps_the_address(workspace, alice, bob):
    join(workspace, bob, "member")

    assert lifecycle.rename(alice, workspace, "Other")
    assert not lifecycle.rename(alice, workspace, "Other")
    assert Workspace.objects.get(pk=workspace.pk).slug == workspace.slug
    with pytest.raises(PermissionDenied):
        lifecycle.rename(bob, workspace, "Mine")


# --- Sources and keys ---------------------------------------------------------------------------------------


def test_a_source_comes_with_a_key(workspace, alice):
    source = lifecycle.add_source(alice, workspace, "Website", "python")

    key = source.write_keys.get()
    assert key.is_usable
    assert key.key.isalnum()
    assert len(key.key) == 32
    assert source.slug == "website"
    assert lifecycle.add_source(alice, workspace, "Website").slug == "website-2"


def test_viewers_and_strangers_change_nothing(source, workspace, viv, charlie):
    join(workspace, viv, "viewer")

    for user in (viv, charlie):
        for verb in (
            lambda user=user: lifecycle.add_source(user, workspace, "More"),
            lambda user=user: lifecycle.rename_source(user, source, "More"),
            lambda user=user: lifecycle.rotate_key(user, source),
            lambda user=user: lifecycle.disable_key(user, source.write_keys.get()),
            lambda user=user: lifecycle.set_source_enabled(user, source, False),
            lambda user=user: lifecycle.remove_source(user, source),
        ):
            with pytest.raises(PermissionDenied):
                verb()


def test_rotation_lets_the_older_key_work_for_a_while(source, alice):
    old = source.write_keys.get()
    new = lifecycle.rotate_key(alice, source, overlap=timedelta(days=1), instead_of=old)

    old.refresh_from_db()
    assert new.is_usable
    assert new.expires_at is None
    assert old.is_usable
    assert old.expires_at - timezone.now() == pytest.approx(timedelta(days=1), abs=timedelta(seconds=20))


def test_a_second_click_makes_no_second_key(source, alice):
    old = source.write_keys.get()
    made = [lifecycle.rotate_key(alice, source, instead_of=old) for _ in range(2)]

    assert made[0] == made[1]
    assert source.write_keys.count() == 2


def test_rotation_without_overlap_ends_the_older_key(source, alice):
    old = source.write_keys.get()
    lifecycle.rotate_key(alice, source, overlap=timedelta(0))

    old.refresh_from_db()
    assert not old.is_usable


def test_only_so_many_keys_work_at_once(source, alice):
    for _ in range(USABLE_KEYS - 1):
        lifecycle.rotate_key(alice, source)

    with pytest.raises(ValidationError, match="Disable one first"):
        lifecycle.rotate_key(alice, source)
    lifecycle.rotate_key(alice, source, overlap=timedelta(0))
    assert sum(key.is_usable for key in source.write_keys.all()) == 1


def test_a_rotation_never_gives_an_older_key_more_time(source, alice):
    old = source.write_keys.get()
    lifecycle.rotate_key(alice, source, overlap=timedelta(days=1))
    ends = type(old).objects.get(pk=old.pk).expires_at
    lifecycle.rotate_key(alice, source, overlap=timedelta(days=30))

    old.refresh_from_db()
    assert old.expires_at == ends


def test_disabling_is_final(source, alice):
    key = source.write_keys.get()

    assert lifecycle.disable_key(alice, key)
    assert not lifecycle.disable_key(alice, key)
    key.refresh_from_db()
    assert not key.is_usable
    assert records(source, "source.key_disabled") == ["source.key_disabled"]


def test_a_removed_source_takes_its_keys_and_destinations_along(destination, source, workspace, alice):
    assert lifecycle.remove_source(alice, source)
    assert not lifecycle.remove_source(alice, source)

    assert not workspace.sources.exists()
    assert not Destination.objects.filter(pk=destination.pk).exists()
    kept = Destination.every.get(pk=destination.pk)
    assert not kept.is_enabled
    assert kept.settings_sealed == ""
    assert not source.write_keys.get().is_usable
    assert not Source.every.get(pk=source.pk).is_enabled
    assert lifecycle.add_source(alice, workspace, "Website").slug == "website"


# --- Destinations -------------------------------------------------------------------------------------------


def test_installing_twice_is_once(source, app, alice):
    first = lifecycle.install(alice, source, app, VALUES)
    assert not first.is_enabled

    again = lifecycle.install(alice, source, app, VALUES, enable=True)

    assert again == first
    assert again.is_enabled
    assert again.open_values() == VALUES
    assert Destination.objects.count() == 1
    actions = ("destination.installed", "destination.configured", "destination.enabled")
    assert sorted(records(first, *actions)) == sorted(actions)


def test_the_record_holds_no_values(source, app, alice):
    made = lifecycle.install(alice, source, app, VALUES, enable=True)

    assert "secret-of-carol" not in str(list(Record.objects.values()))
    assert "secret-of-carol" not in made.settings_sealed


def test_nothing_is_switched_on_without_what_it_needs(source, app, alice):
    with pytest.raises(ValidationError, match="API Key"):
        lifecycle.install(alice, source, app, {}, enable=True)
    made = lifecycle.install(alice, source, app, {})
    with pytest.raises(ValidationError, match="Fill in"):
        lifecycle.set_enabled(alice, made, True)


def test_a_destination_that_is_on_keeps_what_it_needs(destination, alice):
    with pytest.raises(ValidationError):
        lifecycle.save_values(alice, destination, {})
    assert lifecycle.set_enabled(alice, destination, False)
    assert not lifecycle.set_enabled(alice, destination, False)
    assert lifecycle.save_values(alice, destination, {})


def test_who_saves_from_an_older_form_is_told(destination, alice):
    old = destination.revision
    assert lifecycle.save_values(alice, destination, {"apiKey": "second"}, revision=old)

    assert not lifecycle.save_values(alice, destination, {"apiKey": "second"}, revision=old)
    with pytest.raises(StaleDraft):
        lifecycle.save_values(alice, destination, {"apiKey": "third"}, revision=old)
    assert Destination.objects.get(pk=destination.pk).open_values() == {"apiKey": "second"}


def test_a_connection_mode_is_one_that_the_app_offers(destination, app, alice):
    app.components.create(kind="subscription_webhook")
    with pytest.raises(ValidationError, match="no component"):
        lifecycle.set_mode(alice, destination, "DEVICE")
    app.components.create(kind="web_plugin")

    assert lifecycle.set_mode(alice, destination, "DEVICE")
    assert not lifecycle.set_mode(alice, destination, "DEVICE")
    assert Destination.objects.get().connection_mode == "DEVICE"
    assert records(destination, "destination.mode_set") == ["destination.mode_set"]


def test_a_source_may_be_given_its_slug(workspace, alice):
    made = lifecycle.add_source(alice, workspace, "My shop", slug="shop")

    assert (made.name, made.slug) == ("My shop", "shop")
    for slug, code in (("shop", "taken"), ("new", "slug"), ("Shop", "slug"), ("x" * 53, "slug")):
        with pytest.raises(ValidationError) as refused:
            lifecycle.add_source(alice, workspace, "Again", slug=slug)
        assert refused.value.code == code


def test_a_removed_destination_comes_back_by_installing(destination, source, app, alice):
    assert lifecycle.remove_destination(alice, destination)
    assert not lifecycle.remove_destination(alice, destination)
    with pytest.raises(ValidationError, match="removed"):
        lifecycle.set_enabled(alice, destination, True)

    again = lifecycle.install(alice, source, app, VALUES)

    assert again.pk == destination.pk
    assert not again.is_enabled
    assert source.destinations.get() == destination


# --- What can be installed -----------------------------------------------------------------------------------


def test_a_draft_is_for_its_own_company(app, source, workspace, customer_workspace, alice, carol, bob, charlie):
    assert can_install(alice, workspace, app)
    join(workspace, charlie, "member")
    assert not can_install(charlie, workspace, app)
    assert not can_install(carol, customer_workspace, app)
    with pytest.raises(PermissionDenied):
        lifecycle.install(charlie, source, app, VALUES)
    join(customer_workspace, bob, "member")
    assert can_install(bob, customer_workspace, app)


def test_everybody_else_gets_the_approved_version(app, workspace, customer_workspace, alice, carol):
    app = live(app)
    app.settings.create(key="region", label="Region", required=True, position=1)

    draft = what_is_installed(app, workspace)
    approved = what_is_installed(app, customer_workspace)

    assert can_install(carol, customer_workspace, app)
    assert (draft.is_draft, [one.key for one in draft.settings]) == (True, ["apiKey", "region"])
    assert (approved.version, [one.key for one in approved.settings]) == (1, ["apiKey"])
    assert approved.secret_keys == {"apiKey"}


def test_an_app_for_invited_people_needs_a_door(app, customer_workspace, carol, monkeypatch):
    app = live(app)
    App.objects.filter(pk=app.pk).update(invited_only=True)
    app.refresh_from_db()

    assert not can_install(carol, customer_workspace, app)
    monkeypatch.setattr("workspaces.installing._doors", [lambda user, which: user == carol and which == app])
    assert can_install(carol, customer_workspace, app)


@pytest.mark.parametrize(("stage", "is_open"), [("in_review", False), ("public", True), ("deprecated", False)])
def test_which_stages_can_be_installed(stage, is_open, app, customer_workspace, carol):
    app = live(app, stage=stage)

    assert can_install(carol, customer_workspace, app) is is_open


@pytest.mark.parametrize("field", ["archived_at", "delete_after"])
def test_the_app_of_a_company_that_rests_or_goes_is_for_its_own_people(
    field, app, company, workspace, customer_workspace, alice, carol
):
    app = live(app)
    setattr(app.company, field, timezone.now())

    assert not can_install(carol, customer_workspace, app)
    assert not is_open_to(carol, app)
    assert can_install(alice, workspace, app)


def test_a_deleted_app_cannot_be_installed(app, workspace, alice):
    App.objects.filter(pk=app.pk).update(deleted_at=timezone.now())
    app.refresh_from_db()

    assert not can_install(alice, workspace, app)


def test_one_member_makes_a_workspace_the_partners_own(app, destination, workspace, customer_workspace, carol, viv):
    assert is_partners_own(workspace, app)
    assert not is_partners_own(customer_workspace, app)
    app = live(app)
    theirs = lifecycle.install(carol, lifecycle.add_source(carol, customer_workspace, "Shop"), app, VALUES)

    found = {row.pk: row.is_partners_own for row in partners_own(Destination.objects.all())}
    assert found == {destination.pk: True, theirs.pk: False}

    join(customer_workspace, viv, "viewer")
    assert is_partners_own(customer_workspace, app)
    assert partners_own(Destination.objects.all()).get(pk=theirs.pk).is_partners_own
