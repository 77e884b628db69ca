"""When a person leaves: what they get to take along, and which access ends."""

import json
from datetime import timedelta

from django.utils import timezone

from accounts import leaving
from accounts.models import User
from installs import trials
from installs.leaving import forget
from installs.lifecycle import activate, propose
from installs.states import EndReason, InstallState, TrialState
from installs.tests.consenting import live
from notifications.models import OutboxMessage
from tests.cast import CLIENT_SECRET
from workspaces.lifecycle import add_source, personal
from workspaces.states import WorkspaceRole


def test_the_export_names_consents_and_trials_and_no_secret(alice, oauth_install, oauth_client, source) -> None:
    trials.start(alice, oauth_client)

    found = leaving.export(alice)["apps_with_access"]

    (consent,), (trial,) = found["consents"], found["trials"]
    assert (consent["app"], consent["source"], consent["state"]) == ("acme-analytics", source.slug, "active")
    assert trial["state"] == "consent"
    assert CLIENT_SECRET not in json.dumps(found)


def test_access_to_a_workspace_of_ones_own_ends(alice, oauth_install) -> None:
    forget(alice)

    oauth_install.refresh_from_db()
    assert (oauth_install.state, oauth_install.end_reason) == (InstallState.ENDED, EndReason.CUSTOMER)


def test_access_to_a_shared_workspace_stays(alice, carol, workspace, oauth_install) -> None:
    workspace.memberships.create(user=carol, role=WorkspaceRole.OWNER)

    forget(alice)

    oauth_install.refresh_from_db()
    assert oauth_install.state == InstallState.ACTIVE


def purged(*people: User) -> int:
    for person in people:
        leaving.request_deletion(person)
    return leaving.purge_accounts(timezone.now() + timedelta(days=100))


def test_the_purge_ends_access_to_a_workspace_of_ones_own_without_a_word(oauth_client, carol, app) -> None:
    oauth_client.app = live(app)
    source = add_source(carol, personal(carol), "Website")
    made = propose(carol, oauth_client, source.workspace, source)
    activate(made)

    assert purged(carol) == 1

    made.refresh_from_db()
    assert made.state == InstallState.ENDED
    assert made.workspace.slug.startswith("removed~")
    assert not OutboxMessage.objects.filter(recipient=carol.email).exists()


def test_one_account_that_cannot_be_erased_keeps_no_other(carol, charlie, monkeypatch) -> None:
    def trip(user: User) -> None:
        if user == carol:
            raise RuntimeError

    below = leaving.Part("below", erase=lambda user: User.objects.filter(pk=user.pk).update(name="Erased"))
    monkeypatch.setattr(leaving, "_parts", [leaving.Part("fragile", erase=trip), below])

    assert purged(carol, charlie) == 1

    assert not User.objects.filter(pk=charlie.pk).exists()
    assert User.objects.get(pk=carol.pk).name == carol.name


def test_ending_in_a_leaving_queues_no_mail(alice, oauth_install) -> None:
    OutboxMessage.objects.all().delete()

    forget(alice)

    assert not OutboxMessage.objects.exists()


def test_an_open_trial_is_closed(alice, oauth_client) -> None:
    trial = trials.start(alice, oauth_client)

    forget(alice)

    trial.refresh_from_db()
    assert (trial.state, trial.secrets_sealed) == (TrialState.CANCELLED, "")
