"""A customer's word: from which workspace, on which evidence, and whose counts (S33)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps_catalog.models import App
from delivery.models import Delivery
from delivery.states import DeliveryKind, DeliveryState, Origin
from notifications.models import OutboxMessage
from partners.models import Membership
from reviews import beta
from reviews.customers import confirmations_of
from reviews.delivered import Delivered, delivered_to
from reviews.models import Verification
from reviews.refusals import Refused
from reviews.thresholds import counting_verifications
from reviews.trials import trials_of, trying
from tests.cast import make_user
from tests.sandbox import delivered, installed, source_of, tried, verified
from workspaces.lifecycle import add_source, create
from workspaces.models import Destination, WorkspaceMember

pytestmark = pytest.mark.django_db


def counted(app: App) -> int:
    return counting_verifications(app).count()


def why_not(app: App) -> list[str]:
    return [one.reason for one in confirmations_of(App.objects.get(pk=app.pk))]


# --- What it needs --------------------------------------------------------------------------------------------


def nothing(app, carol) -> None:
    pass


def switched_off(app, carol) -> None:
    delivered(installed(carol, app, is_enabled=False))


def paused(app, carol) -> None:
    tried(carol, app)
    Destination.objects.update(paused_at=timezone.now())


def no_event(app, carol) -> None:
    installed(carol, app)


def only_failures(app, carol) -> None:
    delivered(installed(carol, app), state=DeliveryState.FAILED)


def only_replays(app, carol) -> None:
    tried(carol, app)
    Delivery.objects.update(kind=DeliveryKind.REPLAY)


def removed(app, carol) -> None:
    tried(carol, app)
    Destination.objects.update(removed_at=timezone.now())


NOT_ENOUGH = {
    nothing: "Install", switched_off: "switched off", paused: "paused", no_event: "No event",
    only_failures: "No event", only_replays: "No event", removed: "Install",
}  # fmt: skip


@pytest.mark.parametrize("prepare", NOT_ENOUGH, ids=lambda one: one.__name__)
def test_what_is_not_enough(prepare, in_beta: App, carol) -> None:
    prepare(in_beta, carol)
    with pytest.raises(Refused, match=NOT_ENOUGH[prepare]):
        beta.verify(in_beta, carol, "Works.")
    assert not Verification.objects.exists()


def test_a_workspace_with_somebody_of_the_partner_is_not_enough(in_beta: App, carol, bob) -> None:
    destination = tried(carol, in_beta)
    WorkspaceMember.objects.create(workspace=destination.source.workspace, user=bob)
    with pytest.raises(Refused, match="Somebody of Acme"):
        beta.verify(in_beta, carol, "Works.")


def test_another_persons_workspace_is_not_enough(in_beta: App, carol, charlie) -> None:
    theirs = tried(charlie, in_beta).source.workspace
    tried(carol, in_beta)
    with pytest.raises(Refused, match="Install"):
        beta.verify(in_beta, carol, "Works.", theirs)


# --- The evidence ---------------------------------------------------------------------------------------------


def test_the_word_is_kept_with_what_was_delivered(in_beta: App, carol) -> None:
    destination = installed(carol, in_beta)
    delivered(destination, 3)
    delivered(destination, origin=Origin.TESTER, kind="identify")
    delivered(destination, 2, state=DeliveryState.FAILED)
    said, is_new = beta.verify(in_beta, carol, "Works.")
    assert is_new
    assert (said.workspace, said.workspace_name) == (destination.source.workspace, destination.source.workspace.name)
    kept = said.evidence
    assert (kept["count"], kept["types"]) == (4, {"track": 3, "identify": 1})
    assert kept["origins"] == {"api": 3, "tester": 1}
    assert kept["first"] <= kept["last"]
    assert Delivered.from_json(kept).as_json() == kept
    assert "4 events delivered: 3 track, 1 identify" in OutboxMessage.objects.get(kind="customer_verified").text


def test_only_so_many_deliveries_are_looked_through(in_beta: App, carol, monkeypatch) -> None:
    monkeypatch.setattr("reviews.delivered.LOOK_BACK", 2)
    destination = installed(carol, in_beta)
    delivered(destination, 3)
    found = delivered_to(in_beta, destination.source.workspace)
    assert (found.count, found.is_more) == (2, True)
    assert found.in_words == "more than 2 events delivered: 2 track"


def test_the_chosen_workspace_or_the_one_where_it_worked_last(in_beta: App, carol) -> None:
    first = tried(carol, in_beta)
    second = create(carol, "Second")
    other = Destination.objects.create(source=add_source(carol, second, "App"), app=in_beta, is_enabled=True)
    delivered(other)
    Delivery.objects.filter(destination=first).update(settled_at=timezone.now() - timedelta(hours=1))
    assert [one.workspace for one in trials_of(carol, in_beta)] == [first.source.workspace, second]
    assert beta._word(in_beta, carol, "x", None)["workspace"] == second
    said, _ = beta.verify(in_beta, carol, "Works.", first.source.workspace)
    assert said.workspace == first.source.workspace


# --- Whose counts ---------------------------------------------------------------------------------------------


def test_colleagues_in_one_workspace_are_one_customer(in_beta: App, carol) -> None:
    colleague = make_user("cleo", domain="customer.example")
    WorkspaceMember.objects.create(workspace=source_of(carol).workspace, user=colleague)
    verified(in_beta, carol)
    assert beta.verify(in_beta, colleague, "Works too.")[1]
    assert counted(in_beta) == 1
    assert [bool(reason) for reason in why_not(in_beta)] == [True, False]  # the newest first
    carol.delete()
    assert counted(in_beta) == 1  # the colleague's word stands in


def test_what_takes_a_word_out_later_is_told(in_beta: App, carol, company) -> None:
    said = verified(in_beta, carol)
    assert (counted(in_beta), why_not(in_beta)) == (1, [""])
    partner = make_user("paul")
    Membership.objects.create(company=company, user=partner)
    joined = WorkspaceMember.objects.create(workspace=said.workspace, user=partner)
    assert counted(in_beta) == 0
    assert "member of the workspace now" in why_not(in_beta)[0]
    joined.delete()
    assert counted(in_beta) == 1
    Verification.objects.update(workspace=None)
    assert counted(in_beta) == 0
    assert "workspace is deleted" in why_not(in_beta)[0]


def test_the_partner_sees_who_is_still_trying_and_what_is_missing(in_beta: App, alice, carol, charlie) -> None:
    verified(in_beta, carol)
    installed(charlie, in_beta)
    tried(alice, in_beta)
    missing = {one.workspace.personal_of: one.obstacle for one in trying(in_beta)}
    assert set(missing) == {alice, charlie}
    assert "No event" in missing[charlie]
    assert "Somebody of Acme" in missing[alice]


def test_the_partners_page_follows_and_says_it(in_beta: App, alice, carol, charlie, client_for) -> None:
    url = reverse("app-beta", args=[in_beta.slug])
    verified(in_beta, carol)
    installed(charlie, in_beta)
    page = client_for(alice).get(url).content.decode()
    for words in ("every 10s", "1 event delivered: 1 track", "Installed, not confirmed yet", "No event has been"):
        assert words in page
    App.objects.update(stage="public")
    assert "not confirmed yet" not in client_for(alice).get(url).content.decode()
