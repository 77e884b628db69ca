"""What a destination leads to: the draft, the approved version, and what the component may know."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps_catalog.models import Component, Setting
from apps_catalog.versions import freeze
from delivery import targets
from delivery.targets import targets_of
from delivery.tests.lines import KEY, function, lead_to, webhook
from tests.cast import install_on
from workspaces.lifecycle import add_source

pytestmark = pytest.mark.django_db
DRAFT, LIVE = "https://draft.example.com/hook", "https://live.example.com/hook"


@pytest.fixture
def approved(app, alice):
    """The App with a version that is live, and a draft that went on since."""
    webhook(app, LIVE)
    Setting.objects.create(app=app, key="pin", label="PIN", type="password", position=1)
    app.live_version = freeze(app, alice)
    app.save()
    webhook(app, DRAFT)
    return app


@pytest.fixture
def elsewhere(approved, customer_workspace, carol):
    """The App in a customer's workspace."""
    return install_on(add_source(carol, customer_workspace, "Shop"), approved, carol)


def target_of(row):
    return targets_of([row.pk])[row.pk]


def test_the_partner_tries_the_draft_and_everybody_else_has_the_approved_version(approved, source, alice, elsewhere):
    own = install_on(source, approved, alice)
    found = targets_of([own.pk, elsewhere.pk, 10**9])
    assert {pk: target.endpoint for pk, target in found.items()} == {own.pk: DRAFT, elsewhere.pk: LIVE}
    assert found[own.pk].signing == found[elsewhere.pk].signing
    assert len(found[own.pk].signing) == 1
    assert found[own.pk].app_slug == approved.slug


def test_a_component_that_left_the_draft_is_still_the_versions(approved, elsewhere):
    Component.objects.filter(app=approved).update(removed_at=timezone.now())
    assert target_of(elsewhere).endpoint == LIVE
    assert target_of(elsewhere).signing


def test_without_an_approved_version_there_is_nothing_for_others(app, customer_workspace, carol):
    webhook(app, DRAFT)
    row = install_on(add_source(carol, customer_workspace, "Shop"), app, carol)
    assert target_of(row).problem == targets.NOT_APPROVED


def test_what_is_missing_is_said(source, app, alice):
    row = install_on(source, app, alice)
    assert target_of(row).problem == targets.NO_COMPONENT
    webhook(app, DRAFT)
    assert target_of(row).problem == ""
    type(row).objects.filter(pk=row.pk).update(settings_sealed="broken")
    assert target_of(row).problem == targets.CANNOT_OPEN
    app.deleted_at = timezone.now()
    app.save()
    assert target_of(row).problem == targets.GONE


def test_the_webhook_goes_before_the_function(source, app, alice):
    function(app, "async function onTrack() {}")
    row = lead_to(source, app, "")
    assert (target_of(row).kind, target_of(row).signing) == ("subscription_function", ())
    webhook(app, DRAFT)
    assert (target_of(row).kind, target_of(row).code) == ("subscription_webhook", "")


def test_a_component_gets_the_settings_that_are_its_own_and_secrets_are_known(source, app):
    Setting.objects.create(app=app, key="pin", label="PIN", type="password", position=1)
    Setting.objects.create(app=app, key="color", label="Color", position=2, components=["web_plugin"])
    Setting.objects.create(app=app, key="region", label="Region", position=3)
    row = lead_to(source, app, DRAFT, {"pin": "12345678", "color": "red", "region": "eu", "odd": "unknown-1"})
    target = target_of(row)
    assert dict(target.values) == {"apiKey": KEY, "pin": "12345678", "region": "eu", "odd": "unknown-1"}
    assert {KEY, "12345678", "unknown-1"} < set(target.secrets)
    assert "eu" not in target.secrets
    assert KEY not in repr(target)
    assert "12345678" not in repr(target)


def test_many_destinations_cost_what_one_costs(approved, source, alice, customer_workspace, carol, count_of):
    rows = [install_on(source, approved, alice)]
    one = count_of(rows)
    shops = [add_source(carol, customer_workspace, f"Shop {number}") for number in range(4)]
    rows += [install_on(shop, approved, carol) for shop in shops]
    targets_of([row.pk for row in rows])  # the version is read once in a process
    assert count_of(rows) <= one + 1


@pytest.fixture
def count_of():
    def count(rows):
        with CaptureQueriesContext(connection) as found:
            targets_of([row.pk for row in rows])
        return len(found)

    return count


def test_customers_of_an_app_never_share_a_process(destination, workspace, app, alice):
    """What a function caches may have been fetched with one customer's key, or with one that was changed since."""
    Component.objects.create(app=app, kind="subscription_function", code="async function onTrack() {}")
    other = install_on(add_source(alice, workspace, "Second"), app, alice)
    found = targets_of([destination.pk, other.pk])
    assert found[destination.pk].owner != found[other.pk].owner
