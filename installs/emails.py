"""The words to the owners of a workspace when an App gets access, and when that ends. Only verbs call them."""

from django.urls import reverse

from accounts.models import User
from installs.models import Install
from installs.states import EndReason
from notifications.outbox import queue
from workspaces.models import Workspace
from workspaces.states import WorkspaceRole

# Why an access ended, as a sentence of the mail.
REASONS: dict[str, str] = {
    EndReason.CUSTOMER: "An owner of the workspace ended it.",
    EndReason.PARTNER: "The maker of the App gave it back.",
    EndReason.SCOPE: "Segment took back the right of the App to ask for a whole workspace.",
    EndReason.APP: "The App was taken away.",
    EndReason.SOURCE: "The source was removed.",
    EndReason.REPLACED: "It was replaced by a newer consent.",
    EndReason.EXPIRED: "It was not finished in time.",
    EndReason.TRIAL: "It was a trial.",
}


def tell_active(install: Install) -> None:
    """To every owner: nobody is surprised by an App that a colleague let in. Trials are nobody's news."""
    if install.is_trial:
        return
    app = install.client.app
    notice = f"{app.name} has access to {install.workspace.name}."
    _tell("access_given", install, notice, {"where": _where(install), "by": _name(install.consented_by)})


def tell_ended(install: Install, reason: EndReason) -> None:
    """The same when it ends. Those that never worked end in silence."""
    if install.is_trial or install.activated_at is None:
        return
    app = install.client.app
    notice = f"{app.name} has no access to {install.workspace.name} any more."
    _tell("access_ended", install, notice, {"why": REASONS[reason]})


def _tell(kind: str, install: Install, notice: str, more: dict[str, object]) -> None:
    workspace = install.workspace
    for owner in _owners(workspace):
        queue(
            kind,
            owner,
            kind,
            {"app": install.client.app, "workspace": workspace, **more},
            notice=notice,
            url=reverse("workspace-access", args=[workspace.slug]),
            case=f"install:{install.pk}",
            dedupe_key=f"install:{install.pk}:{kind}:{owner.pk}",
        )


def _owners(workspace: Workspace) -> list[User]:
    owners = User.objects.filter(
        is_active=True, workspace_memberships__workspace=workspace, workspace_memberships__role=WorkspaceRole.OWNER
    )
    return list(owners)


def _where(install: Install) -> str:
    """What it may use, in words: “the source Website”."""
    return f"the source {install.source.name}" if install.source else "the whole workspace"


def _name(person: User | None) -> str:
    return person.display_name if person else "Somebody who has left"
