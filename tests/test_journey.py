"""Two partners from the first visit to the public catalog, as the people concerned live it, in a real browser: one
with a web service of their own, one by pull request.

The site runs as it is deployed (web processes, worker, PostgreSQL, Redis, a mail server), and the partner has
a webhook server of their own. `page_factory` fails the test for any console error or CSP violation on any page.
"""

from pathlib import Path

import pytest

from tests.journey import becoming_partner, by_pull_request, github, going_public, handing_in, on_board
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


def test_a_destination_by_pull_request_from_its_plan_to_the_public_catalog(story: Story) -> None:
    dana = story.person("Dana Owner", "dana@tidepool.example")
    rita = story.person("Rita Reviewer", "rita@segment.example")
    casey = story.person("Casey Customer", "casey@shopper.example")
    rita.make_staff()
    pull = github.pull_request(story.site, f"Add {by_pull_request.APP}", by_pull_request.WHAT)

    by_pull_request.partner_joins(dana, rita)
    by_pull_request.app_is_made_by_pull_request(dana)
    by_pull_request.plan_is_written(dana)
    by_pull_request.team_looks_at_the_plan(rita, dana)
    by_pull_request.guide_is_followed(dana)
    by_pull_request.pull_request_is_linked(dana, pull)
    by_pull_request.template_is_pasted(dana, pull)
    by_pull_request.the_rest_is_filled_in(dana, story)
    on_board.partner_submits_what_github_says(dana)
    on_board.changes_are_requested_at_github(dana, pull)
    on_board.partner_pushes_and_submits_again(dana, pull)
    on_board.reviewer_cannot_contradict_github(rita, pull)
    on_board.merged_it_is_on_board(dana, rita, pull)
    on_board.train_leaves(dana, story.site)
    on_board.customer_verifies(dana, casey, story)
    on_board.partner_plans_the_launch_and_asks(dana)
    on_board.it_is_released_to_the_catalog(rita, dana, story)
