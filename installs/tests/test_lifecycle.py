"""A consent becomes an install, an install ends once and for all."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.models import Record
from audit.recording import SYSTEM
from installs.lifecycle import AlreadyInstalled, Ended, activate, end, propose
from installs.models import AccessToken, Install, RefreshToken
from installs.states import EndReason, InstallState, ScopeKind
from tests.racing import at_once
from workspaces.lifecycle import add_source, create, remove_source
from workspaces.models import WorkspaceMember
from workspaces.states import Region, WorkspaceRole

pytestmark = pytest.mark.django_db


def actions(workspace) -> list[str]:
    rows = Record.objects.filter(chain__name=workspace.chain, action__startswith="install.")
    return list(rows.order_by("seq").values_list("action", flat=True))


def test_a_consent_becomes_active_with_the_first_exchange(oauth_client, alice, workspace, source):
    made = propose(alice, oauth_client, workspace, source)
    assert (made.state, made.is_usable, made.scope) == (
        InstallState.PENDING, False, f"destination/{oauth_client.app.slug}",
    )  # fmt: skip
    activate(made)
    made = Install.objects.get()
    assert (made.state, made.is_usable, made.consented_by) == (InstallState.ACTIVE, True, alice)
    assert made.activated_at is not None
    assert actions(workspace) == ["install.consented", "install.activated"]
    assert Record.objects.get(action="install.activated").actor == f"install:{made.pk}"


def test_one_app_is_active_once_in_a_workspace(oauth_install, oauth_client, alice, workspace):
    with pytest.raises(AlreadyInstalled, match=r"^install already exists$"):
        propose(alice, oauth_client, workspace, add_source(alice, workspace, "Another"))
    elsewhere = create(alice, "Another place", Region.US)
    propose(alice, oauth_client, elsewhere, add_source(alice, elsewhere, "Website"))


def test_a_trial_stands_beside_the_real_install(oauth_install, oauth_client, alice, workspace, source):
    trial = propose(alice, oauth_client, workspace, source, is_trial=True)
    activate(trial)
    assert list(Install.objects.active().real()) == [oauth_install]


def test_of_two_consents_only_the_newer_one_can_be_exchanged(oauth_client, alice, workspace, source):
    first, second = (propose(alice, oauth_client, workspace, source) for _ in range(2))
    first.refresh_from_db()
    assert (first.state, first.end_reason) == (InstallState.ENDED, EndReason.REPLACED)
    with pytest.raises(Ended):
        activate(first)
    activate(second)


@pytest.mark.parametrize("who", ["bob", "charlie", "rita", "carol"])
def test_only_an_owner_of_the_workspace_consents_and_ends(request, oauth_client, workspace, source, who):
    person = request.getfixturevalue(who)
    WorkspaceMember.objects.create(workspace=workspace, user=person, role=WorkspaceRole.MEMBER)
    with pytest.raises(PermissionDenied):
        propose(person, oauth_client, workspace, source)
    install = request.getfixturevalue("oauth_install")
    with pytest.raises(PermissionDenied):
        end(install, person, EndReason.CUSTOMER)
    assert Install.objects.get().state == InstallState.ACTIVE


def test_an_app_that_does_not_exist_for_the_owner_cannot_be_consented_to(oauth_client, carol, customer_workspace):
    with pytest.raises(PermissionDenied):  # it is being built
        propose(carol, oauth_client, customer_workspace, add_source(carol, customer_workspace, "Shop"))


def test_the_source_is_one_of_the_workspace(oauth_client, alice, workspace, source):
    elsewhere = create(alice, "Another place", Region.US)
    for wrong in (None, add_source(alice, elsewhere, "Website")):
        with pytest.raises(ValidationError):
            propose(alice, oauth_client, workspace, wrong)
    remove_source(alice, source)
    source.refresh_from_db(fields=["removed_at"])
    with pytest.raises(ValidationError):
        propose(alice, oauth_client, workspace, source)


def test_a_wide_scope_has_no_source(oauth_client, alice, workspace, source):
    oauth_client.scope_kind = ScopeKind.WORKSPACE
    oauth_client.save()
    made = propose(alice, oauth_client, workspace, source)
    assert (made.source, made.scope) == (None, "workspace")


def test_an_end_kills_every_token_and_is_final(oauth_install, oauth_client, alice, workspace):
    from_now = {"application": oauth_client, "install": oauth_install}
    access = AccessToken.objects.create(
        **from_now, token="", token_checksum="a" * 64, expires="2999-01-01T00:00Z", scope=oauth_install.scope
    )
    RefreshToken.objects.create(**from_now, token="", token_checksum="b" * 64, access_token=access)
    assert end(oauth_install, alice, EndReason.CUSTOMER)
    assert not end(oauth_install, SYSTEM, EndReason.APP)
    found = Install.objects.get()
    assert (found.state, found.end_reason, found.ended_by) == (InstallState.ENDED, EndReason.CUSTOMER, alice)
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.filter(revoked__isnull=True).exists()
    with pytest.raises(Ended):
        activate(oauth_install)
    assert actions(workspace)[-1] == "install.ended"


def test_an_install_stands_and_falls_with_its_source_and_its_app(oauth_install, oauth_client, alice, source):
    app = oauth_client.app
    app.deleted_at = oauth_install.consented_at
    app.save()
    assert not Install.objects.select_related("client__app").get().is_usable
    app.deleted_at = None
    app.save()
    assert Install.objects.get().is_usable
    remove_source(alice, source)
    assert not Install.objects.get().is_usable


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_consents_in_many_tabs_one_stays_open(oauth_client, alice, workspace, source):
    at_once(*[lambda: propose(alice, oauth_client, workspace, source)] * 8)
    assert Install.objects.filter(state=InstallState.PENDING).count() == 1
