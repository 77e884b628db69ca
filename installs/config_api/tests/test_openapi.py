"""The document is true: every address and method is in it, and what is answered is what it says."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import resolve

from installs import urls
from installs.config_api.errors import CODES
from installs.config_api.openapi import make_document
from installs.config_api.tests.conftest import V1, Api, body_of, path_of
from installs.config_api.tests.schemas import faults, resolved
from installs.states import ScopeKind
from tests.cast import CLIENT_SECRET

DOCUMENT = make_document()
METHODS = ("get", "post", "patch", "delete")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, node in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in node:
                yield path, method, node[method]


def patterns(entries: Any = urls.urlpatterns, prefix: str = "") -> Iterator[str]:
    for entry in entries:
        route = prefix + str(entry.pattern)
        yield from patterns(entry.url_patterns, route) if hasattr(entry, "url_patterns") else [route]


def test_every_address_is_in_the_document_and_nothing_else():
    there = {re.sub(r"<\w+:\w+>", "{}", f"/{route}") for route in patterns() if route.startswith("v1beta/")}
    written = {V1 + re.sub(r"{\w+}", "{}", path) for path in DOCUMENT["paths"]}

    assert there - {f"{V1}/openapi.json"} == written


@pytest.mark.django_db
def test_every_method_is_in_the_document_and_nothing_else():
    for path in DOCUMENT["paths"]:
        allowed = Api().call("OPTIONS", re.sub(r"{\w+}", "1", path)).headers["Allow"].lower().split(", ")
        assert [method for where, method, _ in operations() if where == path] == allowed


def test_every_reference_and_parameter_is_there():
    for path, method, operation in operations():
        names = [parameter["name"] for parameter in DOCUMENT["paths"][path].get("parameters", ())]
        assert names == re.findall(r"{(\w+)}", path)
        for answer in operation["responses"].values():
            assert resolved(answer, DOCUMENT) if "$ref" in answer else answer["content"]
        assert operation["security"], (path, method)


def test_every_error_of_the_api_is_described():
    described = set(DOCUMENT["components"]["responses"])
    used = {status for _, _, operation in operations() for status in operation["responses"]}

    assert described == {str(status) for status in CODES if status != 405}
    assert used - {"200"} == described


@pytest.mark.django_db
def test_it_is_public_and_may_be_kept_for_a_while(client):
    answer = client.get(f"{V1}/openapi.json")

    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.0")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.json()["servers"][0]["url"].endswith(V1)


# --- Real answers ------------------------------------------------------------------------------------------------


def check(answer: Any, method: str, path: str, template: str, body: Any = None) -> None:
    """That the answer, and the request if it was fine, are what the document says."""
    operation = DOCUMENT["paths"][template][method.lower()]
    described = operation["responses"][str(answer.status_code)]
    if "$ref" in described:
        described = resolved(described, DOCUMENT)
    assert faults(answer.json(), described["content"]["application/json"]["schema"], DOCUMENT) == [], (method, path)
    if body is not None and answer.status_code == 200:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert faults(body, schema, DOCUMENT) == [], (method, path)


def template_of(path: str) -> str:
    match = resolve(V1 + path.partition("?")[0])
    return re.sub(r"<\w+:(\w+)>", r"{\1}", match.route).removeprefix("v1beta")


def test_what_is_answered_is_what_the_document_says(install_with, source, hook):
    api, workspace = Api(install_with(ScopeKind.WORKSPACE)), f"/workspaces/{source.workspace.slug}"
    made, one = path_of(source), path_of(source, hook.slug)
    mask = {"paths": ["destination.enabled"]}
    shop = {"name": f"{workspace[1:]}/sources/shop", "catalog_name": "catalog/sources/python"}
    calls: list[tuple[str, str, Any, int]] = [
        ("GET", "/workspaces", None, 200),
        ("GET", "/workspaces?page_size=x", None, 400),
        ("GET", workspace, None, 200),
        ("GET", f"{workspace}x", None, 403),
        ("POST", f"{workspace}/sources", {"source": shop}, 200),
        ("POST", f"{workspace}/sources", {"source": shop}, 409),
        ("POST", f"{workspace}/sources", {}, 400),
        ("GET", f"{workspace}/sources", None, 200),
        ("GET", f"{workspace}/sources/shop", None, 200),
        (
            "PATCH",
            f"{workspace}/sources/shop",
            {"source": {"enabled": False}, "update_mask": {"paths": ["enabled"]}},
            200,
        ),
        ("PATCH", f"{workspace}/sources/shop", {"source": {}, "update_mask": {"paths": ["library_config"]}}, 501),
        ("DELETE", f"{workspace}/sources/shop", None, 200),
        ("DELETE", f"{workspace}/sources/shop", None, 404),
        ("POST", made, body_of(source, hook), 200),
        ("POST", made, body_of(source, hook), 409),
        ("POST", made, b"x" * 300_000, 413),
        ("GET", made, None, 200),
        ("GET", one, None, 200),
        ("PATCH", one, {"destination": {}, "update_mask": mask}, 200),
        ("PATCH", one, {"destination": {"enabled": 1}, "update_mask": mask}, 400),
        ("DELETE", one, None, 200),
        ("DELETE", one, None, 404),
        ("GET", f"/catalog/destinations/{hook.slug}", None, 200),
    ]
    for method, path, body, status in calls:
        answer = api.call(method, path, body)
        assert answer.status_code == status, (method, path, answer.content)
        check(answer, method, path, template_of(path), body)
    assert {(template_of(path), method.lower()) for method, path, _, _ in calls} == {
        (path, method) for path, method, _ in operations() if "/token" not in path
    }


def test_so_are_the_answers_about_tokens(oauth_install, oauth_client, client):
    path, template = f"/installs/{oauth_install.pk}/token", "/installs/{install}/token"

    basic = basic_of(oauth_client.client_id, CLIENT_SECRET)
    fine = client.get(V1 + path, headers={"Authorization": basic})
    refused = client.get(V1 + path, headers={"Authorization": basic_of(oauth_client.client_id, "wrong")})

    assert (fine.status_code, refused.status_code) == (200, 401)
    check(fine, "GET", path, template)
    check(refused, "GET", path, template)


def basic_of(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()
