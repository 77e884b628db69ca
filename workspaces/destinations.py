"""The verbs about destinations: an App is configured on a source, switched on and off, and taken away (S18)."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from apps_catalog.drafting import StaleDraft
from apps_catalog.models import App
from audit.recording import record
from vault.sealing import CannotOpen
from workspaces import rules
from workspaces.installing import can_install, what_is_installed
from workspaces.making import Actor
from workspaces.models import Destination, Source
from workspaces.states import ConnectionMode


@transaction.atomic
def install(actor: Actor, source: Source, app: App, values: Mapping[str, Any], *, enable: bool = False) -> Destination:
    """Configure `app` on `source`. `values` is what the settings form made of them, by key.

    Installed already: the values are saved, and `enable` switches it on; nothing switches it off. Removed once:
    the same row comes back. Raises ValidationError when `enable` lacks a required value, and PermissionDenied.
    """
    if not (rules.can_write(actor, source.workspace) and can_install(actor, source.workspace, app)):
        raise PermissionDenied
    Source.objects.select_for_update().get(pk=source.pk)
    by = actor if isinstance(actor, User) else None
    destination, is_new = Destination.every.get_or_create(source=source, app=app, defaults={"created_by": by})
    destination.source, destination.app = source, app
    if is_new or destination.removed_at is not None:
        _begin(actor, destination, by)
    _write(actor, destination, values)
    if enable:
        set_enabled(actor, destination, True)
    return destination


def _begin(actor: Actor, destination: Destination, by: User | None) -> None:
    rows = Destination.every.filter(pk=destination.pk)
    mode = ConnectionMode.UNSPECIFIED
    rows.update(removed_at=None, paused_at=None, connection_mode=mode, created_by=by, created_at=timezone.now())
    destination.removed_at, destination.paused_at, destination.connection_mode = None, None, mode
    record(
        actor, "destination.installed", destination, chain=destination.source.workspace.chain, app=destination.app_id
    )


@transaction.atomic
def save_values(
    actor: Actor, destination: Destination, values: Mapping[str, Any], *, revision: int | None = None
) -> bool:
    """Replace the values of the settings; False when they are the same. `values` has all of them, secrets too.

    `revision` is the number that the form was filled in from; when another one was saved since,
    apps_catalog.drafting.StaleDraft is raised. Raises ValidationError when a destination that is on would lose a
    required value.
    """
    _require_writer(actor, destination)
    found = _held(destination)
    if revision is not None and revision != found.revision and _known(found) != dict(values):
        raise StaleDraft(found)
    if found.is_enabled:
        _require_complete(found, values)
    return _write(actor, destination, values)


def _write(actor: Actor, destination: Destination, values: Mapping[str, Any]) -> bool:
    if _known(destination) == dict(values):
        return False
    destination.put_values(dict(values))
    Destination.objects.filter(pk=destination.pk).update(
        settings_sealed=destination.settings_sealed, revision=F("revision") + 1, updated_at=timezone.now()
    )
    destination.refresh_from_db(fields=["revision", "updated_at"])
    record(
        actor, "destination.configured", destination, chain=destination.source.workspace.chain,
        revision=destination.revision,
    )  # fmt: skip
    return True


@transaction.atomic
def set_enabled(actor: Actor, destination: Destination, on: bool) -> bool:
    """Send events to it, or not; False when it was so already.

    Raises ValidationError when a required setting is empty. Off and on again ends no pause: resuming does.
    """
    _require_writer(actor, destination)
    found = _held(destination)
    if on:
        _require_complete(found, _known(found) or {})
    changed = Destination.objects.filter(pk=destination.pk, is_enabled=not on).update(
        is_enabled=on, updated_at=timezone.now()
    )
    if changed:
        action = "destination.enabled" if on else "destination.disabled"
        record(actor, action, destination, chain=destination.source.workspace.chain)
    destination.is_enabled = on
    return bool(changed)


@transaction.atomic
def set_mode(actor: Actor, destination: Destination, mode: str) -> bool:
    """Send events in this way only (`ConnectionMode`); False when it was so already.

    Raises ValidationError for a way that the App does not offer.
    """
    _require_writer(actor, destination)
    found = _held(destination)
    if mode not in what_is_installed(found.app, found.source.workspace).modes:
        raise ValidationError(f"{found.app} has no component for the connection mode {mode}.", code="mode")
    changed = Destination.objects.filter(pk=destination.pk).exclude(connection_mode=mode)
    if not changed.update(connection_mode=mode, updated_at=timezone.now()):
        return False
    destination.connection_mode = mode
    record(actor, "destination.mode_set", destination, chain=destination.source.workspace.chain, mode=mode)
    return True


@transaction.atomic
def remove_destination(actor: Actor, destination: Destination) -> bool:
    """Take it off its source and forget its settings; False when that was done already."""
    _require_writer(actor, destination)
    gone = {"removed_at": timezone.now(), "is_enabled": False, "settings_sealed": "", "revision": F("revision") + 1}
    if not Destination.objects.filter(pk=destination.pk).update(**gone):
        return False
    record(actor, "destination.removed", destination, chain=destination.source.workspace.chain)
    return True


def _held(destination: Destination) -> Destination:
    """The row as it is now, held until the end of the transaction. Raises ValidationError when it was removed."""
    found = Destination.objects.select_for_update().filter(pk=destination.pk).first()
    if found is None:
        raise ValidationError("This destination was removed in the meantime.", code="gone")
    found.source, found.app = destination.source, destination.app
    return found


def _known(destination: Destination) -> dict[str, Any] | None:
    """The saved values; None when nobody can read them any more, so that they can be given again."""
    try:
        return destination.open_values()
    except CannotOpen:
        return None


def _require_complete(destination: Destination, values: Mapping[str, Any]) -> None:
    missing = what_is_installed(destination.app, destination.source.workspace).missing(values)
    if missing:
        labels = ", ".join(f"“{setting.label}”" for setting in missing)
        raise ValidationError(f"Fill in {labels} first.", code="incomplete")


def _require_writer(actor: Actor, destination: Destination) -> None:
    if not rules.can_write(actor, destination.source.workspace):
        raise PermissionDenied
