"""What a partner does with the echo inbox: choose how it answers, clear it, take that back."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.undo import can_be_undone
from apps_catalog import rules
from apps_catalog.models import App, EchoInbox
from apps_catalog.states import EchoScript
from audit.recording import record


@dataclass(frozen=True, slots=True)
class Script:
    """How the inbox is to answer. `times` None: until it is changed; `seconds` for Retry-After and the slow answer."""

    name: EchoScript
    times: int | None = None
    seconds: int = 0
    message: str = ""


@transaction.atomic
def set_script(actor: User, app: App, script: Script) -> None:
    """Answer the next requests so. Setting the same again starts its count anew."""
    _require_editor(actor, app)
    EchoInbox.objects.filter(app=app).update(
        script=script.name,
        script_left=None if script.name == EchoScript.OK else script.times,
        script_seconds=script.seconds,
        script_message=script.message,
    )
    record(actor, "echo.scripted", app, chain=app.chain, script=str(script.name))


@transaction.atomic
def clear(actor: User, app: App) -> bool:
    """Put everything that came so far out of sight, until it is swept. False when there is nothing."""
    _require_editor(actor, app)
    inbox = EchoInbox.objects.select_for_update().get(app=app)
    newest = inbox.requests.values_list("pk", flat=True).first()
    if newest is None or newest <= inbox.cleared_to:
        return False
    # What was cleared before is gone for good: one step can be taken back.
    inbox.requests.filter(pk__lte=inbox.cleared_to).delete()
    inbox.cleared_to, inbox.cleared_at = newest, timezone.now()
    inbox.save(update_fields=["cleared_to", "cleared_at"])
    record(actor, "echo.cleared", app, chain=app.chain)
    return True


@transaction.atomic
def undo_clear(actor: User, app: App) -> bool:
    """Bring back what was cleared last. False when there is nothing to bring back any more."""
    _require_editor(actor, app)
    inbox = EchoInbox.objects.select_for_update().get(app=app)
    if not can_be_undone(inbox.cleared_at):
        return False
    inbox.cleared_to, inbox.cleared_at = 0, None
    inbox.save(update_fields=["cleared_to", "cleared_at"])
    record(actor, "echo.restored", app, chain=app.chain)
    return True


def _require_editor(actor: User, app: App) -> None:
    if not rules.can_edit_app(actor, app):
        raise PermissionDenied
