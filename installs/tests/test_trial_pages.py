"""The pages of trials of the flow in the console."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from installs import trials
from installs.models import FlowTrial
from installs.states import TrialState
from installs.tests.rows import make_trial
from installs.trial_answers import CHOSEN
from installs.trial_page import read
from installs.views.trials import STOP_POLLING


@pytest.fixture
def trial(alice, oauth_client, oauth_install) -> FlowTrial:
    """On its way."""
    return make_trial(oauth_client, alice, oauth_install)


def url(name: str, trial: FlowTrial) -> str:
    return reverse(name, args=[trial.client.app.slug, trial.public_id])


def test_the_button_leads_to_the_consent_with_pkce_and_a_state(app, alice, oauth_client, client_for) -> None:
    answer = client_for(alice).post(reverse("app-oauth-try", args=[app.slug]))

    assert answer.status_code == 303
    assert "/oauth2/auth?response_type=code" in answer["Location"]
    assert "code_challenge_method=S256" in answer["Location"]
    assert f"state={FlowTrial.objects.get().public_id}." in answer["Location"]


def test_without_a_client_the_button_leads_to_where_one_is_set_up(app, alice, client_for) -> None:
    answer = client_for(alice).post(reverse("app-oauth-try", args=[app.slug]))

    assert answer["Location"] == reverse("app-oauth", args=[app.slug])
    assert not FlowTrial.objects.exists()


def test_the_page_asks_again_while_a_worker_is_at_it_and_no_longer(alice, client_for, trial) -> None:
    hers = client_for(alice)

    assert b'hx-trigger="every 1s"' in hers.get(url("app-oauth-trial", trial)).content
    assert hers.get(url("app-oauth-trial-live", trial)).status_code == 200
    FlowTrial.objects.update(state=TrialState.PASSED)
    assert b'hx-trigger="every 1s"' not in hers.get(url("app-oauth-trial", trial)).content
    assert hers.get(url("app-oauth-trial-live", trial)).status_code == STOP_POLLING


def test_only_whoever_started_it_is_led_on_to_the_consent(alice, bob, oauth_client, client_for) -> None:
    waiting = trials.start(alice, oauth_client)

    assert b"Go on to the consent" in client_for(alice).get(url("app-oauth-trial", waiting)).content
    assert b"Go on to the consent" not in client_for(bob).get(url("app-oauth-trial", waiting)).content


def test_a_viewer_sees_and_does_nothing(viv, client_for, trial) -> None:
    shown = client_for(viv).get(url("app-oauth-trial", trial)).content

    assert b"Exchange the code" in shown
    assert b"Cancel</button>" not in shown
    assert client_for(viv).post(url("app-oauth-trial-cancel", trial)).status_code == 403


@pytest.mark.parametrize("who", ["bob", "viv", "rita"])
def test_only_whoever_started_it_sees_the_place_and_what_came_back(request, alice, client_for, trial, who) -> None:
    FlowTrial.objects.update(state=TrialState.PASSED)
    others = client_for(request.getfixturevalue(who))
    workspace = str(trial.install.workspace)

    for name in ("app-oauth-trial", "app-oauth-trial-live"):
        shown = others.get(url(name, trial), follow=True).content.decode()
        assert "As promised" in shown
        assert CHOSEN in shown
        assert "access_token" not in shown
        assert "response_type=code" not in shown
    shown = others.get(url("app-oauth-trial", trial)).content.decode()
    assert "<dt>Chosen</dt>" not in shown
    assert workspace not in shown
    mine = client_for(alice).get(url("app-oauth-trial", trial)).content.decode()
    assert "access_token" in mine
    assert f"<dt>Chosen</dt><dd>{escape(workspace)}" in mine


def test_a_colleague_reads_who_has_to_consent_first(alice, bob, oauth_client, client_for) -> None:
    waiting = trials.start(alice, oauth_client)

    shown = client_for(bob).get(url("app-oauth-trial", waiting)).content.decode()

    assert f"{escape(str(alice))} has to consent first" in shown
    assert "Waiting for the consent" in shown
    assert "Now consent, as a customer would" not in shown
    assert "Now consent, as a customer would" in client_for(alice).get(url("app-oauth-trial", waiting)).content.decode()


def test_cancelling_twice_is_answered_kindly(alice, client_for, trial) -> None:
    hers = client_for(alice)

    first, second = (hers.post(url("app-oauth-trial-cancel", trial), follow=True) for _ in range(2))

    assert b"The trial is cancelled." in first.content
    assert b"was over before" in second.content


def test_a_trial_of_another_app_is_not_there(alice, company, client_for, trial) -> None:
    assert client_for(alice).get(reverse("app-oauth-trial", args=["other", trial.public_id])).status_code == 404


@pytest.mark.parametrize("state", TrialState.values)
def test_every_state_has_its_words(trial, state) -> None:
    trial.state, trial.message = state, "Why."
    shown = read(trial, is_mine=True)

    assert shown.title
    assert shown.text
    assert [row.state for row in shown.rows][:2] == ["passed", "passed"]
    assert shown.rows[2].state == ("running" if trial.is_open else "skipped")
