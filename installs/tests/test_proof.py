"""That Enable with Segment works is computed from installs."""

from datetime import timedelta

from django.utils import timezone

from apps_catalog.lifecycle import create_app
from devcenter.purging import purge
from installs import proof
from installs.lifecycle import activate, end, propose
from installs.models import Install
from installs.states import EndReason
from reviews.checklist import checklist
from reviews.items import ItemState
from workspaces.lifecycle import remove_source


def use(install: Install, days_ago: int = 0) -> None:
    proof.note_use(install, timezone.now() - timedelta(days=days_ago))


def test_without_a_client_nothing_is_proven(app) -> None:
    assert not proof.works(app)
    assert proof.evidence(app) == {"count": 0, "first_used_at": None, "last_used_at": None}


def test_an_install_proves_nothing_before_its_token_did_something(app, oauth_install) -> None:
    assert not proof.works(app)

    use(oauth_install)

    assert proof.works(app)


def test_a_trial_is_no_proof(app, alice, oauth_client, source) -> None:
    trial = propose(alice, oauth_client, source.workspace, source, is_trial=True)
    activate(trial)
    use(trial)

    assert not proof.works(app)
    assert proof.evidence(app)["count"] == 0


def test_an_install_of_another_app_says_nothing(app, oauth_install, charlie, other_company) -> None:
    use(oauth_install)

    assert not proof.works(create_app(charlie, other_company, "Rival Pulse"))


def test_what_worked_stays_proven_after_the_customer_ended_it(app, alice, oauth_install) -> None:
    use(oauth_install)
    end(oauth_install, alice, EndReason.CUSTOMER)

    assert proof.works(app)


def test_what_worked_stays_proven_after_its_source_was_purged(app, alice, oauth_install, source) -> None:
    use(oauth_install)
    remove_source(alice, source)

    assert purge(timezone.now() + timedelta(days=60))[1] == {}

    assert not Install.objects.exists()
    assert proof.works(app)
    assert checklist(app).item("oauth").state == ItemState.DONE
    found = proof.evidence(app)
    assert (found["count"], found["first_used_at"]) == (0, found["last_used_at"])
    assert found["first_used_at"] is not None


def test_the_proof_is_written_once_a_minute_whichever_install_is_used(app, oauth_install) -> None:
    use(oauth_install)
    first = proof.evidence(app)["last_used_at"]

    proof.note_use(oauth_install, first + timedelta(seconds=59))

    assert proof.evidence(app)["last_used_at"] == first


def test_the_evidence_counts_and_says_since_when(app, alice, oauth_client, oauth_install, source) -> None:
    use(oauth_install, days_ago=3)
    end(oauth_install, alice, EndReason.CUSTOMER)
    second = propose(alice, oauth_client, source.workspace, source)
    activate(second)
    use(second)

    found = proof.evidence(app)

    assert found["count"] == 2
    assert found["first_used_at"] < found["last_used_at"]
