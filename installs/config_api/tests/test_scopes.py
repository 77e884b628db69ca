"""Who reaches what: every address × method × scope, in the own workspace and in somebody else's (D44, T20)."""

from typing import Any

import pytest
from django.db import transaction
from django.urls import resolve

from apps_catalog.lifecycle import create_app
from apps_catalog.models import App, AppVersion
from apps_catalog.states import Stage
from audit.models import Record
from installs.config_api import urls
from installs.config_api.tests.conftest import V1, Api, body_of, error_of, name_of, path_of
from installs.models import Install
from installs.states import ScopeKind
from partners.models import Membership
from partners.states import Role
from tests.cast import install_on
from workspaces import installing
from workspaces.lifecycle import add_source
from workspaces.models import Destination, Source, Workspace

NOT_FOUND = (404, 5, "destination not found")
SCOPES = (ScopeKind.DESTINATION, ScopeKind.WORKSPACE_READ, ScopeKind.WORKSPACE)
# {mine}, {theirs}: workspaces. “website” is the source that was consented to, “shop” another one of the same
# workspace, “secret” one of theirs. {own} is the App of the token, {other} another one, installed on “website”;
# {free} is installed nowhere, {hidden} is nobody's business.
# method, path, slug in the body, then the statuses for the three scopes.
TABLE = """
GET    /workspaces                                                  -         403 200 200
GET    /workspaces/{mine}                                           -         403 200 200
GET    /workspaces/{theirs}                                         -         403 403 403
GET    /workspaces/nowhere                                          -         403 403 403
GET    /workspaces/{mine}/sources                                   -         403 200 200
GET    /workspaces/{theirs}/sources                                 -         403 403 403
GET    /workspaces/nowhere/sources                                  -         403 403 403
POST   /workspaces/{mine}/sources                                   app       403 403 200
POST   /workspaces/{mine}/sources                                   shop      403 403 409
POST   /workspaces/{theirs}/sources                                 app       403 403 403
GET    /workspaces/{mine}/sources/website                           -         403 200 200
GET    /workspaces/{mine}/sources/shop                              -         403 200 200
GET    /workspaces/{mine}/sources/secret                            -         403 404 404
GET    /workspaces/{theirs}/sources/secret                          -         403 403 403
PATCH  /workspaces/{mine}/sources/website                           -         403 403 200
PATCH  /workspaces/{mine}/sources/nowhere                           -         403 403 404
PATCH  /workspaces/{theirs}/sources/secret                          -         403 403 403
DELETE /workspaces/{mine}/sources/website                           -         403 403 200
DELETE /workspaces/{mine}/sources/nowhere                           -         403 403 404
DELETE /workspaces/{theirs}/sources/secret                          -         403 403 403
GET    /workspaces/{mine}/sources/website/destinations              -         403 200 200
GET    /workspaces/{mine}/sources/shop/destinations                 -         403 200 200
GET    /workspaces/{mine}/sources/nowhere/destinations              -         403 404 404
GET    /workspaces/{theirs}/sources/secret/destinations             -         403 403 403
POST   /workspaces/{mine}/sources/website/destinations              {own}     409 403 409
POST   /workspaces/{mine}/sources/website/destinations              {other}   403 403 409
POST   /workspaces/{mine}/sources/website/destinations              {free}    403 403 200
POST   /workspaces/{mine}/sources/website/destinations              {hidden}  403 403 404
POST   /workspaces/{mine}/sources/website/destinations              nothing   403 403 404
POST   /workspaces/{mine}/sources/shop/destinations                 {own}     403 403 200
POST   /workspaces/{mine}/sources/nowhere/destinations              {own}     403 403 404
POST   /workspaces/{mine}/sources/secret/destinations               {own}     403 403 404
POST   /workspaces/{theirs}/sources/secret/destinations             {own}     403 403 403
POST   /workspaces/{theirs}/sources/website/destinations            {own}     403 403 403
GET    /workspaces/{mine}/sources/website/destinations/{own}        -         200 200 200
GET    /workspaces/{mine}/sources/website/destinations/{other}      -         403 200 200
GET    /workspaces/{mine}/sources/website/destinations/{hidden}     -         403 404 404
GET    /workspaces/{mine}/sources/shop/destinations/{own}           -         403 404 404
GET    /workspaces/{theirs}/sources/secret/destinations/{own}       -         403 403 403
GET    /workspaces/{theirs}/sources/website/destinations/{own}      -         403 403 403
GET    /workspaces/{mine}/sources/secret/destinations/{own}         -         403 404 404
PATCH  /workspaces/{mine}/sources/website/destinations/{own}        -         200 403 200
PATCH  /workspaces/{mine}/sources/website/destinations/{other}      -         403 403 200
PATCH  /workspaces/{mine}/sources/shop/destinations/{own}           -         403 403 404
PATCH  /workspaces/{theirs}/sources/secret/destinations/{own}       -         403 403 403
DELETE /workspaces/{mine}/sources/website/destinations/{own}        -         200 403 200
DELETE /workspaces/{mine}/sources/website/destinations/{other}      -         403 403 200
DELETE /workspaces/{mine}/sources/shop/destinations/{own}           -         403 403 404
DELETE /workspaces/{theirs}/sources/secret/destinations/{own}       -         403 403 403
GET    /catalog/destinations/{own}                                  -         200 200 200
GET    /catalog/destinations/{free}                                 -         403 200 200
GET    /catalog/destinations/{hidden}                               -         403 404 404
GET    /catalog/destinations/nothing                                -         403 404 404
"""
LINES = [line.split() for line in TABLE.strip().splitlines()]


