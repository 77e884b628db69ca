"""The verbs about installs: proposed by a consent, active from the first exchange, ended once and for all (D41 to D43).

Refusal
├─ AlreadyInstalled   the App is active in this workspace ("install already exists", D43)
└─ Ended              the install is over
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.recording import SYSTEM, System, record
from installs import emails, tokens
from installs.models import Client, Install
from installs.states import EndReason, InstallState, ScopeKind
from workspaces.installing import can_install
from workspaces.models import Source, Workspace
from workspaces.rules import can_own


class Refusal(Exception):
    """Something stands against it; the text is the one of the original protocol."""


class AlreadyInstalled(Refusal):
    def __init__(self) -> None:
        super().__init__("install already exists")


class Ended(Refusal):
    def __init__(self) -> None:
        super().__init__("install does not exist")


@transaction.atomic
def propose(
    actor: User, client: Client, workspace: Workspace, source: Source | None, *, is_trial: bool = False
) -> Install:
    """The consent of a workspace owner. Whatever of the same App was left pending there is replaced.

    `source` is asked for by the destination scope only. Raises AlreadyInstalled, ValidationError, PermissionDenied.
    """
    era = hold_scope(client)
    if not (can_own(actor, workspace) and can_install(actor, workspace, client.app)):
        raise PermissionDenied
    wants_source = client.scope_kind == ScopeKind.DESTINATION
    if wants_source and (source is None or source.workspace_id != workspace.pk or source.removed_at is not None):
        raise ValidationError("Choose a source.", code="source")
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    here = Install.objects.filter(client=client, workspace=workspace, is_trial=is_trial)
    if not is_trial and here.active().exists():
        raise AlreadyInstalled
    for left in here.filter(state=InstallState.PENDING).order_by("pk"):
        end(left, SYSTEM, EndReason.REPLACED)
    made = Install.objects.create(
        client=client, workspace=workspace, source=source if wants_source else None, scope_kind=client.scope_kind,
        scope_era=era, consented_by=actor, is_trial=is_trial,
    )  # fmt: skip
    record(actor, "install.consented", made, chain=workspace.chain, client=client.pk, scope=made.scope)
    return made


def hold_scope(client: Client) -> int:
    """The era of its scope, which nobody changes until the end of the transaction.

    Locked in this order: client, workspace, install, chains. `no_key`, because tokens that are given at the same
    moment only point at their client. Raises ValidationError (code “scope”) when it asks for something else by now.
    """
    now = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if now.scope_kind != client.scope_kind:
        raise ValidationError("The App asks for something else now. Go back to it and start again.", code="scope")
    return now.scope_era


@transaction.atomic
def activate(install: Install) -> None:
    """Its code was exchanged for the first time. Raises AlreadyInstalled when another one was quicker, and Ended."""
    waiting = Install.objects.filter(pk=install.pk, state=InstallState.PENDING)
    now = timezone.now()
    try:
        with transaction.atomic():
            moved = waiting.update(state=InstallState.ACTIVE, activated_at=now)
    except IntegrityError:
        raise AlreadyInstalled from None
    if not moved:
        raise Ended
    install.state, install.activated_at = InstallState.ACTIVE, now
    record(install.machine, "install.activated", install, chain=install.workspace.chain, client=install.client_id)
    emails.tell_active(install)


@transaction.atomic
def end(install: Install, actor: User | System, reason: EndReason, *, is_told: bool = True) -> bool:
    """Every token of it stops working at once; False when it had ended before. There is no way back.

    `is_told`: whether the owners of the workspace hear of it.
    """
    if isinstance(actor, User) and not can_own(actor, install.workspace):
        raise PermissionDenied
    now = timezone.now()
    by = actor if isinstance(actor, User) else None
    open_ones = Install.objects.filter(pk=install.pk).exclude(state=InstallState.ENDED)
    if not open_ones.update(state=InstallState.ENDED, ended_at=now, ended_by=by, end_reason=reason):
        return False
    tokens.kill(install)
    install.state, install.ended_at, install.end_reason = InstallState.ENDED, now, reason
    record(actor, "install.ended", install, chain=install.workspace.chain, reason=str(reason))
    if is_told:
        emails.tell_ended(install, reason)
    return True
