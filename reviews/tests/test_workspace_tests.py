"""reviews.workspace_tests: the event tester and a library close S18 and S19 by what was delivered, and for good."""

import pytest
from django.urls import reverse

from apps_catalog import lifecycle
from apps_catalog.models import App
from audit.recording import SYSTEM
from delivery.models import Delivery
from delivery.states import DeliveryState, Origin
from reviews import attestations, workspace_tests
from reviews.checklist import checklist
from reviews.refusals import Refused
from reviews.states import Attested
from tests.sandbox import close_tests, delivered, installed
from workspaces.models import Destination

pytestmark = pytest.mark.django_db
TESTER, SDK = Attested.EVENT_TESTER_USED, Attested.SDK_TESTED


@pytest.fixture
def built(app: App, alice) -> App:
    """With a webhook, and nothing tested."""
    lifecycle.choose_kinds(alice, app, "subscription", "webhook", app.revision)
    return App.objects.get(pk=app.pk)


def is_done(app: App, item: str) -> bool:
    return checklist(App.objects.get(pk=app.pk)).item(item).is_done


def test_each_closes_by_its_own_kind_of_event(built: App, alice) -> None:
    destination = installed(alice, built)
    assert not is_done(built, TESTER)
    delivered(destination, origin=Origin.TESTER)
    assert is_done(built, TESTER)
    assert not is_done(built, SDK)
    delivered(destination)
    assert is_done(built, SDK)
    found = checklist(built).item(SDK)
    assert (found.by, str(found.kind)) == ("", "m")
    assert found.at is not None


@pytest.mark.parametrize(
    "event",
    [
        {"state": DeliveryState.FAILED},
        {"state": DeliveryState.RETRYING},
        {"origin": Origin.STORY},
        {"payload": {"type": "track", "context": {}}},
        {"payload": {"type": "track", "context": None, "properties": {"library": {"name": "mine"}}}},
        {"payload": {"type": "track", "context": {"library": "curl"}}},
    ],
    ids=str,
)
def test_what_is_no_test_with_a_library(event, built: App, alice) -> None:
    delivered(installed(alice, built), **event)
    assert not is_done(built, SDK)


def test_a_customers_workspace_tests_nothing_for_the_partner(built: App, carol) -> None:
    destination = installed(carol, built)
    delivered(destination, origin=Origin.TESTER)
    delivered(destination)
    assert not is_done(built, TESTER)
    assert not is_done(built, SDK)


def test_another_endpoint_asks_for_another_test(built: App, alice) -> None:
    close_tests(built, alice)
    component = built.components.get()
    lifecycle.set_endpoint(alice, component, "https://hook.acme.example/in", component.revision)
    assert not is_done(built, TESTER)
    close_tests(built, alice)
    assert is_done(built, TESTER)


def test_what_was_proven_outlives_the_events_and_the_install(built: App, alice) -> None:
    close_tests(built, alice)
    assert workspace_tests.keep_all() == 2
    assert workspace_tests.keep_all() == 0
    Delivery.objects.all().delete()
    Destination.objects.all().delete()
    assert is_done(built, TESTER)
    assert is_done(built, SDK)
    component = built.components.get()
    lifecycle.set_endpoint(alice, component, "https://hook.acme.example/in", component.revision)
    found = checklist(App.objects.get(pk=built.pk)).item(TESTER)
    assert "changed since it was tested" in found.reason
    assert found.url == reverse("app-workspace", args=[built.slug])


def test_nobody_confirms_by_hand_what_closes_itself(built: App, alice, client_for) -> None:
    with pytest.raises(Refused, match="by itself"):
        attestations.attest(built, alice, TESTER)
    answer = client_for(alice).post(reverse("app-attest", args=[built.slug]), {"item": TESTER})
    assert answer.status_code == 422
    assert not built.attestations.exists()


def test_an_app_that_is_only_a_plugin_is_confirmed_by_its_people(app: App, alice) -> None:
    lifecycle.add_component(SYSTEM, app, "web_plugin")
    item = checklist(app).item(TESTER)
    assert str(item.kind) == "a"
    attestations.attest(app, alice, TESTER)
    assert is_done(app, TESTER)


def test_the_page_leads_through_the_tests_and_follows_them(built: App, alice, viv, client_for) -> None:
    url = reverse("app-workspace", args=[built.slug])
    page = client_for(alice).get(url).content.decode()
    assert "Not installed yet" in page
    assert 'hx-trigger="every 5s"' in page
    destination = installed(alice, built)
    close_tests(built, alice)
    page = client_for(alice).get(url).content.decode()
    ws, source = destination.source.workspace.slug, destination.source.slug
    assert reverse("destination-tester", args=[ws, source, built.slug]) in page
    assert "every 5s" not in page
    assert "You have not installed it" not in client_for(viv).get(url).content.decode()


def test_the_page_costs_the_same_however_many_installs(built: App, alice, client_for, django_assert_max_num_queries):
    close_tests(built, alice)
    url = reverse("app-workspace", args=[built.slug])
    with django_assert_max_num_queries(45) as first:
        client_for(alice).get(url)
    delivered(installed(alice, built), 5)
    with django_assert_max_num_queries(len(first)):
        client_for(alice).get(url)
