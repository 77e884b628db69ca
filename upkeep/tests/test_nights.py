"""upkeep.nights, looking and risks: what a night finds, and what follows from several of them (S37)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from apps_catalog.models import App, AppVersion, CatalogEntry
from apps_catalog.states import ComponentKind, Stage
from audit.models import Record
from delivery.models import Tally
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from partners.models import Company, Policy
from pulls.models import CheckSuite, PullRequest, Repository
from reviews import releases
from reviews.models import Release
from reviews.refusals import Refused
from tests.cast import make_user
from tests.sandbox import installed
from upkeep import nights, risks
from upkeep.builds import SHARED as SHARED_WORDS
from upkeep.looking import Seen, look_at_app, look_outside
from upkeep.models import NightlyCheck, Risk
from upkeep.states import Found, RiskState
from upkeep.tests.rows import make_night, make_risk
from workspaces.models import Destination

pytestmark = pytest.mark.django_db

ENDPOINT = "https://hooks.acme.example/segment"
# A night in the office: 03:00 in Los Angeles.
NIGHT = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
Looks = Callable[[int, str, dict], dict]


def answers(*, endpoint: tuple[str, int | None] = ("ok", 200), page: int | None = 200) -> Looks:
    """A look at which every endpoint and every page answers like this."""

    def look(app_id: int, mark: str, target: dict) -> dict:
        if target["kind"] == "endpoint":
            return {"state": endpoint[0], "status": endpoint[1], "message": "An answer."}
        return {"state": "ok" if page == 200 else "warn", "status": page, "message": "A page."}

    return look


WORKS = answers()
BROKEN = answers(endpoint=("down", 503))
SILENT = answers(endpoint=("down", None), page=None)
DOUBT = answers(endpoint=("warn", 401))


@pytest.fixture
def kept(listed: App) -> App:
    """Listed, with an endpoint in its live version."""
    return with_component(listed, kind="subscription_webhook", endpoint=ENDPOINT)


def with_component(app: App, **component: str) -> App:
    version = AppVersion.objects.get(pk=app.live_version_id)
    version.manifest["components"] = [component]
    version.save()
    return App.objects.select_related("live_version", "company").get(pk=app.pk)


def go_on(app: App, look: Looks, days: int, start: datetime = NIGHT) -> datetime:
    """So many nights, one after the other; the last one."""
    for day in range(days):
        nights.work(start + timedelta(days=day), look)
    return start + timedelta(days=days - 1)


# --- One look ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("look", "found"),
    [
        (WORKS, Found.PASSED),
        (BROKEN, Found.FAILED),
        (SILENT, Found.FAILED),
        (DOUBT, Found.UNSURE),
        (answers(page=404), Found.FAILED),
        (answers(page=500), Found.FAILED),
        (answers(page=None), Found.FAILED),
        (answers(page=301), Found.PASSED),
        # A page that stops robots is a doubt about the page, and none about the App.
        (answers(page=403), Found.PASSED),
        (answers(endpoint=("warn", 400), page=404), Found.FAILED),
    ],
)
def test_what_an_answer_means(kept: App, look, found):
    assert look_at_app(kept, NIGHT.date(), NIGHT, look).found == found


def test_each_address_of_the_live_version_is_looked_at_and_no_other(kept: App):
    kept.listing.website = "https://draft.example"
    kept.listing.save()
    seen = []
    look_at_app(
        kept,
        NIGHT.date(),
        NIGHT,
        lambda pk, mark, target: seen.append((mark, target["url"])) or WORKS(pk, mark, target),
    )
    assert seen == [
        ("night-2026-11-24", ENDPOINT),
        ("night-2026-11-24", "https://docs.acme.example/segment"),
        ("night-2026-11-24", "https://acme.example"),
    ]


def test_the_sentences_name_what_failed_first(kept: App):
    seen = look_at_app(kept, NIGHT.date(), NIGHT, answers(endpoint=("warn", 401), page=404))
    assert seen.problems[0] == "The documentation page https://docs.acme.example/segment: A page."
    assert seen.problems[-1] == f"The endpoint {ENDPOINT}: An answer."


@pytest.mark.parametrize(
    ("suites", "found"),
    [
        ([], Found.UNSURE),
        ([("completed", "success"), ("completed", "neutral")], Found.PASSED),
        ([("completed", "success"), ("completed", "failure")], Found.FAILED),
        ([("completed", "success"), ("in_progress", "")], Found.UNSURE),
        ([("completed", "cancelled")], Found.UNSURE),
        ([("in_progress", ""), ("completed", "failure")], Found.FAILED),
    ],
)
def test_a_destination_by_pull_request_is_judged_by_the_checks_of_the_branch(listed: App, suites, found):
    address = "https://github.com/Segmentio/Action-Destinations/pull/7"
    app = with_component(listed, kind=ComponentKind.ACTIONS_DESTINATION, pull_request=address)
    repository, _ = Repository.objects.get_or_create(name="segmentio/action-destinations")
    Repository.objects.filter(pk=repository.pk).update(branch_sha="new")
    for number, (status, conclusion) in enumerate([*suites]):
        CheckSuite.objects.create(
            repository=repository, github_id=number, at=NIGHT, head_sha="new", status=status, conclusion=conclusion
        )
    CheckSuite.objects.create(
        repository=repository, github_id=99, at=NIGHT, head_sha="old", status="completed", conclusion="failure"
    )
    assert look_at_app(app, NIGHT.date(), NIGHT, WORKS).found == found


SHARED = "https://github.com/acme/destinations/pull/7"


@pytest.fixture
def red(listed: App) -> App:
    """Released from a branch that fails."""
    app = with_component(listed, kind=ComponentKind.ACTIONS_DESTINATION, pull_request=SHARED)
    repository = Repository.objects.create(name="acme/destinations", branch_sha="new")
    CheckSuite.objects.create(
        repository=repository, github_id=1, at=NIGHT, head_sha="new", status="completed", conclusion="failure"
    )
    PullRequest.objects.create(repository=repository, number=7, app=app, merged_at=NIGHT)
    return app


@pytest.fixture
def shared(red: App) -> App:
    """Another App has code on it too."""
    repository = Repository.objects.get(name="acme/destinations")
    PullRequest.objects.create(repository=repository, number=8, app=copies_of(red, 1)[0], merged_at=NIGHT)
    App.objects.exclude(pk=red.pk).update(stage=Stage.PRIVATE_BETA)
    return red


def test_a_failed_branch_that_apps_share_counts_against_none(shared: App, rita):
    go_on(shared, WORKS, 20)
    assert set(NightlyCheck.objects.values_list("found", flat=True)) == {Found.UNSURE}
    assert SHARED_WORDS in NightlyCheck.objects.first().problems[0]
    assert not Risk.objects.exists()
    assert App.objects.get(pk=shared.pk).is_listed
    alert = OutboxMessage.objects.get(kind="shared_branch_failed")  # one for the commit, not for each night
    assert alert.recipient == rita.email
    assert "acme/destinations" in alert.text
    assert "2 Apps" in alert.text

    Repository.objects.update(branch_sha="newer")
    CheckSuite.objects.update(head_sha="newer")
    nights.work(NIGHT + timedelta(days=20), WORKS)
    assert OutboxMessage.objects.filter(kind="shared_branch_failed").count() == 2


@pytest.mark.parametrize("other", [{"merged_at": None}, {"app": None}])
def test_it_counts_where_no_other_app_has_code(shared: App, rita, other):
    PullRequest.objects.filter(number=8).update(**other)
    go_on(shared, WORKS, 3)
    assert Risk.objects.get().app == shared
    assert not OutboxMessage.objects.filter(kind="shared_branch_failed").exists()


def test_a_reviewer_says_whose_fault_it_is(shared: App, rita, alice):
    for day in range(3):
        nights.work(NIGHT + timedelta(days=day), WORKS)
        assert not Risk.objects.exists()
        check = NightlyCheck.objects.first()
        with pytest.raises(PermissionDenied):
            risks.count_as_failed(alice, check, "Theirs.")
        with pytest.raises(ValidationError, match="Say why"):
            risks.count_as_failed(rita, check, "  ")
        risks.count_as_failed(rita, check, "Its own test fails.")
        with pytest.raises(ValidationError, match="in doubt"):
            risks.count_as_failed(rita, check, "Once more.")
    assert Risk.objects.get().problems[0] == "Segment’s team looked: Its own test fails."
    assert Record.objects.filter(action="app.night_failed").count() == 3


def test_only_the_newest_night_counts_as_failed(shared: App, rita):
    go_on(shared, WORKS, 2)
    with pytest.raises(ValidationError, match="newest"):
        risks.count_as_failed(rita, NightlyCheck.objects.last(), "Theirs.")


def test_a_night_is_counted_in_the_admin(shared: App, rita, client_for):
    nights.work(NIGHT, WORKS)
    client, url = client_for(rita), reverse("admin:upkeep_nightlycheck_changelist")
    asked = {"action": "count_as_failed", "_selected_action": [NightlyCheck.objects.get().pk]}
    assert "Say why" in client.post(url, asked, follow=True).content.decode()
    assert NightlyCheck.objects.get().found == Found.UNSURE
    assert "1 counted as failed." in client.post(url, asked | {"reason": "Its test."}, follow=True).content.decode()
    assert NightlyCheck.objects.get().found == Found.FAILED


def test_a_repository_of_which_nothing_is_known_is_a_doubt(listed: App):
    app = with_component(listed, kind=ComponentKind.ACTIONS_DESTINATION, pull_request="no address")
    assert look_at_app(app, NIGHT.date(), NIGHT, WORKS).found == Found.UNSURE


@pytest.mark.parametrize(
    ("delivered", "lost", "code", "is_losing"),
    [
        (40, 60, "errors.awaiting-retry.5xx", True),
        (60, 40, "errors.awaiting-retry.5xx", False),
        (0, 99, "errors.awaiting-retry.5xx", False),
        # Keys that customers typed wrong are no fault of the App.
        (10, 200, "errors.discarded.401", False),
    ],
)
def test_events_that_do_not_arrive(kept: App, carol, alice, delivered, lost, code, is_losing):
    at = timezone.now()
    for destination in (installed(carol, kept), installed(alice, kept)):  # Alice's is the partner's own
        own = destination.source.workspace.personal_of == alice
        for stage, count, why in (("delivered", delivered, ""), ("failed", 5000 if own else lost, code)):
            Tally.objects.create(
                source=destination.source, destination_number=destination.pk, at=at, stage=stage, code=why, count=count
            )
    seen = look_at_app(kept, NIGHT.date(), at, WORKS)
    assert (seen.found == Found.FAILED) is is_losing
    assert any("could not be delivered" in text for text in seen.problems) is is_losing


# --- A night -------------------------------------------------------------------------------------


def test_the_night_begins_at_two_in_the_office():
    assert nights.night_of(datetime(2026, 11, 24, 9, 59, tzinfo=UTC)) is None
    assert nights.night_of(datetime(2026, 11, 24, 10, 0, tzinfo=UTC)) == date(2026, 11, 24)
    assert nights.night_of(datetime(2026, 11, 25, 7, 59, tzinfo=UTC)) == date(2026, 11, 24)


def test_an_app_is_looked_at_once_a_night(kept: App):
    assert [nights.work(NIGHT, WORKS), nights.work(NIGHT + timedelta(hours=2), BROKEN)] == [1, 0]
    check = NightlyCheck.objects.get()
    assert (check.found, check.night, check.looked_at, check.judged_at) == ("passed", date(2026, 11, 24), NIGHT, NIGHT)
    assert CatalogEntry.objects.get(app=kept).proven_at == NIGHT


@pytest.mark.parametrize("how", ["private", "house", "deleted"])
def test_who_is_not_looked_at(kept: App, how):
    if how == "house":
        Company.objects.filter(pk=kept.company_id).update(is_house=True)
    elif how == "private":
        App.objects.filter(pk=kept.pk).update(stage=Stage.PRIVATE_BETA)
    else:
        App.objects.filter(pk=kept.pk).update(deleted_at=NIGHT)
    assert nights.work(NIGHT, BROKEN) == 0


def test_a_worker_that_dies_leaves_a_doubt_and_holds_nobody_up(kept: App):
    def dies(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nights.work(NIGHT, dies)
    assert nights.work(NIGHT, WORKS) == 0
    assert NightlyCheck.objects.get().judged_at is None  # perhaps it is still at it
    nights.work(NIGHT + timedelta(minutes=11), WORKS)
    check = NightlyCheck.objects.get()
    assert (check.found, check.judged_at is not None) == ("unsure", True)


def test_a_night_in_which_most_apps_are_silent_is_our_fault(kept: App):
    others = copies_of(kept, 3)
    for app in others:
        NightlyCheck.objects.create(app=app, night=NIGHT.date(), found="failed", is_silent=True, looked_at=NIGHT)
    nights.work(NIGHT, WORKS)
    assert NightlyCheck.objects.filter(found="unsure", problems=[nights.OUR_FAULT]).count() == 3
    assert NightlyCheck.objects.get(app=kept).found == "passed"


def copies_of(app: App, number: int) -> list[App]:
    rows = [
        App(company=app.company, name=f"Acme {n}", slug=f"acme-{n}", skeleton=f"acme-{n}", stage=app.stage)
        for n in range(number)
    ]
    return App.objects.bulk_create(rows)


# --- Several of them -----------------------------------------------------------------------------


def test_three_failed_nights_in_a_row_put_an_app_at_risk_and_its_makers_are_told(kept: App, bob, rita):
    go_on(kept, BROKEN, 2)
    assert not Risk.objects.exists()
    last = go_on(kept, BROKEN, 3)

    risk = Risk.objects.get()
    assert (risk.state, risk.since, risk.grace_until) == ("open", last, last + timedelta(days=14))
    assert CatalogEntry.objects.get(app=kept).at_risk_since == last
    mails = OutboxMessage.objects.filter(kind="app_at_risk")
    assert {mail.recipient for mail in mails} == {"alice@acme.example", bob.email}
    assert f"The endpoint {ENDPOINT}: An answer." in mails[0].text
    assert OutboxMessage.objects.get(kind="risk_to_team").recipient == rita.email
    assert Record.objects.get(action="app.at_risk").actor == "system"


def test_how_many_nights_is_policy(kept: App):
    Policy.objects.filter(pk=kept.submissions.get().policy_id).update(risk_nights=1, risk_days=3)
    last = go_on(kept, BROKEN, 1)
    assert Risk.objects.get().grace_until == last + timedelta(days=3)


def test_a_night_in_doubt_neither_counts_nor_breaks_the_row(kept: App):
    for day, look in enumerate([BROKEN, DOUBT, BROKEN, DOUBT, DOUBT]):
        nights.work(NIGHT + timedelta(days=day), look)
    assert not Risk.objects.exists()
    nights.work(NIGHT + timedelta(days=5), BROKEN)
    assert Risk.objects.exists()


def test_a_passed_night_breaks_the_row(kept: App):
    for day, look in enumerate([BROKEN, BROKEN, WORKS, BROKEN, BROKEN]):
        nights.work(NIGHT + timedelta(days=day), look)
    assert not Risk.objects.exists()


def test_one_passed_night_clears_the_risk(kept: App):
    last = go_on(kept, BROKEN, 3)
    nights.work(last + timedelta(days=1), WORKS)
    risk = Risk.objects.get()
    assert (risk.state, risk.ended_at) == (RiskState.CLEARED, last + timedelta(days=1))
    assert CatalogEntry.objects.get(app=kept).at_risk_since is None
    assert risks.WORKS_AGAIN in OutboxMessage.objects.get(kind="app_risk_cleared").text


def test_the_makers_are_reminded_half_way_once(kept: App):
    go_on(kept, BROKEN, 9)
    assert not OutboxMessage.objects.filter(kind="app_at_risk_reminder").exists()
    go_on(kept, BROKEN, 12)
    assert OutboxMessage.objects.filter(kind="app_at_risk_reminder").count() == 1


def test_after_the_days_of_grace_it_is_delisted_and_its_customers_keep_it(kept: App, rita, carol):
    go_on(kept, BROKEN, 16)
    assert App.objects.get(pk=kept.pk).is_listed
    go_on(kept, BROKEN, 17)

    app = App.objects.get(pk=kept.pk)
    assert (app.stage, app.is_listed) == (Stage.PRIVATE_BETA, False)
    assert Risk.objects.get().state == RiskState.DELISTED
    entry = CatalogEntry.objects.get(app=app)
    assert (entry.listed_at, entry.at_risk_since, entry.version_id) == (None, None, kept.live_version_id)
    assert Destination.objects.get(app=app, source__workspace__personal_of=carol).is_enabled
    assert not Release.objects.exists()
    assert OutboxMessage.objects.filter(kind="app_delisted").count() == 1
    assert set(OutboxMessage.objects.filter(kind="risk_to_team").values_list("recipient", flat=True)) == {rita.email}
    actions = Record.objects.filter(Q(action__contains="delist"))
    assert [one.action for one in actions.order_by("pk")] == ["app.delist", "app.delisted_for_risk"]


def test_who_was_delisted_asks_again_and_counting_begins_anew(kept: App, alice, rita):
    last = go_on(kept, BROKEN, 17)
    with time_machine.travel(last + timedelta(hours=1)):
        releases.release(releases.ask_to_go_public(App.objects.get(pk=kept.pk), alice), rita)
    assert App.objects.get(pk=kept.pk).is_listed
    go_on(kept, BROKEN, 2, last + timedelta(days=1))
    assert not Risk.objects.filter(state="open").exists()
    go_on(kept, BROKEN, 3, last + timedelta(days=1))
    assert Risk.objects.filter(state="open").exists()


def test_an_app_in_doubt_is_never_delisted(kept: App):
    last = go_on(kept, BROKEN, 3)
    go_on(kept, DOUBT, 30, last + timedelta(days=1))
    assert App.objects.get(pk=kept.pk).is_listed
    assert Risk.objects.get().state == RiskState.OPEN


def test_a_risk_ends_with_the_app(kept: App):
    make_risk(kept)
    App.objects.filter(pk=kept.pk).update(stage=Stage.DEPRECATED)
    assert risks.close_left(NIGHT) == 1
    assert Risk.objects.get().state == RiskState.CLEARED
    assert not OutboxMessage.objects.filter(kind="app_risk_cleared").exists()


def test_a_check_is_judged_once(kept: App):
    check = make_night(kept, 0, Found.FAILED, judged_at=None)
    assert [risks.judge(check, NIGHT), risks.judge(check, NIGHT)] == [True, False]


# --- What staff decide ---------------------------------------------------------------------------


def test_staff_clear_a_risk_with_a_reason_and_counting_begins_anew(kept: App, rita):
    last = go_on(kept, BROKEN, 3)
    with time_machine.travel(last + timedelta(hours=6)):
        risks.clear(rita, Risk.objects.get(), "Our network was down.")
    assert Risk.objects.get().state == RiskState.CLEARED
    assert Record.objects.get(action="app.risk_cleared").data["reason"] == "Our network was down."
    go_on(kept, BROKEN, 2, last + timedelta(days=1))
    assert not Risk.objects.filter(state="open").exists()


def test_staff_give_more_time(kept: App, rita):
    last = go_on(kept, BROKEN, 3)
    until = date(2027, 1, 15)
    with time_machine.travel(last + timedelta(days=8)):
        assert risks.extend(rita, Risk.objects.get(), until, "They move their servers.")
        assert not risks.extend(rita, Risk.objects.get(), until, "They move their servers.")
    assert OutboxMessage.objects.filter(kind="app_risk_extended").count() == 1
    go_on(kept, BROKEN, 20, last + timedelta(days=9))
    assert App.objects.get(pk=kept.pk).is_listed


@pytest.mark.parametrize("who", ["alice", "carol", "adam_of_acme"])
def test_who_may_not_decide(kept: App, who, request):
    person = make_user("zoe", is_staff=True) if who == "adam_of_acme" else request.getfixturevalue(who)
    risk = make_risk(kept)
    with pytest.raises(PermissionDenied):
        risks.clear(person, risk, "Because.")


def test_a_decision_needs_a_reason_a_day_that_can_be_given_and_an_open_risk(kept: App, rita):
    risk = make_risk(kept)
    for act in (lambda: risks.clear(rita, risk, " "), lambda: risks.extend(rita, risk, date(2020, 1, 1), "Why not")):
        with pytest.raises(ValidationError):
            act()
    risks.clear(rita, risk, "Fine.")
    with pytest.raises(StaleState):
        risks.clear(rita, Risk.objects.get(), "Fine.")


# --- Another look --------------------------------------------------------------------------------


def test_the_makers_have_it_looked_at_again_and_need_not_wait_for_the_night(kept: App, alice):
    last = go_on(kept, BROKEN, 3)
    soon = last + timedelta(hours=3)
    nights.look_again(alice, kept, soon)
    assert nights.work(soon, WORKS) == 1
    assert Risk.objects.get().state == RiskState.CLEARED
    assert NightlyCheck.objects.filter(app=kept).count() == 3


@pytest.mark.parametrize("case", ["no risk", "too early", "a moment ago"])
def test_when_it_is_not_looked_at_again(kept: App, alice, case):
    at = NIGHT.replace(hour=9) if case == "too early" else NIGHT
    if case != "no risk":
        make_risk(kept)
    if case == "a moment ago":
        nights.work(NIGHT, BROKEN)
    with pytest.raises(Refused):
        nights.look_again(alice, kept, at)


def test_viewers_may_not_ask_for_a_look(kept: App, viv):
    with pytest.raises(PermissionDenied):
        nights.look_again(viv, kept, NIGHT)


def test_a_run_by_hand_replaces_the_night_and_a_dry_one_writes_nothing(kept: App):
    nights.work(NIGHT, BROKEN)
    apps = list(nights.checked_apps())
    assert [one.seen.found for one in nights.run(apps, NIGHT, dry_run=True, look=WORKS)] == ["passed"]
    assert NightlyCheck.objects.get().found == "failed"
    nights.run(apps, NIGHT, dry_run=False, look=WORKS)
    check = NightlyCheck.objects.get()
    assert (check.found, check.judged_at) == ("passed", NIGHT)


def test_one_app_that_cannot_be_looked_at_keeps_no_other_from_it(kept: App):
    def breaks(*_):
        raise RuntimeError

    looked = nights.run(list(nights.checked_apps()), NIGHT, dry_run=False, look=breaks)
    assert [(one.seen, one.error) for one in looked] == [(None, "RuntimeError")]


def test_old_nights_are_purged(kept: App):
    make_night(kept, 1, Found.PASSED)
    make_night(kept, 200, Found.PASSED)
    assert nights.purge(timezone.now()) == 1


@pytest.mark.parametrize(
    ("host", "is_doubt"),
    [("docs.acme.invalid", True), ("127.0.0.1:1", False)],
)
def test_the_silence_of_a_name_that_is_nobodys_is_a_doubt(db, host, is_doubt):
    seen = look_outside(0, "night", {"kind": "website", "url": f"http://{host}/"})
    assert (seen["status"], seen.get("is_doubt", False)) == (None, is_doubt)


def test_such_a_name_does_not_fail_an_app(kept: App):
    def look(app_id, mark, target):
        return (
            WORKS(app_id, mark, target)
            if target["kind"] == "endpoint"
            else SILENT(app_id, mark, target) | {"is_doubt": True}
        )

    assert look_at_app(kept, NIGHT.date(), NIGHT, look).found == Found.PASSED


def test_a_look_without_anything_to_look_at_is_a_doubt(kept: App):
    version = kept.live_version
    version.manifest = {"name": "Bare", "components": [], "listing": {}}
    assert look_at_app(kept, NIGHT.date(), NIGHT, WORKS) == Seen(Found.UNSURE, [])
