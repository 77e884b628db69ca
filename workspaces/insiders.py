"""Which workspaces belong to the partner whose App it is (PRODUCT, Workspaces; Draft and version).

A workspace is the partner's own when some member of it belongs to the App's company. There the draft runs, and
nothing that happens there verifies a beta.
"""

from typing import TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from apps_catalog.models import App
from workspaces.models import Destination, Workspace, WorkspaceMember

Destinations = TypeVar("Destinations", bound=QuerySet[Destination])


def is_partners_own(workspace: Workspace, app: App) -> bool:
    """Whether some member of `workspace` belongs to the company of `app`."""
    return WorkspaceMember.objects.filter(workspace=workspace, user__memberships__company_id=app.company_id).exists()


def partners_own(destinations: Destinations) -> Destinations:
    """The same for many destinations in one query: each gets `is_partners_own`, true or false."""
    inside = WorkspaceMember.objects.filter(
        workspace=OuterRef("source__workspace"), user__memberships__company=OuterRef("app__company")
    )
    return destinations.annotate(is_partners_own=Exists(inside))
