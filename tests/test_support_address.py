"""The support address of an App is for Segment's support alone (S23): no page, file or API for customers has it.

The world of tests/world.py is walked by whoever is not of the company, and in workspaces by a customer who is; what
the Config API says about a destination is looked at, too.
"""

import logging

import pytest
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse

from apps_catalog.models import Listing
from installs import tokens
from installs.models import Install
from tests.access_matrix import ROUTES, Route
from tests.visiting import QUIET, Visitor
from tests.world import ROLES, World, make_world

# The same words on every database.
pytestmark = pytest.mark.postgres

OUTSIDE = ("anonymous", "stranger", "customer")


def routes_for(role: str) -> list[Route]:
    """What a customer opens: for people of the company, who edit the address, only pages of workspaces."""
    found = [route for route in ROUTES if route.expected("GET", role) == "ok"]
    return found if role in OUTSIDE else [route for route in found if "ws" in route.slots]


@QUIET
class Everything(TestCase):
    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world()
        cls.addresses = sorted(set(Listing.objects.exclude(support_email="").values_list("support_email", flat=True)))

    def setUp(self) -> None:
        logging.disable(logging.ERROR)
        self.addCleanup(logging.disable, logging.NOTSET)

    def told_in(self, body: bytes) -> list[str]:
        return [address for address in self.addresses if address.encode() in body]

    def test_no_page_for_customers_has_it(self) -> None:
        assert self.addresses
        told, seen = [], 0
        for role in (*OUTSIDE, "owner"):
            visitor = Visitor(self.world.people.get(role))
            for route in routes_for(role):
                cache.clear()
                path = self.world.path(route.name, route.slots)
                told += [f"{path} as {role}: {one}" for one in self.told_in(visitor.visit("GET", path).body)]
                seen += 1
        assert seen > 100
        assert told == []
        assert set(ROLES) > set(OUTSIDE)

    def test_the_config_api_does_not_say_it(self) -> None:
        install = Install.objects.get(pk=self.world.slots["install"])
        bearer = {"Authorization": f"Bearer {tokens.issue(install)['access_token']}"}
        slug = install.client.app.slug
        paths = [reverse("config-catalog-destination", args=[slug]), reverse("config-openapi")]
        for path in paths:
            answer = Client().get(path, headers=bearer)
            assert answer.status_code == 200, answer.content
            assert self.told_in(answer.content) == []

    def test_a_page_that_has_it_would_be_found(self) -> None:
        """The owner's own form does: it is the one place where the address is edited."""
        path = reverse("app-listing", args=[self.world.slots["public"]])
        assert self.told_in(Visitor(self.world.people["owner"]).visit("GET", path).body)
