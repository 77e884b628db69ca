"""The words that deliveries send. Each function is called by one verb and by nothing else."""

from datetime import datetime

from django.urls import reverse

from accounts.models import User
from notifications.outbox import queue
from workspaces.models import Destination
from workspaces.states import WorkspaceRole


def tell_paused(destination: Destination, since: datetime, code: str) -> None:
    """Tell the owners of the workspace that nothing is sent any more, and since when nothing arrived."""
    source, app = destination.source, destination.app
    owners = User.objects.filter(
        is_active=True,
        workspace_memberships__workspace=source.workspace_id,
        workspace_memberships__role=WorkspaceRole.OWNER,
    )
    url = reverse("destination-deliveries", args=[source.workspace.slug, source.slug, app.slug])
    for owner in owners:
        queue(
            "destination_paused",
            owner,
            "destination_paused",
            {"app": app, "source": source, "failing_since": since, "code": code},
            notice=f"{app.name} on {source.name} is paused: it took no events for days.",
            url=url,
            case=f"destination:{destination.pk}",
            dedupe_key=f"destination:{destination.pk}:paused:{int(since.timestamp())}:{owner.pk}",
        )
