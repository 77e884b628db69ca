from datetime import timedelta

import pytest
from django.utils import timezone

from apps_catalog import lifecycle
from apps_catalog.assets import store_svg
from apps_catalog.completeness import ITEMS, listing_gaps
from apps_catalog.models import App, Category
from partners.models import Policy

pytestmark = pytest.mark.django_db
DOCS = "https://docs.acme.example/"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h1"/></svg>'


def gaps(app):
    return {gap.item: gap for gap in listing_gaps(App.objects.get(pk=app.pk), Policy.current())}


def complete(app, alice):
    asset = store_svg(SVG)
    analytics = Category.objects.get(slug="analytics")
    lifecycle.save_listing(alice, app, {
        "description": "Analytics for shops.", "website": "https://acme.example/", "support_email": "help@acme.example",
        "primary_category_id": analytics.pk, "logo_id": asset.pk, "mark_id": asset.pk}, 0)  # fmt: skip
    lifecycle.save_docs(alice, app, {"docs_partner_url": DOCS, "docs_segment_text": "## Setup"}, 0)
    app.listing.link_checks = {
        DOCS: {"ok": True, "status": 200, "message": "Reachable.", "at": timezone.now().isoformat()}
    }
    app.listing.save()
    lifecycle.save_access(alice, app, {"notes": "Use the form."}, 0, secrets={"username": "reviewer", "password": "x"})


def test_a_new_app_lacks_everything_and_says_where_to_go(app):
    found = gaps(app)
    assert tuple(found) == ITEMS
    assert found["logo"].url == "/apps/acme-analytics/listing/#id_logo"
    assert found["docs_partner"].url == "/apps/acme-analytics/docs/#id_docs_partner_url"
    assert found["test_account"].url == "/apps/acme-analytics/access/#id_username"


def test_the_place_of_every_gap_exists(app, alice, client_for):
    client = client_for(alice)
    for gap in gaps(app).values():
        page, _, anchor = gap.url.partition("#")
        assert f'id="{anchor}"' in client.get(page).content.decode(), gap


def test_a_complete_app_lacks_nothing(app, alice):
    complete(app, alice)
    assert gaps(app) == {}


def test_a_link_that_changed_has_to_be_looked_at_again(app, alice):
    complete(app, alice)
    lifecycle.save_docs(alice, app, {"docs_partner_url": f"{DOCS}new"}, 1)
    assert "has not been checked" in gaps(app)["links_reachable"].text


def test_a_broken_link_says_why(app, alice):
    complete(app, alice)
    listing = App.objects.get(pk=app.pk).listing
    listing.link_checks = {
        DOCS: {"ok": False, "status": 404, "message": "It answers 404: there is no such page.",
               "at": timezone.now().isoformat()}
    }  # fmt: skip
    listing.save()
    assert "404" in gaps(app)["links_reachable"].text


def test_a_result_counts_for_a_week(app, alice):
    complete(app, alice)
    listing = App.objects.get(pk=app.pk).listing
    for days, is_open in ((6, False), (8, True)):
        at = timezone.now() - timedelta(days=days)
        listing.link_checks[DOCS]["at"] = at.isoformat()
        listing.save()
        assert ("links_reachable" in gaps(app)) is is_open
    assert f"has not been checked since {at.day} {at:%B %Y}" in gaps(app)["links_reachable"].text


def test_a_stricter_policy_reopens_the_categories(app, alice):
    complete(app, alice)
    lifecycle.save_listing(alice, app, {"secondary_categories": ["crm", "video"]}, 1)
    assert "2 secondary categories; 1 are allowed" in gaps(app)["primary_category"].text


def test_a_stricter_policy_reopens_the_description(app, alice):
    complete(app, alice)
    Policy.objects.create(description_limit=10)
    assert set(gaps(app)) == {"description", "catalog_text"}


@pytest.mark.parametrize(
    ("secrets", "words"), [({"username": "", "password": ""}, "user name"), ({"password": ""}, "password")]
)
def test_half_a_test_account_is_none(app, alice, secrets, words):
    complete(app, alice)
    lifecycle.save_access(alice, app, {}, 1, secrets=secrets)
    assert words in gaps(app)["test_account"].text


def test_judging_costs_a_constant_number_of_queries(app, alice, django_assert_max_num_queries):
    complete(app, alice)
    row, policy = App.objects.select_related("listing", "reviewer_access").get(pk=app.pk), Policy.current()
    with django_assert_max_num_queries(0):
        listing_gaps(row, policy)
