"""The page of a pull request: link it, follow it, unlink it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps_catalog.lifecycle import remove_component
from pulls import lifecycle
from pulls.models import PullRequest, Repository
from pulls.standing import of_app
from pulls.tests.telling import REPOSITORY

pytestmark = pytest.mark.django_db
ADDRESS = f"https://github.com/{REPOSITORY}/pull/1"


def url(name, app):
    return reverse(name, args=[app.slug])


@pytest.fixture
def browser(alice, client_for):
    return client_for(alice)


def link(browser, app, address=ADDRESS, **more):
    revision = lifecycle.component_of(app).revision
    return browser.post(url("app-pull-link", app), {"address": address, "revision": revision, **more})


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_linked_pull_request_waits_for_word_and_then_shows_it(browser, pull_app, teller):
    answer = link(browser, pull_app)
    assert (answer.status_code, answer.url) == (303, url("app-pull", pull_app))
    assert "We wait for word from GitHub" in text_of(browser.get(url("app-pull", pull_app)))
    teller.review("changes_requested", body="<script>alert(1)</script> Rename the action.")
    teller.suite("success")
    teller.catch_up()
    page = text_of(browser.get(url("app-pull", pull_app)))
    for said in (
        "Change 1",
        "Changes are requested",
        "Checks passed",
        "reviewer-one</strong> requested changes",
        ADDRESS,
    ):
        assert said in page
    assert "<script>alert" not in page
    live = text_of(browser.get(url("app-pull-live", pull_app), headers={"HX-Request": "true"}))
    assert "Changes are requested" in live
    assert "<h1" not in live


def test_reviews_of_passers_by_are_shown_as_what_they_are(browser, pull_app, linked, teller):
    teller.review("changes_requested", by="passer-by", as_="NONE", body="I do not like it.")
    teller.review("commented", by="commenter", as_="NONE")
    teller.catch_up()
    page = text_of(browser.get(url("app-pull", pull_app)))
    assert "passer-by</strong> requested changes, which does not count: not as a member of the repository" in page
    assert "I do not like it." in page
    assert "commenter</strong> commented</p>" in page
    assert "Not reviewed yet" in page
    assert "Changes are requested" not in page


def test_staff_see_who_wrote_it_beside_who_claimed_it(linked, alice, rita, client_for, teller):
    teller.review("approved", by="second-account", as_="NONE")
    teller.catch_up()
    staff = client_for(rita)
    page = text_of(staff.get(reverse("admin:pulls_pullrequest_changelist")))
    assert 'field-author">partner-developer<' in page
    assert f'field-linked_by nowrap">{alice}<' in page
    assert "NONE" in text_of(staff.get(reverse("admin:pulls_pullrequest_change", args=[linked.pk])))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "Paste the address"),
        ("https://example.com/pull/1", "no address of a pull request"),
        ("https://github.com/other/place/pull/1", "Pull requests of other/place do not count here"),
        ("x" * 600, "at most 500 characters"),
    ],
)
def test_what_cannot_be_linked_stays_in_the_form(browser, pull_app, repository, address, said):
    answer = link(browser, pull_app, address)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert f'value="{address}"' in answer.content.decode() or not address
    assert not PullRequest.objects.exists()


def test_somebody_who_was_faster_is_shown(browser, pull_app, linked):
    answer = link(browser, pull_app, f"https://github.com/{REPOSITORY}/pull/2", revision=0)
    assert answer.status_code == 409
    assert "Somebody saved this in the meantime" in text_of(answer)
    assert of_app(pull_app) == linked


def test_unlinking_twice_is_unlinking_once(browser, pull_app, linked):
    revision = lifecycle.component_of(pull_app).revision
    for _ in range(2):
        assert browser.post(url("app-pull-unlink", pull_app), {"revision": revision}).status_code == 303
    assert of_app(pull_app) is None
    assert "Link the pull request" in text_of(browser.get(url("app-pull", pull_app)))


def test_an_old_page_unlinks_nothing(browser, pull_app, linked, alice):
    revision = lifecycle.component_of(pull_app).revision
    lifecycle.link(alice, pull_app, f"https://github.com/{REPOSITORY}/pull/2")
    browser.post(url("app-pull-unlink", pull_app), {"revision": revision})
    assert of_app(pull_app).number == 2


def test_github_is_asked_on_demand(browser, pull_app, linked, settings):
    assert "Ask GitHub now" not in text_of(browser.get(url("app-pull", pull_app)))
    settings.GITHUB_TOKEN = "token"
    assert "Ask GitHub now" in text_of(browser.get(url("app-pull", pull_app)))
    browser.post(url("app-pull-refresh", pull_app))
    assert "Asking…" in text_of(browser.get(url("app-pull", pull_app)))
    linked.refresh_from_db()
    assert linked.is_asked


def test_trouble_with_github_is_said_beside_what_is_known(browser, pull_app, linked, teller, settings):
    settings.GITHUB_TOKEN = "token"
    teller.catch_up()
    Repository.objects.update(poll_error="GitHub answered 502.")
    page = text_of(browser.get(url("app-pull", pull_app)))
    assert "GitHub does not answer us at the moment" in page
    assert "Change 1" in page


def test_a_number_that_github_does_not_know(browser, pull_app, linked):
    PullRequest.objects.update(poll_error="GitHub knows no such pull request", polled_at=timezone.now())
    assert "GitHub knows no such pull request" in text_of(browser.get(url("app-pull", pull_app)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"is_open": False}, "It was closed without a merge"),
        ({"is_open": False, "merged_at": "2026-03-01T00:00:00Z"}, "It is merged"),
        ({"base": "next"}, "It is against the branch “next”"),
        ({"is_draft": True}, "It is a draft"),
        ({"checks": "failed"}, "A check failed on the newest commit"),
        ({"checks": "running"}, "The checks have not passed yet"),
        ({"checks": "passed", "verdict": "stale"}, "There are commits after the approval"),
        ({"checks": "passed", "verdict": "approved"}, "Approved at GitHub"),
        ({"checks": "passed"}, "Ready for the review"),
    ],
)
def test_each_state_says_what_comes_next(browser, pull_app, linked, teller, changes, said):
    teller.catch_up()
    PullRequest.objects.filter(pk=linked.pk).update(**changes)
    assert said in text_of(browser.get(url("app-pull", pull_app)))


def test_what_the_draft_names_and_nobody_linked_is_said(browser, pull_app, linked, rita):
    lifecycle.release_claim(rita, linked)
    page = text_of(browser.get(url("app-pull", pull_app)))
    assert "The pull request in the draft is not linked" in page
    assert f'value="{ADDRESS}"' in page


def test_viewers_and_staff_look_and_change_nothing(pull_app, linked, viv, rita, client_for, teller):
    teller.catch_up()
    for person in (viv, rita):
        page = text_of(client_for(person).get(url("app-pull", pull_app)))
        assert "Change 1" in page
        assert "Unlink" not in page


def test_an_app_that_is_built_otherwise_says_so(browser, pull_app, alice, linked):
    remove_component(alice, lifecycle.component_of(pull_app))
    assert "Not built by pull request" in text_of(browser.get(url("app-pull", pull_app)))
    assert browser.post(url("app-pull-link", pull_app), {"address": ADDRESS, "revision": 0}).status_code == 303


def test_a_long_story_is_cut_and_costs_no_more(browser, pull_app, linked, teller, django_assert_max_num_queries):
    for number in range(60):
        teller.review("commented", by=f"reviewer-{number}", body="word " * 5_000)
    teller.catch_up()
    with django_assert_max_num_queries(40):
        answer = browser.get(url("app-pull-live", pull_app))
    assert answer.content.count(b"timeline__item--") == 50
    assert len(answer.content) < 200_000
