"""reviews.thresholds: by which numbers an App is judged, hosted or by pull request (D48)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps_catalog.models import App, AppVersion, Component
from apps_catalog.states import ComponentKind, Stage
from partners.models import Policy
from reviews import releases
from reviews.checklist import checklist
from reviews.models import Release
from reviews.road import road_of
from reviews.thresholds import configured_customers, is_by_pull, keeps_badge, missing_for_public, numbers
from tests.cast import make_user
from tests.sandbox import installed, verified
from workspaces.models import Destination

pytestmark = pytest.mark.django_db


def by_pull(app: App) -> App:
    """`app` as if what was approved were a destination by pull request."""
    version = AppVersion.objects.get(pk=app.live_version_id)
    version.manifest["components"] = [{"kind": ComponentKind.ACTIONS_DESTINATION, "mode": "cloud"}]
    version.save()
    return App.objects.get(pk=app.pk)


def customer(name: str):
    return make_user(name, domain=f"{name}.example")


def test_a_hosted_app_has_the_hosted_numbers(in_beta: App):
    policy = Policy(customers_to_verify=3, public_beta_days=5, pull_customers_to_verify=7)
    found = numbers(in_beta, policy)
    assert (found.customers, found.beta_days, found.configured) == (3, 5, 0)


def test_a_destination_by_pull_request_has_its_own(in_beta: App):
    policy = Policy(pull_customers_to_verify=7, pull_public_beta_days=9, pull_configured_customers=4)
    found = numbers(by_pull(in_beta), policy)
    assert (found.customers, found.beta_days, found.configured) == (7, 9, 4)


def test_before_anything_is_live_the_draft_decides(app: App):
    assert not is_by_pull(app)
    Component.objects.create(app=app, kind=ComponentKind.ACTIONS_DESTINATION)
    assert is_by_pull(app)


def test_no_draft_changes_the_rules_of_a_live_app(in_beta: App):
    Component.objects.create(app=in_beta, kind=ComponentKind.ACTIONS_DESTINATION)
    assert not is_by_pull(in_beta)


def test_the_customers_that_are_asked_for_depend_on_the_kind(in_beta: App, carol):
    verified(in_beta, carol)
    policy = Policy(customers_to_verify=1, pull_customers_to_verify=2)
    assert missing_for_public(in_beta, policy) == []
    assert missing_for_public(by_pull(in_beta), policy) == [
        "2 customers have to confirm that the App works; 1 did so far."
    ]


def test_which_workspaces_count_as_configured(in_beta: App, alice, carol, rita):
    installed(alice, in_beta)  # the partner's own
    installed(rita, in_beta)  # Segment's own
    installed(customer("dora"), in_beta, is_enabled=False)
    paused = installed(customer("emil"), in_beta)
    Destination.objects.filter(pk=paused.pk).update(paused_at=timezone.now())
    assert configured_customers(in_beta) == 0
    installed(carol, in_beta)
    assert configured_customers(in_beta) == 1


def test_the_badge_stays_until_enough_customers_have_it_on(listed: App):
    app = by_pull(listed)
    later = timezone.now() + timedelta(days=15)
    assert keeps_badge(app, Policy()) == ["It has to be switched on in 2 customers’ workspaces; it is in 1 so far."]
    assert releases.advance_stages(later) == 0

    installed(customer("dora"), app)
    assert releases.advance_stages(timezone.now() + timedelta(days=13)) == 0
    assert releases.advance_stages(later) == 1
    assert App.objects.get(pk=app.pk).stage == Stage.PUBLIC


def test_without_beta_days_it_still_needs_its_customers(asked: Release, rita, carol):
    app = by_pull(asked.app)
    policy = app.submissions.get().policy
    Policy.objects.filter(pk=policy.pk).update(pull_public_beta_days=0)
    releases.release(asked, rita)
    assert App.objects.get(pk=app.pk).stage == Stage.PUBLIC_BETA


def test_road_and_checklist_say_the_same_numbers(in_beta: App, carol):
    app = by_pull(in_beta)
    Policy.objects.filter(pk=app.submissions.get().policy_id).update(pull_customers_to_verify=2)
    verified(app, carol)
    road = road_of(app)
    assert (road.counted, road.numbers.customers, road.configured, road.numbers.configured) == (1, 2, 1, 2)
    assert "2 customers have to confirm" in checklist(app).item("customer_verified").reason


def test_the_beta_page_says_them(in_beta: App, alice, client_for):
    hosted = client_for(alice).get(f"/apps/{in_beta.slug}/beta/").content.decode()
    assert "Switched on in" not in hosted
    page = client_for(alice).get(f"/apps/{by_pull(in_beta).slug}/beta/").content.decode()
    assert "Switched on in 0 of 2 customers’ workspaces" in page
