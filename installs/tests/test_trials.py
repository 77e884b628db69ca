"""A trial of the flow: from the button in the console to the last step of the sample client."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps_catalog.lifecycle import create_app
from apps_catalog.models import Setting
from apps_catalog.states import ComponentKind
from audit.models import Record
from installs import proof, tokens, trial_answers, trial_redirect, trial_work, trials
from installs.clients import set_up
from installs.models import AccessToken, ClientSecret, FlowTrial, Install
from installs.sample_client import Consent, Sample
from installs.states import EndReason, InstallState, ScopeKind, TrialState
from installs.tests import in_process
from installs.tests.flowing import basic, code_for, exchange, post, refresh, refresh_by_name
from leases.transitions import StaleState
from runtime.egress import ErrorKind, Exchange, Failure, Request, Response, SentRequest
from tests.cast import install_on, went_through
from workspaces.lifecycle import add_source
from workspaces.models import Destination

DESTINATION = [
    "consent", "exchange", "beyond", "read", "create", "create_again", "patch", "delete",
    "refresh", "old_token", "new_token", "ended", "spent_code",
]  # fmt: skip

run_due = partial(trial_work.run_due, in_process.send)


@pytest.fixture
def trial(alice, oauth_client) -> FlowTrial:
    """Of Alice; it waits for her consent."""
    return trials.start(alice, oauth_client)


@pytest.fixture
def alices(alice, client_for):
    """Alice's, signed in."""
    return client_for(alice)


def consent(alices, trial: FlowTrial, place: str, decision: str = "allow") -> str:
    """The address to which the consent page sends the browser back."""
    url = urlsplit(trials.authorize_url(trial))
    answer = alices.post(f"{url.path}?{url.query}", {"decision": decision, "place": place})
    assert answer.status_code == 303, answer.content.decode()
    return answer["Location"]


def come_back(alices, address: str) -> str:
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == trial_redirect.callback_uri()
    return alices.get(f"{parts.path}?{parts.query}")["Location"]


def place_of(source) -> str:
    return f"{source.workspace.slug}/{source.slug}"


def go_through(alices, trial: FlowTrial, place: str) -> FlowTrial:
    come_back(alices, consent(alices, trial, place))
    assert run_due() == 1
    trial.refresh_from_db()
    return trial


def found(trial: FlowTrial) -> list[tuple[str, str, str]]:
    return [(step["id"], step["verdict"], step["message"]) for step in trial.steps]


def test_the_sample_client_goes_through_the_whole_flow(alices, trial, source) -> None:
    ended = go_through(alices, trial, place_of(source))

    assert ended.state == TrialState.PASSED, found(ended)
    assert [step["id"] for step in ended.steps] == DESTINATION
    assert {step["verdict"] for step in ended.steps} == {"passed"}


def test_nothing_of_a_trial_is_left(app, alices, trial, source) -> None:
    go_through(alices, trial, place_of(source))

    install = Install.objects.get()
    assert (install.state, install.end_reason, install.is_trial) == (InstallState.ENDED, EndReason.TRIAL, True)
    assert not Destination.objects.exists()
    assert not AccessToken.objects.exists()
    assert not ClientSecret.objects.filter(is_trial=True).exists()
    assert FlowTrial.objects.get().secrets_sealed == ""
    assert not proof.works(app)


def test_no_secret_is_kept_in_the_steps(alices, trial, source) -> None:
    held = dict(trials.opened(trial))
    back = consent(alices, trial, place_of(source))
    code = parse_qs(urlsplit(back).query)["code"][0]
    seen: list[str] = [held["verifier"], held["client_secret"], code]

    def listening(request: Request) -> Exchange:
        exchange = in_process.send(request)
        answer = json.loads(exchange.response.body or b"{}")
        seen.extend(answer[name] for name in ("access_token", "refresh_token") if name in answer)
        return exchange

    come_back(alices, back)
    trial_work.run_due(listening)

    trial.refresh_from_db()
    assert trial.state == TrialState.PASSED
    kept = json.dumps(trial.steps) + trial.message + json.dumps(list(Record.objects.values_list("data", flat=True)))
    assert len(set(seen)) >= 5
    assert [value for value in seen if value in kept] == []


def test_a_destination_that_was_there_stays_as_it_was(app, alice, alices, trial, source) -> None:
    before = install_on(source, app, alice)

    ended = go_through(alices, trial, place_of(source))

    after = Destination.objects.get()
    assert ended.state == TrialState.PASSED, found(ended)
    assert not {"create", "create_again", "patch", "delete"} & {step["id"] for step in ended.steps}
    assert (after.open_values(), after.is_enabled, after.revision) == (before.open_values(), True, before.revision)


