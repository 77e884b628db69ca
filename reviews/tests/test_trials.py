"""From where a customer's word counts: a delivered event, or, by pull request, that the App is switched on."""

import pytest

from apps_catalog import lifecycle
from apps_catalog.models import App, AppVersion
from reviews.trials import trials_of, trying, what_is_missing, workable
from tests.cast import install_on
from tests.travelling import make_pull, make_pull_component
from workspaces.lifecycle import add_source, personal

pytestmark = pytest.mark.django_db


@pytest.fixture
def pulled(alice, company) -> App:
    """In private beta, by pull request."""
    app = lifecycle.create_app(alice, company, "Acme Atlas")
    make_pull_component(app, alice)
    make_pull(app)
    manifest = {"components": [{"kind": "actions_destination"}]}
    version = AppVersion.objects.create(app=app, number=1, manifest=manifest, digest="a")
    App.objects.filter(pk=app.pk).update(stage="private_beta", live_version=version)
    return App.objects.get(pk=app.pk)


def test_by_pull_request_it_has_to_be_switched_on(pulled, carol):
    source = add_source(carol, personal(carol), "Shop")
    assert what_is_missing(pulled, trials_of(carol, pulled)).endswith("and switch it on.")
    destination = install_on(source, pulled, carol, is_enabled=False)
    assert "Switch it on" in trials_of(carol, pulled)[0].obstacle

    destination.is_enabled = True
    destination.save()

    assert workable(trials_of(carol, pulled), None)
    assert trying(pulled).object_list[0].works


def test_everywhere_else_an_event_has_to_be_delivered(app, carol):
    install_on(add_source(carol, personal(carol), "Shop"), app, carol)

    assert trials_of(carol, app)[0].obstacle == "No event has been delivered yet. Send one."
    assert not trying(app).object_list[0].works
