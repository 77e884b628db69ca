"""A destination by pull request, the second half: two reviews, the release train, private beta, public."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from devcenter.demo.github import Telling
from tests.journey import beta, desk, listing, sandbox
from tests.journey.by_pull_request import APP, SLUG, WHAT
from tests.journey.people import Person
from tests.journey.story import Story
from tests.services.site import Site

# The clock of a site cannot be turned: the last working day becomes the release day, and what is on board got on
# before its cut-off.
TURN_BACK = """
from datetime import timedelta
from partners.clock import calendar
from partners.models import Policy
from trains.models import Passenger
from trains.timetable import office_today, timetable
days = (office_today() - timedelta(days=back) for back in range(7))
day = next(day for day in days if calendar().is_business_day(day))
policy = Policy.current()
policy.pk = None
policy.release_weekday, policy.cutoff_weekday = day.weekday(), (day.weekday() - 1) % 7
policy.save()
ready_at = timetable(policy).train(day).cutoff - timedelta(hours=1)
Passenger.objects.filter(app__slug="{slug}").update(ready_at=ready_at)
print(day)
"""

# --- The review (S27, S28) ----------------------------------------------------------------------------


def partner_submits_what_github_says(dana: Person) -> None:
    """The description and the ticked boxes of the pull request stand in the form already."""
    listing.confirm(
        dana, SLUG, "event_tester_used", "sdk_tested", "data_seen", "data_seen_again", "entry_looked_at"
    )  # fmt: skip
    dana.screenshot("pull-overview-ready")
    dana.go(f"/apps/{SLUG}/submit/")
    expect(dana.page.get_by_label("What changed, and why")).to_have_value(WHAT)
    expect(dana.page.get_by_label("Unit tests for what is new")).to_be_checked()
    expect(dana.page.get_by_label("An end-to-end test with the local server")).to_be_checked()
    dana.screenshot("pull-submit")
    dana.press("Submit for Review")
    dana.sees("Version 1 is submitted.")


def changes_are_requested_at_github(dana: Person, pull: Telling) -> None:
    pull.review("changes_requested", "Please use a preset for the mapping of orders.")
    dana.go(dana.mail.link("changes are requested in GitHub", containing=f"/apps/{SLUG}/review/"))
    dana.sees("Please use a preset for the mapping of orders.")
    dana.screenshot("pull-changes")


def partner_pushes_and_submits_again(dana: Person, pull: Telling) -> None:
    pull.push()
    pull.check()
    dana.go(f"/apps/{SLUG}/submit/")
    dana.page.get_by_label("What changed, and why").fill("Orders are mapped by a preset now.")
    dana.press("Submit for Review")
    dana.sees("Version 2 is submitted.")


def reviewer_cannot_contradict_github(rita: Person, pull: Telling) -> None:
    """Everything passes here, and nobody can approve it until GitHub says so."""
    desk.open_from_queue(rita, APP, "version 2")
    desk.open_tab(rita, "Pull request")
    rita.screenshot("desk-pull")
    desk.judge_all_passed(rita)
    desk.decide(rita, "Approve for the release train")
    rita.sees("Approve it there first.")
    pull.review("approved", "Good to go.")
    desk.open_from_queue(rita, APP, "version 2")
    desk.judge_all_passed(rita)
    desk.decide(rita, "Approve for the release train")
    rita.sees(re.compile("^Approved"))


# --- The train (S31) ----------------------------------------------------------------------------------


def merged_it_is_on_board(dana: Person, rita: Person, pull: Telling) -> None:
    assert "release train" in dana.mail.read("approved for the release train").text()
    pull.merge()
    dana.go(dana.mail.link("leaves with the release train", containing=f"/apps/{SLUG}/"))
    dana.go(f"/apps/{SLUG}/pull/")
    dana.sees(re.compile("On board of the train of"))
    dana.screenshot("pull-on-board")
    dana.go("/releases/")
    expect(dana.page.get_by_role("table").get_by_role("link", name=APP)).to_be_visible()
    dana.screenshot("releases")
    rita.go("/admin/review/trains/")
    rita.sees(APP)
    rita.screenshot("desk-trains")


def train_leaves(dana: Person, site: Site) -> None:
    """Deployed, the operator says so with the command; it opens the private beta."""
    with last_working_day_is_release_day(site) as day:
        told = json.loads(site.manage("release_train", "--day", day, "--json").stdout)
    assert [one["app"] for one in told["released"]] == [SLUG]
    mail = dana.mail.read(f"{APP} is released")
    assert f"/goto-my-workspace/destinations/catalog/{SLUG}" in mail.text()
    dana.go(f"/apps/{SLUG}/")
    expect(dana.page.locator(".app-head")).to_contain_text("Private beta")
    dana.screenshot("pull-private-beta")


@contextmanager
def last_working_day_is_release_day(site: Site) -> Iterator[str]:
    """Afterwards the policy is the former one: other tests use the site, too."""
    day = site.manage("shell", "--verbosity", "0", "-c", TURN_BACK.format(slug=SLUG)).stdout.strip()
    try:
        yield day
    finally:
        site.query("DELETE FROM partners_policy WHERE id = (SELECT max(id) FROM partners_policy) RETURNING id")


# --- Beta and public (S32 to S36) ---------------------------------------------------------------------


def customer_verifies(dana: Person, casey: Person, story: Story) -> None:
    """The code runs where Segment deploys it: that the App is switched on is all that can be seen here."""
    beta.invite(dana, SLUG, casey.email)
    beta.accept_invitation(casey, casey.mail.link("invited to the private beta", containing="/beta/"))
    sandbox.install(casey, APP, "tide-customer-key")
    casey.screenshot("pull-destination")
    beta.verify(casey, SLUG, "Our orders became journeys within a minute.")


def partner_plans_the_launch_and_asks(dana: Person) -> None:
    dana.go(dana.mail.link("a customer confirmed that it works", containing="/beta/"))
    dana.screenshot("pull-beta-confirmed")
    dana.press("Ask to go public")
    dana.sees("We got your request.")


def it_is_released_to_the_catalog(rita: Person, dana: Person, story: Story) -> None:
    desk.open_from_queue(rita, APP, "Release")
    desk.decide(rita, "Release to the catalog")
    rita.sees("Released: the App is in the catalog.")
    visitor = story.person("A visitor", "visitor@nowhere.example")
    beta.search(visitor, APP)
    visitor.follow(APP)
    visitor.sees("Tidepool shows where orders come from.")
    expect(visitor.page.locator("body")).not_to_contain_text("help@tidepool.example")
    dana.go(dana.mail.link("is live in the catalog", containing="/catalog/"))
    dana.go(f"/apps/{SLUG}/upkeep/")
    dana.sees("Launch content")
    dana.screenshot("upkeep")