def listed(app: App) -> App:
    version = AppVersion.objects.create(app=app, number=1, manifest={"settings": [], "components": []}, digest=app.slug)
    App.objects.filter(pk=app.pk).update(stage=Stage.PUBLIC, live_version=version)
    app.refresh_from_db()
    return app


@pytest.fixture
def names(app, source, second_source, charlie, other_company, customer_workspace, carol, alice) -> dict[str, str]:
    other, free, hidden = (create_app(charlie, other_company, name) for name in ("Rivalry", "Freedom", "Hiding"))
    secret = add_source(carol, customer_workspace, "Secret")
    for place, what in ((source, app), (source, listed(other)), (secret, app), (secret, other)):
        install_on(place, what, alice)
    return {
        "mine": source.workspace.slug, "theirs": customer_workspace.slug,
        "own": app.slug, "other": other.slug, "free": listed(free).slug, "hidden": hidden.slug,
    }  # fmt: skip


def body_for(method: str, path: str, slug: str) -> dict[str, Any] | None:
    kind = "source" if "/destinations" not in path else "destination"
    if method == "PATCH":
        return {kind: {}, "update_mask": {"paths": [f"{kind}.enabled"]}}
    name = f"{path[1:]}/{slug}"
    more = {"catalog_name": "catalog/sources/javascript"} if kind == "source" else {}
    return {kind: {"name": name, **more}} if method == "POST" else None


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_a_token_reaches_exactly_what_was_consented_to(scope, install_with, names, customer_workspace):
    api, column = Api(install_with(scope)), 3 + SCOPES.index(scope)
    theirs, wrong = state_of(customer_workspace), []

    for line in LINES:
        method, path, slug = (part.format(**names) for part in line[:3])
        with transaction.atomic():
            before = Record.objects.count()
            answer = api.call(method, path, body_for(method, path, slug))
            untouched = state_of(customer_workspace) == theirs
            is_silent = answer.status_code == 200 or Record.objects.count() == before
            transaction.set_rollback(True)
        if answer.status_code != int(line[column]) or not untouched or not is_silent:
            wrong.append((method, path, slug, answer.status_code, line[column]))

    assert wrong == []


def state_of(workspace: Workspace) -> tuple[list[Any], list[Any]]:
    inside = {"source__workspace": workspace}
    return list(workspace.sources.values()), list(Destination.every.filter(**inside).values())


def test_beyond_the_scope_all_answers_are_the_same(install_with, names):
    """Nobody learns what exists in somebody else's workspace."""
    for scope in SCOPES:
        api = Api(install_with(scope))
        place = f"/workspaces/{names['theirs']}/sources"
        asked = [f"{place}/secret", f"{place}/nowhere", "/workspaces/nowhere/sources/nowhere"]

        answers = {(found.status_code, found.content) for found in map(api.get, asked)}

        assert answers == {(403, b'{"error": "insufficient scope", "code": 7}')}
        Install.objects.all().delete()


def test_the_table_names_every_address_and_method(names):
    covered = {(resolve(V1 + line[1].format(**names)).url_name, line[0]) for line in LINES}
    paths = {resolve(path).url_name: path for line in LINES if (path := V1 + line[1].format(**names))}
    known = {pattern.name for pattern in urls.urlpatterns} - {"config-openapi"}

    assert paths.keys() == known
    assert covered == {(name, method) for name, path in paths.items() for method in methods_of(path)}


def methods_of(path: str) -> list[str]:
    """As the answer to another method says."""
    return Api().call("OPTIONS", path.removeprefix(V1)).headers["Allow"].split(", ")


def test_a_source_that_was_removed_is_out_of_reach(wide, source, second_source, alice):
    Source.objects.filter(pk=second_source.pk).update(removed_at=second_source.created_at, slug="shop~1")

    assert wide.get(f"/workspaces/{source.workspace.slug}/sources/shop").status_code == 404
    assert wide.get(f"/workspaces/{source.workspace.slug}/sources/shop~1").status_code == 404


def test_what_only_the_consenter_may_see_is_not_there_for_the_partners_server(
    wide, source, alice, charlie, other_company
):
    """She belongs to another company too, which is building an App."""
    building = create_app(charlie, other_company, "Building")
    Membership.objects.create(company=other_company, user=alice, role=Role.OWNER)

    assert error_of(wide.post(path_of(source), body_of(source, building))) == NOT_FOUND
    assert error_of(wide.get(f"/catalog/destinations/{building.slug}")) == NOT_FOUND


def test_an_invitation_of_the_consenter_is_none_for_the_partners_server(
    wide, install_with, source, second_source, alice, charlie, other_company, monkeypatch
):
    monkeypatch.setattr(installing, "_doors", [lambda user, app: user == alice])
    beta = listed(create_app(charlie, other_company, "Invited"))
    App.objects.filter(pk=beta.pk).update(stage=Stage.PRIVATE_BETA, invited_only=True)

    assert error_of(wide.post(path_of(source), body_of(source, beta))) == NOT_FOUND
    assert error_of(wide.get(f"/catalog/destinations/{beta.slug}")) == NOT_FOUND

    # What is in the workspace already is known there.
    install_on(source, beta, alice)
    name = {"destination": {"name": name_of(second_source, beta)}}
    assert wide.post(path_of(second_source), name).status_code == 200
    assert wide.get(f"/catalog/destinations/{beta.slug}").status_code == 200
