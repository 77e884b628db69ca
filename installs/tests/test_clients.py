"""The verbs about clients: who may, what is recorded, what happens to installs."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from apps_catalog.drafting import StaleDraft
from apps_catalog.lifecycle import delete_app, undelete_app
from apps_catalog.models import App
from audit.models import Chain, Record
from audit.recording import SYSTEM, verify
from devcenter.purging import purge
from installs import clients, consent, rules, secrets, tokens
from installs.client_leaving import company_data
from installs.lifecycle import propose
from installs.models import Client, ClientSecret, Install, ScopeRequest
from installs.states import EndReason, InstallState, ScopeKind
from notifications.models import OutboxMessage
from partners.leaving import purge_companies, request_deletion
from partners.models import Company
from tests.counts import count
from tests.racing import Crew

pytestmark = pytest.mark.django_db
URI = "https://example.com/callback"


@pytest.fixture
def client(alice, app) -> Client:
    return clients.set_up(alice, app)


@pytest.fixture
def asked(bob, client) -> ScopeRequest:
    return clients.ask_scope(bob, client, "workspace", "We set up sources.")


def of_workspace(client: Client, workspace, **fields) -> Install:
    now = timezone.now()
    return Install.objects.create(
        client=client, workspace=workspace, scope_kind="workspace", state="active", activated_at=now, **fields
    )


def test_owners_and_developers_act_and_nobody_else(alice, bob, viv, charlie, rita, adam, app, client, asked):
    secret, _ = clients.new_secret(bob, client, "Production")
    acts = [
        lambda person: clients.set_up(person, app),
        lambda person: clients.save_redirects(person, client, [URI], is_classic=False, revision=0),
        lambda person: clients.new_secret(person, client, "Mine"),
        lambda person: clients.retire_secret(person, secret),
        lambda person: clients.choose_scope(person, client, "destination"),
        lambda person: clients.ask_scope(person, client, "workspace:read", "Why not?"),
        lambda person: clients.withdraw_request(person, asked),
    ]
    for person in (viv, charlie, rita, adam):
        for act in acts:
            with pytest.raises(PermissionDenied):
                act(person)
    for person in (alice, bob, viv, charlie):
        for decide in (
            lambda person: clients.grant_scope(person, asked),
            lambda person: clients.decline_scope(person, asked, "No."),
            lambda person: clients.take_scope_back(person, client, "No."),
        ):
            with pytest.raises(PermissionDenied):
                decide(person)


def test_every_act_is_on_the_record_of_the_company_without_a_secret(alice, rita, client, asked):
    _, value = clients.new_secret(alice, client, "Production")
    clients.retire_secret(alice, client.secrets.get())
    clients.save_redirects(alice, client, [URI], is_classic=True, revision=0)
    clients.grant_scope(rita, asked)
    clients.choose_scope(alice, client, "workspace")
    clients.take_scope_back(rita, client, "Too wide.")
    records = list(Record.objects.filter(action__startswith="client.").order_by("seq"))
    assert [record.action.removeprefix("client.") for record in records] == [
        "set_up", "scope_asked", "secret_made", "secret_retired", "changed", "scope_granted", "scope_set", "scope_set",
        "scope_taken_back",
    ]  # fmt: skip
    written = json.dumps([record.data for record in records])
    assert value not in written
    assert URI not in written
    assert {record.chain_id for record in records} == {client.app.chain}
    assert not list(verify(Chain.objects.get(name=client.app.chain)))


def test_the_same_again_changes_nothing(alice, client):
    clients.save_redirects(alice, client, [URI], is_classic=False, revision=0)
    before = Record.objects.count()
    assert clients.save_redirects(alice, client, [URI, URI], is_classic=False, revision=0) == []
    assert clients.set_up(alice, client.app) == client
    assert Record.objects.count() == before
    with pytest.raises(StaleDraft):
        clients.save_redirects(alice, client, [URI + "2"], is_classic=False, revision=0)


@pytest.mark.parametrize("uris", [["http://example.com/"], [URI, "nonsense"], [f"{URI}/{n}" for n in range(6)]])
def test_what_cannot_be_registered_is_refused_whole(alice, client, uris):
    with pytest.raises(ValidationError):
        clients.save_redirects(alice, client, uris, is_classic=False, revision=0)
    assert Client.objects.get().uris == []


def test_two_secrets_at_most_and_those_of_trials_do_not_count(alice, client):
    made = [clients.new_secret(alice, client, name)[0] for name in ("One", "Two")]
    with pytest.raises(ValidationError, match="Two secrets work already"):
        clients.new_secret(alice, client, "Three")
    clients.retire_secret(alice, made[0])
    ClientSecret.objects.create(client=client, name="Trial", digest="d", hint="dddd", is_trial=True)
    clients.new_secret(alice, client, "Three")
    assert not clients.retire_secret(alice, made[0])


def test_the_demo_may_give_the_value(client):
    _, value = clients.new_secret(SYSTEM, client, "Demo", value="v" * 43)
    assert secrets.matching(client, "v" * 43).name == "Demo"
    assert value == "v" * 43


# --- Scopes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("granted", "allowed"),
    [
        ("", {"destination"}),
        ("workspace:read", {"destination", "workspace:read"}),
        ("workspace", {"destination", "workspace:read", "workspace"}),
    ],
)
def test_a_grant_holds_for_what_is_part_of_it(alice, rita, client, granted, allowed):
    if granted:
        clients.grant_scope(rita, clients.ask_scope(alice, client, granted, "Because."))
    assert rules.allowed_scopes(client) == allowed
    for kind in ScopeKind:
        if kind in allowed:
            clients.choose_scope(alice, client, kind)
        else:
            with pytest.raises(ValidationError):
                clients.choose_scope(alice, client, kind)


def test_one_request_at_a_time_and_each_is_decided_once(alice, rita, client, asked):
    with pytest.raises(ValidationError, match="asked already"):
        clients.ask_scope(alice, client, "workspace:read", "Also.")
    assert clients.decline_scope(rita, asked, "No.")
    for again in (
        clients.grant_scope(rita, asked),
        clients.decline_scope(rita, asked, "No."),
        clients.withdraw_request(alice, asked),
    ):
        assert not again
    assert clients.grant_scope(rita, clients.ask_scope(alice, client, "workspace", "Now with a reason."))
    with pytest.raises(ValidationError, match="have this scope"):
        clients.ask_scope(alice, client, "workspace:read", "Once more.")
    with pytest.raises(ValidationError):
        clients.ask_scope(alice, client, "destination", "What?")


def test_the_right_people_are_told(alice, bob, viv, rita, client, asked):
    clients.grant_scope(rita, asked)
    clients.take_scope_back(rita, client, "Too wide.")
    told = {(one.kind, one.recipient) for one in OutboxMessage.objects.filter(kind__startswith="scope_")}
    partners = {(kind, person.email) for kind in ("scope_granted", "scope_taken_back") for person in (alice, bob)}
    assert told == {("scope_asked", rita.email), *partners}


def test_taking_a_scope_back_ends_every_wide_install_and_no_other(
    alice, rita, client, asked, workspace, customer_workspace, source
):
    clients.grant_scope(rita, asked)
    clients.choose_scope(alice, client, "workspace")
    wide, narrow = of_workspace(client, workspace), of_workspace(client, customer_workspace)
    Install.objects.filter(pk=narrow.pk).update(scope_kind="destination", source=source)
    with pytest.raises(ValidationError, match="Say why"):
        clients.take_scope_back(rita, client, " ")
    assert clients.take_scope_back(rita, client, "You read more than you need.")
    assert not clients.take_scope_back(rita, client, "Again.")
    wide.refresh_from_db()
    narrow.refresh_from_db()
    assert (wide.state, wide.end_reason) == (InstallState.ENDED, EndReason.SCOPE)
    assert narrow.state == InstallState.ACTIVE
    client.refresh_from_db()
    assert client.scope_kind == "destination"
    assert rules.allowed_scopes(client) == {"destination"}


def test_all_wide_installs_are_over_at_once_and_the_daily_purge_ends_those_that_are_left(
    alice, rita, client, workspace, customer_workspace, monkeypatch
):
    monkeypatch.setattr(clients, "ENDED_AT_ONCE", 1)
    Client.objects.filter(pk=client.pk).update(scope_kind="workspace")
    client.refresh_from_db()
    first, late = of_workspace(client, customer_workspace), of_workspace(client, workspace)
    token = tokens.issue(late)["access_token"]
    assert clients.take_scope_back(rita, client, "Too wide.")
    late.refresh_from_db()
    first.refresh_from_db()
    assert (first.state, late.state, late.is_usable) == (InstallState.ENDED, InstallState.ACTIVE, False)
    assert tokens.install_of(token) is None
    with pytest.raises(Install.DoesNotExist):
        tokens.issue(late)
    # Granted anew, it wants a consent anew; what is left of the old one stands in nobody's way.
    Client.objects.filter(pk=client.pk).update(scope_kind="workspace")
    client.refresh_from_db()
    assert tokens.install_of(token) is None
    assert consent.places_for(alice, client).find(workspace.slug)
    purge(timezone.now())
    late.refresh_from_db()
    assert (late.state, late.end_reason) == (InstallState.ENDED, EndReason.SCOPE)
    assert consent.give(alice, client, workspace, None).scope_era == client.scope_era == 1


def test_a_lost_install_that_was_not_ended_yet_makes_room_for_a_new_consent(alice, rita, client, workspace, source):
    Client.objects.filter(pk=client.pk).update(scope_kind="destination", scope_era=1)
    client.refresh_from_db()
    left = of_workspace(client, workspace)
    assert consent.give(alice, client, workspace, source).source == source
    left.refresh_from_db()
    assert left.end_reason == EndReason.SCOPE


def test_a_consent_to_a_scope_that_was_taken_back_meanwhile_comes_to_nothing(alice, client, workspace):
    asked_for = Client.objects.get(pk=client.pk)
    asked_for.scope_kind = "workspace"  # as it stood when the customer opened the page
    with pytest.raises(ValidationError) as refused:
        propose(alice, asked_for, workspace, None)
    assert refused.value.code == "scope"
    assert not Install.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_hands_make_two_secrets_and_one_from_one_form(alice, app):
    client = clients.set_up(alice, app)
    hands = count(4, 50)
    with Crew() as crew:
        one = crew.at_once(*[partial(clients.new_secret, alice, client, "Same form", newest=0)] * hands)
        assert sum(not isinstance(answer, Exception) for answer in one) == 1
        more = crew.at_once(*[partial(clients.new_secret, alice, client, "Any")] * hands)
        assert sum(not isinstance(answer, Exception) for answer in more) == 1
        assert len(clients.usable_secrets(client)) == 2
        made = crew.at_once(*[partial(clients.set_up, alice, app)] * hands)
        assert set(made) == {client}


# --- Leaving ------------------------------------------------------------------------------------------


def test_a_deleted_app_comes_back_with_its_installs_and_is_purged_with_a_word_to_customers(
    alice, client, customer_workspace, carol
):
    install = of_workspace(client, customer_workspace)
    delete_app(alice, client.app)
    assert not Install.objects.get().is_usable
    undelete_app(alice, App.objects.get())
    assert Install.objects.get().is_usable
    delete_app(alice, App.objects.get())
    purge(timezone.now() + timedelta(days=365))
    assert not Client.objects.exists()
    assert not Install.objects.exists()
    ended = Record.objects.get(action="install.ended", target=f"install:{install.pk}")
    assert (ended.chain_id, ended.data["reason"]) == (customer_workspace.chain, "app")
    assert OutboxMessage.objects.filter(kind="access_ended", recipient=carol.email).exists()


def test_a_company_takes_its_clients_along_and_gets_them_in_its_export(alice, client, company, customer_workspace):
    clients.save_redirects(alice, client, [URI], is_classic=False, revision=0)
    made, value = clients.new_secret(alice, client, "Production")
    of_workspace(client, customer_workspace)
    exported = company_data(company)[0]
    assert exported["redirect_uris"] == [URI]
    assert exported["secrets"][0]["name"] == "Production"
    assert exported["active_installs"] == 1
    assert value not in json.dumps(exported)
    assert made.digest not in json.dumps(exported)
    request_deletion(company, alice)
    assert purge_companies(timezone.now() + timedelta(days=365)) == 1
    assert not Company.objects.filter(pk=company.pk).exists()
    assert not Client.objects.exists()
    assert Record.objects.filter(action="install.ended", chain_id=customer_workspace.chain).exists()
