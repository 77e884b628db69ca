"""What the leaving of a person means for workspaces, and what the purge takes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import leaving
from devcenter.purging import purge
from workspaces import lifecycle, membership
from workspaces.models import Destination, Source, Workspace, WorkspaceInvitation
from workspaces.tests.test_lifecycle import VALUES, join

pytestmark = pytest.mark.django_db


def erase(user):
    leaving.request_deletion(user)
    return leaving.purge_accounts(timezone.now() + timedelta(days=100))


def test_the_export_names_workspaces_and_no_secrets(destination, workspace, alice, carol):
    membership.invite(workspace, alice, carol.email, "viewer")
    found = leaving.export(alice)["workspaces"]

    assert found["memberships"][0]["workspace"] == workspace.name
    assert found["memberships"][0]["sources"] == ["Website"]
    assert destination.open_values()["apiKey"] not in str(found)
    assert leaving.export(carol)["workspaces"]["invitations"][0]["role"] == "viewer"


def test_whoever_others_depend_on_hands_over_first(customer_workspace, carol, charlie):
    join(customer_workspace, charlie, "member")
    with pytest.raises(leaving.Stays, match="only owner of the workspace"):
        leaving.request_deletion(carol)

    membership.change_role(customer_workspace.memberships.get(user=charlie), carol, "owner")
    assert erase(carol) == 1
    assert customer_workspace.memberships.get().user == charlie


def test_a_workspace_without_anybody_goes(customer_workspace, carol, app, alice, workspace):
    source = lifecycle.add_source(carol, customer_workspace, "Shop")
    Destination.objects.create(source=source, app=app, is_enabled=True, settings_sealed="sealed")
    membership.invite(workspace, alice, carol.email, "viewer")

    assert erase(carol) == 1

    left = Workspace.objects.get(pk=customer_workspace.pk)
    assert left.name == "Removed workspace"
    assert not left.sources.exists()
    assert not Destination.every.get().is_enabled
    assert not WorkspaceInvitation.objects.filter(email=carol.email).exists()
    purge(timezone.now() + timedelta(days=60))
    assert not Workspace.objects.filter(pk=left.pk).exists()
    assert Workspace.objects.filter(pk=workspace.pk).exists()


def test_the_purge_takes_what_was_removed_long_ago(source, app, alice):
    removed = lifecycle.install(alice, source, app, VALUES)
    lifecycle.remove_destination(alice, removed)
    other = lifecycle.add_source(alice, source.workspace, "Other")
    lifecycle.remove_source(alice, other)

    purge(timezone.now())
    assert Destination.every.count() == 1
    purge(timezone.now() + timedelta(days=60))
    assert not Destination.every.exists()
    assert Source.every.get() == source
