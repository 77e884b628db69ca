"""The OpenAPI 3.1 document of the Config API. A test holds it against the addresses and against real answers."""

import re
from functools import cache
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from installs.addresses import config_api_url, oauth_url
from installs.config_api import errors
from installs.config_api.openapi_schemas import SCHEMAS, ref
from installs.states import ScopeKind

Node = dict[str, Any]
_SHORTLY = "public, max-age=300"
_WORKSPACE = "/workspaces/{workspace}"
_SOURCE = _WORKSPACE + "/sources/{source}"
_DESTINATION = _SOURCE + "/destinations/{destination}"
_DESTINATION_SCOPE = f"{ScopeKind.DESTINATION}/{{slug}}"
_READ = (str(ScopeKind.WORKSPACE_READ), str(ScopeKind.WORKSPACE))
_WRITE = (str(ScopeKind.WORKSPACE),)
_OWN_READ, _OWN_WRITE = (_DESTINATION_SCOPE, *_READ), (_DESTINATION_SCOPE, *_WRITE)
_ERRORS = {
    400: "Something in the request is wrong; the text says what.",
    401: "No token, or one that does not work any more.",
    403: "Beyond what the customer consented to.",
    404: "There is no such thing in this workspace.",
    409: "It exists already; update it with PATCH.",
    413: "The body is too large.",
    429: "Too many requests in this minute. `Retry-After` says how many seconds to wait.",
    500: "Our fault.",
    501: "The original has this, this product does not.",
    503: "Try again in a few seconds.",
}
_ALWAYS = (401, 403, 429, 500, 503)
_BODY = (400, 413)


def _operation(
    summary: str, answer: str, scopes: tuple[str, ...], *, body: str = "", more: tuple[int, ...] = ()
) -> Node:
    """One method of a path. `answer` and `body` name schemas, `more` are errors beside those of every method."""
    found: Node = {
        "summary": summary,
        "security": [{"token": list(scopes)}],
        "responses": _responses(answer, (*_ALWAYS, *(_BODY if body else ()), *more)),
    }
    if body:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": ref(body)}}}
    if answer in ("Workspaces", "Sources", "Destinations"):
        found["parameters"] = [_PAGE_SIZE, _PAGE_TOKEN]
    return found


def _responses(answer: str, failing: tuple[int, ...]) -> Node:
    found: Node = {"200": {"description": "Done.", "content": {"application/json": {"schema": ref(answer)}}}}
    return found | {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(set(failing))}


_PAGE_SIZE: Node = {
    "name": "page_size", "in": "query", "description": "At most 100; 50 without it.",
    "schema": {"type": "integer", "minimum": 0},
}  # fmt: skip
_PAGE_TOKEN: Node = {
    "name": "page_token", "in": "query", "description": "`next_page_token` of the page before.",
    "schema": {"type": "string"},
}  # fmt: skip


def _paths() -> dict[str, Node]:
    return {
        "/workspaces": {"get": _operation("List workspaces", "Workspaces", _READ, more=(400,))},
        _WORKSPACE: {"get": _operation("Get a workspace", "Workspace", _READ)},
        f"{_WORKSPACE}/sources": {
            "get": _operation("List sources", "Sources", _READ, more=(400,)),
            "post": _operation("Create a source", "Source", _WRITE, body="NewSource", more=(409,)),
        },
        _SOURCE: {
            "get": _operation("Get a source", "Source", _READ, more=(404,)),
            "patch": _operation("Update a source", "Source", _WRITE, body="SourceUpdate", more=(404, 501)),
            "delete": _operation("Delete a source", "Empty", _WRITE, more=(404,)),
        },
        f"{_SOURCE}/destinations": {
            "get": _operation("List destinations", "Destinations", _READ, more=(400, 404)),
            "post": _operation(
                "Create a destination", "Destination", _OWN_WRITE, body="NewDestination", more=(404, 409)
            ),
        },
        _DESTINATION: {
            "get": _operation("Get a destination", "Destination", _OWN_READ, more=(404,)),
            "patch": _operation(
                "Update a destination", "Destination", _OWN_WRITE, body="DestinationUpdate", more=(404,)
            ),
            "delete": _operation("Delete a destination", "Empty", _OWN_WRITE, more=(404,)),
        },
        "/catalog/destinations/{destination}": {
            "get": _operation("Get the settings of a destination", "CatalogDestination", _OWN_READ, more=(404,)),
        },
        **{path: {"get": _new_token()} for path in ("/installs/{install}/token", "/install/{install}/token")},
    }  # fmt: skip


def _new_token() -> Node:
    return {
        "summary": "Get a new access token for an install; the one before stops working",
        "security": [{"client": []}],
        "responses": _responses("InstallToken", (401, 404, 429, 500, 503)),
    }


def _with_parameters(path: str, node: Node) -> Node:
    names = re.findall(r"{(\w+)}", path)
    if not names:
        return node
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {"parameters": parameters, **node}


def _schemes() -> Node:
    flow = {
        "authorizationUrl": oauth_url("/oauth2/auth"),
        "tokenUrl": oauth_url("/oauth2/token"),
        "scopes": {
            _DESTINATION_SCOPE: "Your App’s own destination on the one source that was consented to",
            _READ[0]: "Read a whole workspace",
            _READ[1]: "Read and change a whole workspace",
        },
    }
    return {
        "token": {"type": "oauth2", "flows": {"authorizationCode": flow}},
        "client": {"type": "http", "scheme": "basic", "description": "Client id and client secret."},
    }


def _error_response(status: int, text: str) -> Node:
    found: Node = {"description": text, "content": {"application/json": {"schema": ref("Error")}}}
    if status in (429, 503):
        found["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return found


def make_document() -> Node:
    """The whole of it, as an object."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Config API",
            "version": "v1beta",
            "description": "Sets up destinations for customers who enabled your App with Segment. Errors are always "
            '`{"error": text, "code": number}`, also for addresses (404) and methods (405) that do not exist.',
        },
        "servers": [{"url": config_api_url("").rstrip("/")}],
        "paths": {path: _with_parameters(path, node) for path, node in _paths().items()},
        "components": {
            "schemas": SCHEMAS,
            "responses": {str(status): _error_response(status, text) for status, text in _ERRORS.items()},
            "securitySchemes": _schemes(),
        },
    }


_made_once = cache(make_document)


@csrf_exempt
def document(request: HttpRequest) -> JsonResponse:
    """Public, because what it says is on the page about the API as well."""
    if request.method not in ("GET", "HEAD"):
        raise errors.method_not_allowed("GET")
    return JsonResponse(_made_once(), headers={"Cache-Control": _SHORTLY})
