"""One partner from the first visit to the public catalog, as the people concerned live it, in a real browser.

The site runs as it is deployed (web processes, worker, PostgreSQL, Redis, a mail server), and the partner has
a webhook server of their own. `page_factory` fails the test for any console error or CSP violation on any page.
"""

from pathlib import Path

import pytest

from tests.journey import becoming_partner, going_public, handing_in
from tests.journey.story import Story
from tests.services.browser import Pages
from tests.services.receiver import Receiver
from tests.services.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def story(running_site: Site, page_factory: Pages, receiver: Receiver, tmp_path: Path) -> Story:
    return Story(running_site, page_factory, receiver, tmp_path)


def test_one_partner_from_access_request_to_public_catalog(story: Story) -> None:
    alice = story.person("Alice Owner", "alice@brightloop.example")
    rita = story.person("Rita Reviewer", "rita@segment.example")
    carol = story.person("Carol Customer", "carol@customer.example")
    rita.make_staff()

    becoming_partner.newcomer_asks_for_access(alice)
    becoming_partner.reviewer_approves_the_company(rita)
    becoming_partner.partner_is_welcomed(alice)
    becoming_partner.first_green_test_takes_less_than_a_minute(alice)
    becoming_partner.own_endpoint_is_tested(alice, story)
    becoming_partner.one_event_is_edited_and_sent(alice, story)
    handing_in.submitting_too_early_names_what_is_missing(alice)
    handing_in.listing_is_filled(alice, story)
    handing_in.colleague_joins(alice, story.person("Bob Developer", "bob@brightloop.example"))
    handing_in.partner_tests_in_own_workspace(alice, story)
    handing_in.partner_submits_once(alice)
    handing_in.reviewer_looks_and_asks(rita, story)
    handing_in.partner_answers(alice)
    handing_in.reviewer_requests_changes(rita)
    handing_in.partner_mends_and_resubmits(alice)
    handing_in.reviewer_approves_for_private_beta(rita)
    going_public.customer_is_invited(alice, story.person("Charlie Stranger", "charlie@rival.example"))
    going_public.customer_installs_it(carol, story)
    going_public.customer_verifies(carol)
    going_public.partner_asks_to_go_public(alice)
    going_public.reviewer_releases(rita)
    going_public.everybody_finds_it_in_the_catalog(alice, story)
