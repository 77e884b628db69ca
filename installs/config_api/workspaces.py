"""Workspaces, to look at (D45): an install sees the one that it was consented for."""

from typing import Any

from installs.config_api import scopes
from installs.config_api.gate import Call, endpoint
from installs.config_api.pages import page_of
from installs.config_api.resources import workspace_json


def _list(call: Call) -> dict[str, Any]:
    rows = scopes.workspaces_of(call.install)
    return page_of(call, "workspaces", rows, lambda page: [workspace_json(row) for row in page])


def _get(call: Call, workspace: str) -> dict[str, Any]:
    return workspace_json(scopes.workspace_of(call.install, workspace))


many = endpoint(GET=_list)
one = endpoint(GET=_get)