@pytest.mark.parametrize(
    ("scope_kind", "middle"),
    [(ScopeKind.WORKSPACE_READ, ["workspaces", "sources", "beyond"]), (ScopeKind.WORKSPACE, ["workspaces", "sources"])],
)
def test_a_wide_scope_is_tried_without_changing_anything(
    alice, oauth_client, alices, source, scope_kind, middle
) -> None:
    oauth_client.scope_kind = scope_kind
    oauth_client.save()

    ended = go_through(alices, trials.start(alice, oauth_client), source.workspace.slug)

    assert ended.state == TrialState.PASSED, found(ended)
    assert [step["id"] for step in ended.steps][2 : 2 + len(middle)] == middle
    assert source.workspace.sources.count() == 1


def test_a_real_install_stands_beside_a_trial(alices, oauth_install, alice, source) -> None:
    ended = go_through(alices, trials.start(alice, oauth_install.client), place_of(source))

    oauth_install.refresh_from_db()
    assert ended.state == TrialState.PASSED, found(ended)
    assert oauth_install.state == InstallState.ACTIVE


def test_a_double_press_is_one_trial(alice, oauth_client, trial) -> None:
    assert trials.start(alice, oauth_client) == trial
    assert ClientSecret.objects.filter(is_trial=True).count() == 1


def test_colleagues_try_side_by_side(bob, oauth_client, trial) -> None:
    assert trials.start(bob, oauth_client) != trial


@pytest.mark.parametrize("who", ["viv", "charlie", "rita"])
def test_only_editors_start(request, oauth_client, who) -> None:
    with pytest.raises(PermissionDenied):
        trials.start(request.getfixturevalue(who), oauth_client)


# --- The redirect URI of a trial ------------------------------------------------------------------------


def test_the_redirect_uri_of_trials_works_while_one_waits(alice, bob, oauth_client, trial) -> None:
    uri = trial_redirect.callback_uri()

    assert trial_redirect.accepts(oauth_client, uri)
    assert trial_redirect.waiting_trial(oauth_client, uri, alice) == trial
    assert trial_redirect.waiting_trial(oauth_client, uri, bob) is None
    assert not trial_redirect.accepts(oauth_client, f"{uri}/")

    trials.cancel(alice, trial)

    assert not trial_redirect.accepts(oauth_client, uri)
    assert not oauth_client.redirect_uri_allowed(uri)


def test_somebody_sent_to_a_colleagues_trial_consents_to_nothing(bob, client_for, trial) -> None:
    url = urlsplit(trials.authorize_url(trial))

    answer = client_for(bob).get(f"{url.path}?{url.query}")

    assert answer.status_code == 400
    assert "Location" not in answer


def test_a_trial_of_one_client_opens_nothing_for_another(alice, company, trial) -> None:
    other = set_up(alice, create_app(alice, company, "Acme Second"))

    assert not trial_redirect.accepts(other, trial_redirect.callback_uri())


# --- The way back ---------------------------------------------------------------------------------------


def test_deny_ends_the_trial_and_says_what_the_server_would_hear(alices, trial, source) -> None:
    come_back(alices, consent(alices, trial, place_of(source), "deny"))

    trial.refresh_from_db()
    assert (trial.state, trial.message) == (TrialState.FAILED, trial_answers.DENIED)
    assert "error=access_denied" in json.dumps(trial.steps)
    assert not FlowTrial.objects.claimable().exists()


def test_the_same_answer_again_changes_nothing(alices, trial, source) -> None:
    back = consent(alices, trial, place_of(source))
    first = come_back(alices, back)

    assert come_back(alices, back) == first
    assert run_due() == 1
    assert come_back(alices, back) == first
    assert run_due() == 0


@pytest.mark.parametrize(
    "query",
    ["", "code=x", "code=x&state=", "code=x&state=unknown.state", "state={id}.wrong&code=x", "state={id}", "error=a"],
)
def test_an_answer_that_was_not_asked_for_is_refused(alices, trial, query) -> None:
    answer = alices.get("/oauth2/try/callback?" + query.format(id=trial.public_id))

    trial.refresh_from_db()
    assert answer.status_code == 400
    assert trial.state == TrialState.CONSENT


def test_the_answer_of_somebody_else_is_refused(alices, bob, client_for, trial, source) -> None:
    back = urlsplit(consent(alices, trial, place_of(source)))

    assert client_for(bob).get(f"{back.path}?{back.query}").status_code == 400


def test_a_made_up_code_ends_the_trial(alices, trial) -> None:
    state = trials.opened(trial)["state"]

    assert alices.get("/oauth2/try/callback", {"state": state, "code": "made-up"}).status_code == 303

    trial.refresh_from_db()
    assert (trial.state, trial.message) == (TrialState.FAILED, trial_answers.NO_CODE)


