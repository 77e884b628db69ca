"""An App that is built by pull request, and its listing."""

import pytest

from accounts.models import User
from apps_catalog import lifecycle, svg
from apps_catalog.assets import store_svg
from apps_catalog.models import App, Category, Component
from metadata import pictures
from partners.models import Company

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 40"><rect width="{}" height="40" fill="#123456"/></svg>'
LOGO, MARK = SVG.format(200, 200).encode(), SVG.format(40, 40).encode()
PULL = "https://github.com/segmentio/action-destinations/pull/12"


@pytest.fixture(autouse=True)
def guard(monkeypatch):
    """The picture guard without a process of its own, which apps_catalog tests."""
    monkeypatch.setitem(pictures._GUARDS, "logo", svg.clean_logo)
    monkeypatch.setitem(pictures._GUARDS, "mark", svg.clean_mark)


@pytest.fixture
def rocket(alice: User, company: Company) -> App:
    """By pull request, with an empty listing."""
    app = lifecycle.create_app(alice, company, "Rocket")
    App.objects.filter(pk=app.pk).update(collects="subscription", processes="pull_request")
    Component.objects.create(app=app, kind="actions_destination", pull_request=PULL)
    return App.objects.get(pk=app.pk)


@pytest.fixture
def filled(rocket: App, alice: User) -> App:
    """With everything that the template asks for."""
    values = {
        "description": "Sends **rockets**.\n\n- one\n- two\n\nWebsite: see below",
        "website": "https://rocket.example/start",
        "primary_category_id": Category.objects.get(slug="analytics").pk,
        "secondary_categories": [Category.objects.get(name="A/B Testing").slug],
        "support_email": "help@rocket.example",
        "logo_id": store_svg(svg.clean_logo(LOGO).text).pk,
        "mark_id": store_svg(svg.clean_mark(MARK).text).pk,
    }
    lifecycle.save_listing(alice, rocket, values, rocket.listing.revision)
    return App.objects.get(pk=rocket.pk)
