"""Resource names: paths such as “workspaces/acme/sources/shop/destinations/crm” (D45)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from installs.config_api import bodies, errors
from workspaces.models import Source, Workspace


def name_of_workspace(workspace: Workspace) -> str:
    return f"workspaces/{workspace.slug}"


def name_of_source(source: Source) -> str:
    """`source.workspace` is loaded."""
    return f"{name_of_workspace(source.workspace)}/sources/{source.slug}"


def last_part(resource: Mapping[str, Any], kind: str, parent: str) -> str:
    """The own part of the name in a body that creates: “crm” of “<parent>/destinations/crm”.

    `kind` is “destination” or “source”. Raises ApiError when the name is missing or belongs elsewhere.
    """
    where, prefix = f"{kind}.name", f"{parent}/{kind}s/"
    given = bodies.text(resource, "name", where)
    own = given.removeprefix(prefix)
    if not given.startswith(prefix) or not own or "/" in own:
        raise errors.invalid(f"“{where}” must be a full name, as in {prefix}{{{kind}}}")
    return own


def check_same(resource: Mapping[str, Any], kind: str, name: str) -> None:
    """A body that updates may leave the name out; another one than that of the address is a mistake."""
    if bodies.text(resource, "name", f"{kind}.name") not in ("", name):
        raise errors.invalid(f"“{kind}.name” differs from the address, which says {name}")


def moment(at: datetime) -> str:
    """“2026-03-01T09:30:00Z”."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