def test_the_way_back_tells_no_other_site(alices, trial, source) -> None:
    back = urlsplit(consent(alices, trial, place_of(source)))

    answer = alices.get(f"{back.path}?{back.query}")

    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert "code" not in answer["Location"]


# --- The worker -----------------------------------------------------------------------------------------


def test_without_an_answer_the_trial_fails_and_says_why(alices, trial, source) -> None:
    def refused(request: Request) -> Exchange:
        sent = SentRequest(f"{request.method} /oauth2/token HTTP/1.1", request.headers, request.body)
        return Exchange(sent, error=Failure(ErrorKind.CONNECT_REFUSED, "Nothing listens there."))

    come_back(alices, consent(alices, trial, place_of(source)))
    trial_work.run_due(refused)

    trial.refresh_from_db()
    assert trial.state == TrialState.FAILED
    assert "Nothing listens there." in trial.message
    assert Install.objects.get().state == InstallState.ENDED


def test_a_step_that_fails_is_the_last_one_and_nothing_stays(alices, trial, source) -> None:
    def no_patch(request: Request) -> Exchange:
        return in_process.send(Request("GET", request.url) if request.method == "PATCH" else request)

    come_back(alices, consent(alices, trial, place_of(source)))
    trial_work.run_due(no_patch)

    trial.refresh_from_db()
    assert [step[:2] for step in found(trial)][-1] == ("patch", "failed")
    assert trial.state == TrialState.FAILED
    assert not Destination.objects.exists()


def test_a_worker_that_died_leaves_a_trial_that_is_closed_and_tidied(alices, trial, source) -> None:
    class Killed(BaseException):
        pass

    def until_created(request: Request) -> Exchange:
        exchange = in_process.send(request)
        if request.url.endswith("/destinations"):
            raise Killed
        return exchange

    come_back(alices, consent(alices, trial, place_of(source)))
    with pytest.raises(Killed):
        trial_work.run_due(until_created)
    assert Destination.objects.exists()
    FlowTrial.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert run_due() == 1

    trial.refresh_from_db()
    assert (trial.state, trial.message) == (TrialState.FAILED, trial_work.INTERRUPTED)
    assert not Destination.objects.exists()
    assert Install.objects.get().end_reason == EndReason.TRIAL


def test_cancelled_on_the_way_the_worker_stops_and_nothing_stays(alice, alices, trial, source) -> None:
    asked: list[str] = []

    def cancelling(request: Request) -> Exchange:
        asked.append(request.url)
        exchange = in_process.send(request)
        if request.url.endswith("/destinations"):
            trials.cancel(alice, FlowTrial.objects.select_related("client__app").get())
        return exchange

    come_back(alices, consent(alices, trial, place_of(source)))
    trial_work.run_due(cancelling)

    trial.refresh_from_db()
    assert trial.state == TrialState.CANCELLED
    assert asked[-1].endswith("/destinations")
    assert not Destination.objects.exists()
    with pytest.raises(StaleState):
        trials.cancel(alice, trial)


def test_nobody_waits_for_a_consent_for_ever(alice, oauth_client, trial) -> None:
    later = timezone.now() + trials.CONSENT_FOR + timedelta(seconds=1)

    assert trials.expire(later) == 1
    assert trials.expire(later) == 0

    trial.refresh_from_db()
    assert (trial.state, trial.message) == (TrialState.CANCELLED, trials.NOT_CONSENTED)
    assert trials.start(alice, oauth_client) != trial


def test_old_trials_go_with_their_installs(alices, trial, source) -> None:
    go_through(alices, trial, place_of(source))

    assert trials.purge(timezone.now()) == 0
    assert trials.purge(timezone.now() + trials.KEPT + timedelta(hours=1)) == 1
    assert not Install.objects.exists()


# --- What a trial asks for, and what it keeps -------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "mode"),
    [
        ([ComponentKind.WEB_PLUGIN], "DEVICE"),
        ([ComponentKind.WEB_PLUGIN, ComponentKind.SUBSCRIPTION_WEBHOOK], "UNSPECIFIED"),
        ([ComponentKind.SUBSCRIPTION_WEBHOOK], "CLOUD"),
    ],
)
def test_it_asks_for_the_mode_that_the_app_has(app, alices, trial, source, kinds, mode) -> None:
    app.components.all().delete()
    for kind in kinds:
        app.components.create(kind=kind)
    asked: list[str] = []

    def listening(request: Request) -> Exchange:
        if request.method in ("POST", "PATCH") and "/destinations" in request.url:
            asked.append(json.loads(request.body)["destination"]["connection_mode"])
        return in_process.send(request)

    come_back(alices, consent(alices, trial, place_of(source)))
    trial_work.run_due(listening)

    trial.refresh_from_db()
    assert trial.state == TrialState.PASSED, found(trial)
    assert set(asked) == {mode}


