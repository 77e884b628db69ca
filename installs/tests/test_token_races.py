"""Many at once with one code, one refresh token, one install (T17, T18): real threads on a real database."""

from collections import Counter
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from installs import clients, consent, lifecycle, tokens
from installs.models import AccessToken, Client, Install, RefreshToken
from installs.states import EndReason, InstallState, ScopeKind
from installs.tests.flowing import code_for, exchange, refresh, refresh_by_name
from tests.counts import count
from tests.racing import Crew, meanwhile

PARALLEL = count(12, 50)
ROUNDS = count(2, 20)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def judged(answers):
    """The one success; all others are refused, and none is a fault."""
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: len(answers) - 1}, answers
    assert {answer.json().get("error") for answer in answers} == {None, "invalid_grant"}
    return next(answer.json() for answer in answers if answer.status_code == 200)


def test_one_code_of_many_exchanges_and_one_refresh_of_many(oauth_client, alice, source):
    with Crew() as crew:
        for _ in range(ROUNDS):
            install = lifecycle.propose(alice, oauth_client, source.workspace, source)
            code = code_for(install)
            won = judged(crew.at_once(*[partial(exchange, oauth_client, code)] * PARALLEL))
            assert tokens.install_of(won["access_token"]) is None  # it was given away twice
            assert not RefreshToken.objects.filter(revoked=None).exists()
            lifecycle.end(Install.objects.get(pk=install.pk), alice, EndReason.CUSTOMER)

            install = lifecycle.propose(alice, oauth_client, source.workspace, source)
            first = exchange(oauth_client, code_for(install)).json()
            won = judged(crew.at_once(*[partial(refresh, oauth_client, first["refresh_token"])] * PARALLEL))
            assert tokens.install_of(won["access_token"]) is None
            assert not RefreshToken.objects.filter(revoked=None).exists()

            answers = crew.at_once(*[partial(refresh_by_name, oauth_client, install.name)] * PARALLEL)
            assert {answer.status_code for answer in answers} == {200}
            alive = [answer for answer in answers if tokens.install_of(answer.json()["access_token"])]
            assert len(alive) == AccessToken.objects.count() == 1
            lifecycle.end(Install.objects.get(pk=install.pk), alice, EndReason.CUSTOMER)


def test_an_end_wins_over_whatever_comes_at_the_same_moment(oauth_client, alice, source):
    """Of an exchange, a refresh of each kind and the customer's end, in any order: nothing is left that works."""
    with Crew() as crew:
        for _ in range(ROUNDS * 3):
            install = lifecycle.propose(alice, oauth_client, source.workspace, source)
            end = partial(lifecycle.end, Install.objects.get(pk=install.pk), alice, EndReason.CUSTOMER)
            answers = crew.at_once(partial(exchange, oauth_client, code_for(install)), end)
            assert answers[0].status_code in (200, 400)
            nothing_works(install)

            install = lifecycle.propose(alice, oauth_client, source.workspace, source)
            first = exchange(oauth_client, code_for(install)).json()
            end = partial(lifecycle.end, Install.objects.get(pk=install.pk), alice, EndReason.CUSTOMER)
            answers = crew.at_once(
                partial(refresh, oauth_client, first["refresh_token"]),
                partial(refresh_by_name, oauth_client, install.name),
                end,
            )
            assert not [answer for answer in answers if isinstance(answer, Exception)], answers
            assert {answer.status_code for answer in answers[:2]} <= {200, 400, 404}
            nothing_works(install)


def test_staff_take_a_scope_back_while_tokens_are_given(oauth_client, alice, rita, workspace):
    """Both hold the client and the install, in another order: neither may wait for the other for ever."""
    with Crew() as crew:
        for _ in range(ROUNDS * 3):
            Client.objects.filter(pk=oauth_client.pk).update(scope_kind=ScopeKind.WORKSPACE)
            oauth_client.refresh_from_db()
            install = lifecycle.propose(alice, oauth_client, workspace, None)
            first = exchange(oauth_client, code_for(install)).json()
            answers = crew.at_once(
                *[partial(refresh_by_name, oauth_client, install.name)] * 4,
                partial(refresh, oauth_client, first["refresh_token"]),
                partial(clients.take_scope_back, rita, Client.objects.get(pk=oauth_client.pk), "Not needed."),
            )
            assert answers[-1] is True, answers[-1]
            assert {answer.status_code for answer in answers[:-1]} <= {200, 400, 404}, answers
            nothing_works(install)


@pytest.mark.postgres
@pytest.mark.parametrize("verb", [consent.give, lifecycle.propose])
def test_no_consent_survives_a_scope_that_is_taken_back_at_the_same_moment(oauth_client, alice, rita, workspace, verb):
    Client.objects.filter(pk=oauth_client.pk).update(scope_kind=ScopeKind.WORKSPACE)
    seen = Client.objects.get(pk=oauth_client.pk)
    take_back = partial(clients.take_scope_back, rita, Client.objects.get(pk=oauth_client.pk), "Not needed.")

    refused = meanwhile(partial(verb, alice, seen, workspace, None), take_back)

    assert isinstance(refused, ValidationError), refused
    assert refused.code == "scope"
    assert not Install.objects.exists()


def nothing_works(install):
    install.refresh_from_db()
    assert install.state == InstallState.ENDED
    assert not AccessToken.objects.filter(install=install).exists()
    assert not RefreshToken.objects.filter(install=install, revoked=None).exists()
