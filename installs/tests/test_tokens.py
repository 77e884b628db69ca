"""From the code to tokens and on (D42, D43): what a partner's server gets, in which words, and for how long."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from installs import lifecycle, tokens
from installs.models import AccessToken, Grant, Install, RefreshToken
from installs.states import EndReason, InstallState
from installs.tests.flowing import RIVAL_SECRET, VERIFIER, basic, code_for, exchange, post, refresh, refresh_by_name
from tests.cast import CLIENT_SECRET, REDIRECT_URI
from workspaces.sources import remove_source

pytestmark = pytest.mark.django_db


def test_the_answer_to_a_code_is_the_originals(oauth_client, proposed, app, source):
    answer = exchange(oauth_client, code_for(proposed))
    found = answer.json()
    assert answer.status_code == 200, found
    place = f"workspaces/{source.workspace.slug}"
    assert {name: found[name] for name in found if name not in ("access_token", "refresh_token")} == {
        "token_type": "bearer",
        "expires_in": 3600,
        "scope": f"destination/{app.slug}",
        "app_name": f"apps/{app.pk}",
        "install_name": f"installs/{proposed.pk}",
        "workspace_names": [place],
        "source_names": [f"{place}/sources/{source.slug}"],
    }
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert not answer.cookies
    proposed.refresh_from_db()
    assert proposed.state == InstallState.ACTIVE


def test_a_workspace_scope_names_no_source(oauth_client, alice, workspace):
    oauth_client.scope_kind = "workspace"
    oauth_client.save()
    install = lifecycle.propose(alice, oauth_client, workspace, None)
    found = exchange(oauth_client, code_for(install)).json()
    assert found["scope"] == "workspace"
    assert "source_names" not in found


def test_the_secret_may_stand_in_the_form(oauth_client, proposed):
    form = {
        "grant_type": "authorization_code", "code": code_for(proposed), "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": oauth_client.client_id, "client_secret": CLIENT_SECRET,
    }  # fmt: skip
    assert post("/oauth2/token", form).status_code == 200


def test_a_token_is_known_by_one_query(granted, proposed, django_assert_num_queries):
    with django_assert_num_queries(1):
        install, token = tokens.install_of(granted["access_token"])
        assert install.client.app.company.name == "Acme"
        assert (install.workspace.slug, install.source.slug) != ("", "")
        assert install.scope == token.scope
    assert install == proposed
    assert tokens.install_of(granted["refresh_token"]) is None
    assert tokens.install_of("") is None


def test_a_token_lasts_an_hour(granted):
    with time_machine.travel(timezone.now() + timedelta(seconds=3595), tick=False):
        assert tokens.install_of(granted["access_token"])
    with time_machine.travel(timezone.now() + timedelta(seconds=3601), tick=False):
        assert tokens.install_of(granted["access_token"]) is None


def test_refreshing_the_standard_way(oauth_client, granted):
    found = refresh(oauth_client, granted["refresh_token"]).json()
    assert set(found) == set(granted)
    assert tokens.install_of(granted["access_token"]) is None
    assert tokens.install_of(found["access_token"])
    again = refresh(oauth_client, found["refresh_token"], scope=oauth_client.scope)
    assert again.status_code == 200


def test_refreshing_by_the_name_of_the_install(oauth_client, granted):
    for name in (granted["install_name"], granted["install_name"].replace("installs/", "install/")):
        answer = refresh_by_name(oauth_client, name)
        found = answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
        assert set(found) == set(granted) - {"refresh_token"}
        assert tokens.install_of(found["access_token"])
        assert tokens.install_of(granted["access_token"]) is None
        granted = granted | found
    assert AccessToken.objects.count() == 1
    # Both ways may be mixed.
    assert refresh(oauth_client, granted["refresh_token"]).status_code == 200
    assert tokens.install_of(granted["access_token"]) is None


def test_who_may_not_refresh_by_name(oauth_client, granted, rival_client):
    wrong = refresh_by_name(oauth_client, granted["install_name"], "no secret of this client")
    assert (wrong.status_code, wrong.json()) == (401, {"error": "malformed token", "code": 16})
    assert wrong.headers["WWW-Authenticate"].startswith("Basic ")
    strange = refresh_by_name(rival_client, granted["install_name"], RIVAL_SECRET)
    assert (strange.status_code, strange.json()) == (404, {"error": "install not found", "code": 5})
    assert refresh_by_name(oauth_client, "installs/99999999999999999999").status_code == 404
    nobody = Browser().get(f"/v1beta/{granted['install_name']}/token")
    assert nobody.status_code == 401
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    assert Browser().get(f"/v1beta/{granted['install_name']}/token", headers=bearer).status_code == 401
    for method in ("post", "head", "delete"):
        headers = {"Authorization": basic(oauth_client.client_id)}
        answer = getattr(Browser(), method)(f"/v1beta/{granted['install_name']}/token", headers=headers)
        assert answer.status_code == 405
    assert tokens.install_of(granted["access_token"])


def test_refreshing_by_name_counts_as_a_request(oauth_client, granted, settings):
    settings.CONFIG_API_REQUESTS_PER_MINUTE = 2
    answers = [refresh_by_name(oauth_client, granted["install_name"]) for _ in range(6)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["code"] == 8
    assert int(refused[0].headers["Retry-After"]) > 0


def test_an_install_that_is_over_gives_nothing(oauth_client, granted, proposed, alice):
    lifecycle.end(Install.objects.get(pk=proposed.pk), alice, EndReason.CUSTOMER)
    assert tokens.install_of(granted["access_token"]) is None
    assert refresh(oauth_client, granted["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh_by_name(oauth_client, granted["install_name"]).status_code == 404


def test_a_code_is_nothing_without_its_source(oauth_client, proposed, alice, source):
    code = code_for(proposed)
    remove_source(alice, source)
    assert exchange(oauth_client, code).json()["error"] == "invalid_grant"
    proposed.refresh_from_db()
    assert proposed.state == InstallState.PENDING


def test_a_pending_install_gives_nothing_by_name(oauth_client, proposed):
    assert refresh_by_name(oauth_client, proposed.name).status_code == 404


@pytest.mark.parametrize("what", ["source", "app"])
def test_nothing_works_without_its_source_or_its_app(what, oauth_client, granted, source, app):
    gone = {"source": (source, "removed_at"), "app": (app, "deleted_at")}[what]
    setattr(gone[0], gone[1], timezone.now())
    gone[0].save()
    assert tokens.install_of(granted["access_token"]) is None
    assert refresh(oauth_client, granted["refresh_token"]).status_code in (400, 401)
    assert refresh_by_name(oauth_client, granted["install_name"]).status_code in (401, 404)


def test_a_refresh_token_is_good_for_thirty_days(oauth_client, granted):
    with time_machine.travel(timezone.now() + timedelta(days=29), tick=False):
        young = refresh(oauth_client, granted["refresh_token"]).json()
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        assert refresh(oauth_client, young["refresh_token"]).json()["error"] == "invalid_grant"
        assert refresh_by_name(oauth_client, granted["install_name"]).status_code == 200


# --- Giving back -----------------------------------------------------------------------------------------


def give_back(client, token, **also):
    return post("/oauth2/revoke", {"token": token} | also, basic(client.client_id))


def test_an_access_token_is_given_back_alone(oauth_client, granted):
    answer = give_back(oauth_client, granted["access_token"], token_type_hint="access_token")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert tokens.install_of(granted["access_token"]) is None
    assert refresh(oauth_client, granted["refresh_token"]).status_code == 200


def test_with_the_refresh_token_the_install_ends(oauth_client, granted, proposed, alice, source):
    assert give_back(oauth_client, granted["refresh_token"]).status_code == 200
    proposed.refresh_from_db()
    assert (proposed.state, proposed.end_reason) == (InstallState.ENDED, EndReason.PARTNER)
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()
    assert lifecycle.propose(alice, oauth_client, source.workspace, source)


def test_giving_back_what_is_not_ours_changes_nothing(oauth_client, granted, rival_client):
    for token in (granted["access_token"], granted["refresh_token"], "nothing at all"):
        assert post("/oauth2/revoke", {"token": token}, basic(rival_client.client_id, RIVAL_SECRET)).status_code == 200
    assert tokens.install_of(granted["access_token"])
    assert refresh(oauth_client, granted["refresh_token"]).status_code == 200
    unproven = post("/oauth2/revoke", {"token": granted["access_token"]}, basic(oauth_client.client_id, "wrong"))
    assert (unproven.status_code, unproven.json()["error"]) == (401, "invalid_client")
    assert give_back(oauth_client, "").json()["error"] == "invalid_request"


# --- Metadata --------------------------------------------------------------------------------------------


def test_libraries_can_look_everything_up(settings):
    answer = Browser().get("/.well-known/oauth-authorization-server")
    found = answer.json()
    assert found["issuer"] == settings.SITE_URL
    assert found["authorization_endpoint"] == f"{settings.SITE_URL}/oauth2/auth"
    assert found["token_endpoint"] == f"{settings.SITE_URL}/oauth2/token"
    assert found["revocation_endpoint"] == f"{settings.SITE_URL}/oauth2/revoke"
    assert found["response_types_supported"] == ["code"]
    assert found["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert Browser().post("/.well-known/oauth-authorization-server").status_code == 405


def test_codes_stay_as_tombstones(granted):
    assert Grant.objects.get().used_at is not None
