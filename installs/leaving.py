"""What the leaving of a person means here (accounts.leaving.Part). Of a company: installs.client_leaving."""

from typing import Any

from django.db.models import Count

from accounts.models import User
from audit.recording import SYSTEM
from installs.lifecycle import end
from installs.models import FlowTrial, Install
from installs.states import EndReason, InstallState
from installs.trials import close_all
from workspaces.models import Workspace


def data_of(user: User) -> dict[str, Any]:
    """The consents that this person gave, and the trials that they started. No token is anywhere."""
    consents = Install.objects.filter(consented_by=user).select_related("client__app", "workspace", "source")
    trials = FlowTrial.objects.filter(started_by=user).select_related("client__app")
    return {
        "consents": [_consent(one) for one in consents],
        "trials": [
            {"app": one.client.app.slug, "state": one.state, "started_at": one.created_at.isoformat()} for one in trials
        ],
    }


def _consent(install: Install) -> dict[str, Any]:
    return {
        "app": install.client.app.slug,
        "workspace": install.workspace.slug,
        "source": install.source.slug if install.source else "",
        "scope": install.scope,
        "state": install.state,
        "consented_at": install.consented_at.isoformat(),
        "ended_at": install.ended_at.isoformat() if install.ended_at else None,
        "is_trial": install.is_trial,
    }


def forget(user: User) -> None:
    """Access to workspaces in which nobody else is ends with them; in shared ones it stays, and belongs to them.

    Without a word: whoever would get it is the one who leaves, and nothing to their address may stay behind.
    """
    close_all(FlowTrial.objects.open().filter(started_by=user))
    mine = Workspace.objects.filter(memberships__user=user).values("pk")
    alone = Workspace.objects.filter(pk__in=mine).annotate(people=Count("memberships")).filter(people=1)
    rows = Install.objects.exclude(state=InstallState.ENDED).filter(workspace__in=list(alone))
    for install in rows.select_related("workspace", "client__app").order_by("pk"):
        end(install, SYSTEM, EndReason.CUSTOMER, is_told=False)
