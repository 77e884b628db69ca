"""The verbs that edit a draft: choices, components, listing, documentation, reviewer access.

A form carries the revision that it was filled in from. An older number means that somebody saved in the
meantime: nothing is written and StaleDraft says what stands there now. A form that would change nothing
is no conflict, so a second click does nothing.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from apps_catalog import rules
from apps_catalog.code_starters import first_values
from apps_catalog.link_checks import request_check
from apps_catalog.models import App, Component, Listing, ReviewerAccess
from apps_catalog.signing import active_secrets
from apps_catalog.states import AVAILABLE_KINDS, Collects, ComponentKind, Processes
from audit.recording import System, record

Actor = User | System


class StaleDraft(Exception):
    """Somebody else saved first; nothing was changed. `row` is the row as it stands now."""

    def __init__(self, row: models.Model) -> None:
        self.row = row
        super().__init__("This was changed in the meantime.")


def require_editor(actor: Actor, app: App) -> None:
    if not rules.can_edit_app(actor, app):
        raise PermissionDenied


def save_row(row: models.Model, values: Mapping[str, Any], revision: int, *, counter: str = "revision") -> list[str]:
    """Write `values` to `row` if its `counter` still is `revision`; the names of what changed.

    Raises StaleDraft. Writes nothing when nothing differs. `row` is brought up to date.
    """
    row.refresh_from_db()
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not changed:
        return []
    saved = (
        type(row)
        ._default_manager.filter(pk=row.pk, **{counter: revision})
        .update(**{name: values[name] for name in changed}, **{counter: F(counter) + 1}, **_touched(row))
    )
    row.refresh_from_db()
    if not saved:
        raise StaleDraft(row)
    return changed


def _touched(row: models.Model) -> dict[str, Any]:
    return {"updated_at": timezone.now()} if hasattr(row, "updated_at") else {}


# --- How to collect and to process, and the components (S10, S11) ------------------------------------


def kind_for(collects: str, processes: str) -> ComponentKind:
    """The kind of component that the two choices of S11 come down to."""
    if collects == Collects.WEB_PLUGIN:
        return ComponentKind.WEB_PLUGIN
    if processes == Processes.FUNCTION:
        return ComponentKind.SUBSCRIPTION_FUNCTION
    if processes == Processes.PULL_REQUEST:
        return ComponentKind.ACTIONS_DESTINATION
    return ComponentKind.SUBSCRIPTION_WEBHOOK


@transaction.atomic
def choose_kinds(actor: Actor, app: App, collects: str, processes: str, revision: int) -> Component | None:
    """Record both choices and add the component they come down to.

    Raises StaleDraft for an old form.
    """
    require_editor(actor, app)
    if save_row(app, {"collects": collects, "processes": processes}, revision):
        record(actor, "app.kinds_chosen", app, chain=app.chain, collects=collects, processes=processes)
    kind = kind_for(collects, processes)
    return add_component(actor, app, kind) if kind in AVAILABLE_KINDS else None


@transaction.atomic
def add_component(actor: Actor, app: App, kind: str) -> Component:
    """The component of this kind: the existing one, the one that was removed, or a new one.

    A new one starts with something that works (`code_starters`), so that the first green test needs no server.
    Raises ValueError for a kind that there is not.
    """
    require_editor(actor, app)
    if kind not in AVAILABLE_KINDS:
        raise ValueError(f"{kind} is no kind of component")
    component, is_new = Component.every.get_or_create(app=app, kind=kind, defaults=first_values(app, kind))
    if is_new:
        record(actor, "component.added", app, chain=app.chain, kind=kind)
        if kind == ComponentKind.SUBSCRIPTION_WEBHOOK:
            active_secrets(component)  # makes the first
    restore_component(actor, component)
    note_pull_request(app, kind)
    return component


def note_pull_request(app: App, kind: str) -> None:
    """An App with a destination by pull request has chosen so, whichever way the component came (S11)."""
    if kind != ComponentKind.ACTIONS_DESTINATION or app.processes == Processes.PULL_REQUEST:
        return
    collects = app.collects or Collects.SUBSCRIPTION
    App.objects.filter(pk=app.pk).update(
        collects=collects, processes=Processes.PULL_REQUEST, revision=F("revision") + 1
    )
    app.refresh_from_db(fields=["collects", "processes", "revision"])


@transaction.atomic
def remove_component(actor: Actor, component: Component) -> bool:
    """Take a component out of the draft; its endpoint or code, test values and runs stay until the purge.

    False when it was out already.
    """
    app = component.app
    require_editor(actor, app)
    if not Component.objects.filter(pk=component.pk).update(removed_at=timezone.now()):
        return False
    record(actor, "component.removed", app, chain=app.chain, kind=component.kind)
    return True


@transaction.atomic
def restore_component(actor: Actor, component: Component) -> bool:
    """Bring a removed component back with everything it had. False when it is in the draft already."""
    app = component.app
    require_editor(actor, app)
    if not Component.every.filter(pk=component.pk, removed_at__isnull=False).update(removed_at=None):
        return False
    component.removed_at = None
    record(actor, "component.restored", app, chain=app.chain, kind=component.kind)
    return True


def removed_components(app: App) -> models.QuerySet[Component]:
    """The components that were taken out of the draft and can be brought back, the last one first."""
    return Component.every.filter(app=app, removed_at__isnull=False).order_by("-removed_at", "pk")


@transaction.atomic
def set_endpoint(
    actor: Actor, component: Component, endpoint: str, revision: int, *, test_settings: Mapping[str, Any] | None = None
) -> list[str]:
    """Set the endpoint, and the values that tests use for the settings (sealed); the names of what changed.

    `test_settings` None leaves those values alone. Raises StaleDraft for an old form.
    """
    require_editor(actor, component.app)
    component.refresh_from_db()
    values = {"endpoint": endpoint, "test_settings_sealed": component.test_settings_sealed}
    if test_settings is not None and component.open_test_settings() != dict(test_settings):
        component.put_test_settings(dict(test_settings))
        values["test_settings_sealed"] = component.test_settings_sealed
    changed = save_row(component, values, revision)
    if changed:
        record(actor, "component.changed", component.app, chain=component.app.chain,
               kind=component.kind, fields=_public_names(changed))  # fmt: skip
    return changed


@transaction.atomic
def set_mode(actor: Actor, component: Component, mode: str, revision: int) -> list[str]:
    """Choose where a destination by pull request runs (S14); the names of what changed. Raises StaleDraft.

    `planning.states.Mode` holds the modes.
    """
    require_editor(actor, component.app)
    changed = save_row(component, {"mode": mode}, revision)
    if changed:
        record(actor, "component.changed", component.app, chain=component.app.chain,
               kind=component.kind, fields=_public_names(changed))  # fmt: skip
    return changed


@transaction.atomic
def set_pull_request(actor: Actor, component: Component, address: str, revision: int) -> list[str]:
    """Name the pull request of a destination, "" for none; the names of what changed. Raises StaleDraft.

    Only `pulls.lifecycle` knows whether the address may be used.
    """
    require_editor(actor, component.app)
    changed = save_row(component, {"pull_request": address}, revision)
    if changed:
        record(actor, "component.changed", component.app, chain=component.app.chain,
               kind=component.kind, fields=_public_names(changed))  # fmt: skip
    return changed


def _public_names(columns: list[str]) -> list[str]:
    return sorted(name.removesuffix("_sealed").removesuffix("_id") for name in columns)


# --- Listing and documentation (S20 to S23) ----------------------------------------------------------


@transaction.atomic
def save_listing(actor: Actor, app: App, values: Mapping[str, Any], revision: int) -> list[str]:
    """Save columns of the catalog entry; the names of what changed. Raises StaleDraft for an old form."""
    changed = _save_part(actor, app, app.listing, values, revision, "listing.changed")
    check_new_links(app.listing)
    return changed


@transaction.atomic
def save_docs(actor: Actor, app: App, values: Mapping[str, Any], revision: int) -> list[str]:
    """Save the documentation links and texts, and have new links looked at. Raises StaleDraft for an old form."""
    listing = app.listing
    changed = _save_part(actor, app, listing, values, revision, "docs.changed", counter="docs_revision")
    check_new_links(listing)
    return changed


def check_new_links(listing: Listing) -> None:
    """Have the documentation links and the website looked at if there is one without a result."""
    if any(url not in listing.link_checks for url in listing.checked_urls):
        request_check(listing)


@transaction.atomic
def request_link_check(actor: Actor, app: App) -> None:
    """Have the documentation links looked at by a worker. Asking twice is one look."""
    require_editor(actor, app)
    request_check(app.listing)


# --- Reviewer access (S25) ---------------------------------------------------------------------------


@transaction.atomic
def save_access(
    actor: Actor, app: App, values: Mapping[str, Any], revision: int, *, secrets: Mapping[str, str] | None = None
) -> list[str]:
    """Save the test account: plain columns in `values`; `secrets` by name, "" clears, absent keeps.

    The record names the fields that changed, never what is in them. Raises StaleDraft for an old form.
    """
    access = app.reviewer_access
    access.refresh_from_db()
    columns = dict(values)
    for name, plaintext in (secrets or {}).items():
        if access.open(name) != plaintext:
            access.put(name, plaintext)
            columns[f"{name}_sealed"] = getattr(access, f"{name}_sealed")
    return _save_part(actor, app, access, columns, revision, "access.changed")


@transaction.atomic
def reveal_access(actor: User, app: App, name: str) -> str:
    """Open one secret of the test account for a reviewer, on the record. The only way to read it."""
    if not rules.can_reveal_access(actor, app):
        raise PermissionDenied
    if name not in ReviewerAccess.SEALED:
        raise ValueError(f"no such secret: {name}")
    record(actor, "access.revealed", app, chain=app.chain, field=name)
    return app.reviewer_access.open(name)


def _save_part(
    actor: Actor, app: App, part: Listing | ReviewerAccess, values: Mapping[str, Any], revision: int,
    action: str, *, counter: str = "revision",
) -> list[str]:  # fmt: skip
    require_editor(actor, app)
    changed = save_row(part, values, revision, counter=counter)
    if changed:
        record(actor, action, app, chain=app.chain, fields=_public_names(changed))
    return changed