@pytest.mark.parametrize("is_cut", [False, True])
def test_write_keys_of_a_workspace_are_not_kept(alice, oauth_client, alices, source, is_cut) -> None:
    keys = [add_source(alice, source.workspace, name).write_keys.get().key for name in ("Shop", "Till")]
    oauth_client.scope_kind = ScopeKind.WORKSPACE_READ
    oauth_client.save()
    waiting, heard = trials.start(alice, oauth_client), []

    def listening(request: Request) -> Exchange:
        exchange = in_process.send(request)
        if request.method == "GET" and request.url.endswith("/sources"):
            heard.append(exchange.response.body.decode())
            if is_cut:
                cut = replace(exchange.response, body=exchange.response.body[:-1], truncated=True)
                return replace(exchange, response=cut)
        return exchange

    come_back(alices, consent(alices, waiting, source.workspace.slug))
    trial_work.run_due(listening)

    waiting.refresh_from_db()
    assert all(key in heard[0] for key in keys)
    assert [key for key in keys if key in json.dumps(waiting.steps)] == []
    assert waiting.state == (TrialState.FAILED if is_cut else TrialState.PASSED), found(waiting)


def test_settings_that_were_there_are_not_kept(app, alice, alices, trial, source) -> None:
    Setting.objects.create(app=app, key="account", label="Account", position=9)
    before, heard = install_on(source, app, alice), []
    before.put_values({"apiKey": "key", "account": "account-of-the-customer"})
    before.save()

    def listening(request: Request) -> Exchange:
        exchange = in_process.send(request)
        heard.append(exchange.response.body.decode())
        return exchange

    come_back(alices, consent(alices, trial, place_of(source)))
    trial_work.run_due(listening)

    trial.refresh_from_db()
    assert any("account-of-the-customer" in body for body in heard)
    assert trial.state == TrialState.PASSED, found(trial)
    assert "account-of-the-customer" not in json.dumps(trial.steps)


def test_what_a_person_sets_up_meanwhile_stays(app, alice, alices, trial, source) -> None:
    def with_a_person(request: Request) -> Exchange:
        if request.method == "POST" and request.url.endswith("/destinations"):
            install_on(source, app, alice)
        return in_process.send(request)

    come_back(alices, consent(alices, trial, place_of(source)))
    trial_work.run_due(with_a_person)

    trial.refresh_from_db()
    assert found(trial)[-1][:2] == ("create", "failed")
    assert Destination.objects.get().created_by == alice


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(0, "failed"), (429, "failed"), (500, "failed"), (503, "failed"), (200, "passed"), (404, "passed")],
)
def test_the_new_token_works_when_segment_knows_it(status, verdict) -> None:
    sent = SentRequest("GET /v1beta/workspaces HTTP/1.1", (), b"")
    failure = Failure(ErrorKind.CONNECT_REFUSED, "Nothing listens there.")
    answered = Exchange(sent, Response(status, "", (), b"{}")) if status else Exchange(sent, error=failure)
    known = Consent("id", "secret", "uri", "code", "verifier", ScopeKind.WORKSPACE, "acme", "workspaces/a", "", False)
    sample = Sample(known, lambda request: answered, str, str, access_tokens=["old", "new"])

    assert sample._new_token().verdict == verdict


# --- The secret of a trial ------------------------------------------------------------------------------


def test_the_secret_of_a_trial_opens_no_real_install(oauth_client, trial, proposed) -> None:
    lent, code = trials.opened(trial)["client_secret"], code_for(proposed)

    assert exchange(oauth_client, code, lent).json()["error"] == "invalid_grant"
    granted = exchange(oauth_client, code).json()
    refreshing = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    lender = basic(oauth_client.client_id, lent)
    assert post("/oauth2/token", refreshing, lender).json()["error"] == "invalid_grant"
    assert refresh_by_name(oauth_client, granted["install_name"], lent).status_code == 404
    for token in (granted["access_token"], granted["refresh_token"]):
        assert post("/oauth2/revoke", {"token": token}, lender).status_code == 200

    proposed.refresh_from_db()
    assert proposed.state == InstallState.ACTIVE
    assert tokens.install_of(granted["access_token"])
    assert refresh(oauth_client, granted["refresh_token"]).status_code == 200


def test_a_real_secret_opens_no_install_of_a_trial(app, alice, source) -> None:
    install = went_through(app, alice, source, is_trial=True)

    assert refresh_by_name(install.client, install.name).status_code == 404


def test_the_redirect_uri_of_a_trial_works_no_longer_than_one_may_consent(alice, oauth_client, trial) -> None:
    uri = trial_redirect.callback_uri()
    FlowTrial.objects.update(created_at=timezone.now() - trials.CONSENT_FOR)

    assert not trial_redirect.accepts(oauth_client, uri)
    assert trial_redirect.waiting_trial(oauth_client, uri, alice) is None
