"""reviews.ending: how a live App ends, who may end it, and who hears of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from apps_catalog.models import App, CatalogEntry
from audit.models import Record
from leases.transitions import StaleState
from notifications.models import Notice, OutboxMessage
from partners.models import Membership
from partners.states import Role
from reviews import beta, decisions, ending, releases, submissions
from reviews.checklist import checklist
from reviews.models import Release, Verification
from reviews.refusals import Refused
from reviews.states import SubmissionState
from reviews.tests.conftest import pass_all
from reviews.thresholds import counting_verifications
from tests.sandbox import verified

pytestmark = pytest.mark.django_db
FROM_LIVE = {
    "building": False, "in_review": False, "private_beta": True, "public_beta": True, "public": True,
    "deprecated": False,
}  # fmt: skip


def again(app: App) -> App:
    return App.objects.get(pk=app.pk)


def address(app: App, name: str = "app-deprecate") -> str:
    return reverse(name, args=[app.slug])


@pytest.mark.parametrize("stage", sorted(FROM_LIVE))
def test_only_a_live_app_ends(stage, in_beta: App, alice) -> None:
    App.objects.filter(pk=in_beta.pk).update(stage=stage)
    if FROM_LIVE[stage]:
        ending.deprecate(again(in_beta), alice)
        assert again(in_beta).stage == "deprecated"
        return
    with pytest.raises(StaleState):
        ending.deprecate(again(in_beta), alice)
    assert again(in_beta).stage == stage
    assert not OutboxMessage.objects.filter(kind__startswith="app_deprecated").exists()


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("alice", True), ("rita", False), ("adam", False),
        ("bob", False), ("viv", False), ("charlie", False), ("carol", False),
    ],
)  # fmt: skip
def test_who_may_end_it(who, may, in_beta: App, request) -> None:
    actor = request.getfixturevalue(who)
    if may:
        ending.deprecate(in_beta, actor)
    else:
        with pytest.raises(PermissionDenied):
            ending.deprecate(in_beta, actor)
    assert (again(in_beta).stage == "deprecated") is may


def test_a_reviewer_of_the_own_company_may_not(in_beta: App, rita) -> None:
    Membership.objects.create(company=in_beta.company, user=rita, role=Role.DEVELOPER)
    with pytest.raises(PermissionDenied):
        ending.deprecate(in_beta, rita)


def test_a_deleted_app_is_nobodys_to_end(in_beta: App, alice) -> None:
    App.objects.filter(pk=in_beta.pk).update(deleted_at=timezone.now())
    with pytest.raises(StaleState):
        ending.deprecate(in_beta, alice)


def test_it_leaves_the_catalog(listed: App, alice, carol, client_for) -> None:
    customer, entry, door = client_for(carol), address(listed, "catalog-entry"), address(listed, "beta-about")
    assert [customer.get(page).status_code for page in (entry, door)] == [200, 200]
    ending.deprecate(listed, alice)
    assert [customer.get(page).status_code for page in (entry, door)] == [404, 404]
    assert not CatalogEntry.objects.filter(app=listed).exists()
    actions = list(Record.objects.filter(chain_id=listed.chain).order_by("pk").values_list("action", flat=True))
    assert actions[-2:] == ["app.deprecate", "app.unpublished"]


def test_customers_and_company_are_told_once(in_beta: App, alice, bob, viv, carol, charlie) -> None:
    invited = beta.invite(in_beta, alice, charlie.email)
    beta.accept(invited, charlie)
    verified(in_beta, carol, "Works.")
    beta.invite(in_beta, alice, "silent@customer.example")
    ending.deprecate(in_beta, alice)
    with pytest.raises(StaleState):
        ending.deprecate(again(in_beta), alice)
    told = OutboxMessage.objects.filter(kind="app_deprecated")
    assert sorted(told.values_list("recipient", flat=True)) == sorted([carol.email, charlie.email])
    assert "no longer available" in told[0].subject
    assert "has left" not in told[0].text
    team = OutboxMessage.objects.filter(kind="app_deprecated_team")
    assert sorted(team.values_list("recipient", flat=True)) == sorted([alice.email, bob.email, viv.email])
    assert Notice.objects.filter(kind__startswith="app_deprecated").count() == 5


@pytest.mark.parametrize("who", ["alice"])
def test_an_update_in_review_is_withdrawn(who, in_beta: App, alice, rita, request) -> None:
    update = submissions.submit(in_beta, alice, "Second version.")
    ending.deprecate(in_beta, request.getfixturevalue(who))
    update.refresh_from_db()
    assert update.state == SubmissionState.WITHDRAWN
    assert Record.objects.filter(action="submission.withdrawn").count() == 1
    with pytest.raises(StaleState):
        decisions.record_step(update, rita, "developed", "pass")


def test_a_request_to_go_public_falls(asked: Release, alice) -> None:
    ending.deprecate(asked.app, alice)
    assert not Release.objects.exists()


def test_a_decision_before_it_stands(in_beta: App, alice, rita, settings) -> None:
    settings.UNDO_SECONDS = 60
    update = submissions.submit(in_beta, alice, "Second version.")
    pass_all(update, rita)
    decisions.approve(update, rita)
    ending.deprecate(again(in_beta), alice)
    with pytest.raises(Refused, match="deprecated"):
        decisions.undo(update, rita)
    assert not CatalogEntry.objects.exists()


def test_nothing_is_next_on_the_checklist(in_beta: App, alice) -> None:
    ending.deprecate(in_beta, alice)
    assert checklist(again(in_beta)).next_item is None


# --- The page ---------------------------------------------------------------------------------------------


def test_the_owner_types_the_address_and_a_double_click_is_harmless(in_beta: App, alice, client_for) -> None:
    client, danger = client_for(alice), address(in_beta, "app-danger")
    assert address(in_beta) in client.get(danger).content.decode()
    wrong = client.post(address(in_beta), {"slug": "acme"})
    assert wrong.status_code == 422
    assert "to deprecate the App" in wrong.content.decode()
    first = client.post(address(in_beta), {"slug": in_beta.slug}, follow=True)
    assert first.redirect_chain == [(danger, 303)]
    assert "Its customers are told" in first.content.decode()
    second = client.post(address(in_beta), {"slug": in_beta.slug}, follow=True)
    assert "is deprecated; nothing was changed" in second.content.decode()
    assert OutboxMessage.objects.filter(kind="app_deprecated_team").count() == 1
    page = client.get(danger).content.decode()
    assert address(in_beta) not in page
    assert "since <time" in page
    assert address(in_beta, "app-delete") in page


@pytest.mark.parametrize("who", ["bob", "viv"])
def test_others_of_the_company_read_who_can(who, in_beta: App, client_for, request) -> None:
    page = client_for(request.getfixturevalue(who)).get(address(in_beta, "app-danger")).content.decode()
    assert address(in_beta) not in page
    assert "Owners of the company can deprecate it" in page


def test_before_it_is_live_there_is_nothing_to_end(app: App, alice, client_for) -> None:
    client = client_for(alice)
    assert address(app) not in client.get(address(app, "app-danger")).content.decode()
    answer = client.post(address(app), {"slug": app.slug}, follow=True)
    assert "is building; nothing was changed" in answer.content.decode()


@pytest.mark.parametrize("name", ["app-detail", "app-submit", "app-review", "app-beta", "beta-about", "app-activity"])
def test_the_pages_of_an_ended_app_open_for_its_company(name, in_beta: App, alice, client_for) -> None:
    ending.deprecate(in_beta, alice)
    page = client_for(alice).get(address(in_beta, name))
    assert page.status_code == 200
    assert "deprecated" in page.content.decode().lower()


# --- Beside it --------------------------------------------------------------------------------------------


def test_an_imported_website_is_a_link_only_when_it_is_a_web_address(in_beta: App, alice, client_for) -> None:
    for website, is_link in (("javascript:alert(1)", False), ("https://acme.example", True)):
        CatalogEntry.objects.filter(app=in_beta).update(website=website)
        page = client_for(alice).get(address(in_beta, "beta-about")).content.decode()
        assert (f'href="{website}"' in page) is is_link


def test_a_customer_who_deleted_the_account_does_not_count(in_beta: App, carol) -> None:
    verified(in_beta, carol, "Works.")
    assert counting_verifications(in_beta).count() == 1
    Verification.objects.update(user=None)
    assert counting_verifications(in_beta).count() == 0


def test_what_is_queued_and_says_that_the_app_can_be_used_is_dropped(asked, alice, rita, settings):
    settings.UNDO_SECONDS = 600
    releases.release(asked, rita)
    app = again(asked.app)
    beta.invite(app, alice, "later@customer.example")
    kinds = {"beta_invitation", "live"}
    unsent = OutboxMessage.objects.queued().filter(kind__in=kinds)
    assert set(unsent.values_list("kind", flat=True)) == kinds

    ending.deprecate(app, alice)

    assert not unsent.exists()
    assert OutboxMessage.objects.queued().filter(kind="app_deprecated_team").exists()


# --- Undo ---------------------------------------------------------------------------------------------------


def test_undo_makes_it_what_it_was_and_nobody_hears(listed: App, alice, carol, settings, client_for) -> None:
    settings.UNDO_SECONDS = 600
    beta.invite(listed, alice, "late@customer.example")
    before = again(listed)
    listed_at = before.entry.listed_at
    client_for(alice).post(address(listed), {"slug": listed.slug})
    page = client_for(alice).get(address(listed, "app-danger")).content.decode()
    assert address(listed, "app-deprecate-undo") in page
    answer = client_for(alice).post(address(listed, "app-deprecate-undo"), follow=True).content.decode()
    assert "Nobody was told" in answer
    now = again(listed)
    assert (now.stage, now.stage_since, now.entry.listed_at) == (before.stage, before.stage_since, listed_at)
    assert not OutboxMessage.objects.filter(kind__startswith="app_deprecated", state="queued").exists()
    # The link that had not gone out was dropped with the App; a new one goes out now.
    assert OutboxMessage.objects.filter(kind="beta_invitation", state="queued").count() == 1
    with pytest.raises(StaleState):
        ending.undo(now, alice)
    ending.deprecate(now, alice)
    assert OutboxMessage.objects.filter(kind="app_deprecated", state="queued").count() == 1


def test_undo_comes_too_late_once_customers_know(in_beta: App, alice) -> None:
    ending.deprecate(in_beta, alice)
    with pytest.raises(Refused, match="told"):
        ending.undo(again(in_beta), alice)


@pytest.mark.parametrize("who", ["bob", "viv", "rita", "charlie"])
def test_who_may_not_undo(who, in_beta: App, alice, settings, request) -> None:
    settings.UNDO_SECONDS = 600
    ending.deprecate(in_beta, alice)
    with pytest.raises(PermissionDenied):
        ending.undo(again(in_beta), request.getfixturevalue(who))


def test_a_planned_launch_falls_with_the_app(asked: Release, alice, rita) -> None:
    Release.objects.filter(pk=asked.pk).update(launch_at=timezone.now() + timedelta(days=9))
    releases.release(Release.objects.get(pk=asked.pk), rita)
    ending.deprecate(asked.app, alice)
    assert not Release.objects.exists()
