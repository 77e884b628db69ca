"""Where customers try an App: each workspace in which it is installed, and what still stands between it and a word
that counts (S33).

The code of a destination by pull request runs where Segment deploys it, and no workspace here sends it events. There a
customer's word rests on what the customer saw at Segment; the App has to be switched on here all the same (D48).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from apps_catalog.models import App
from reviews.delivered import with_last_delivery
from reviews.models import Verification
from reviews.thresholds import is_by_pull
from workspaces.insiders import partners_own
from workspaces.models import Destination, Workspace

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Trial:
    """An App on one source of a workspace. `obstacle`: why it cannot be confirmed from there; "" when it can."""

    destination: Destination
    obstacle: str
    delivered_at: datetime | None

    @property
    def workspace(self) -> Workspace:
        return self.destination.source.workspace

    @property
    def is_own(self) -> bool:
        """Whether somebody of the partner is a member of the workspace."""
        return bool(self.destination.is_partners_own)  # type: ignore[attr-defined]

    @property
    def works(self) -> bool:
        return not self.obstacle


def trials_of(user: User, app: App) -> list[Trial]:
    """The workspaces of `user` in which `app` is installed, each once, those from which it can be confirmed first.

    Two queries. Installed on several sources of a workspace, the one that is nearest to working stands for it.
    """
    rows, by_pull = _installed(app).filter(source__workspace__memberships__user=user), is_by_pull(app)
    best: dict[int, Trial] = {}
    for trial in sorted((_trial(row, by_pull=by_pull) for row in rows), key=_distance):
        best.setdefault(trial.workspace.pk, trial)
    return list(best.values())


def trying(app: App, number: str | None = None) -> "Page[Trial]":
    """Page `number` of where the App is tried and nobody has confirmed it yet, for the partner; the newest first.

    Installs on several sources stand apart, as they have to be set up one by one.
    """
    said = Verification.objects.filter(app=app, workspace=OuterRef("source__workspace"))
    rows = _installed(app).filter(~Exists(said)).order_by("-created_at", "-pk")
    page: Page = Paginator(rows, PAGE_SIZE).get_page(number)
    by_pull = is_by_pull(app)
    page.object_list = [_trial(one, by_pull=by_pull) for one in page.object_list]
    return page


def workable(trials: Iterable[Trial], workspace: Workspace | None) -> Trial | None:
    """The one to confirm from: that of `workspace`, or without one where an event was delivered last."""
    fitting = [one for one in trials if one.works and (workspace is None or one.workspace == workspace)]
    return max(fitting, key=lambda one: str(one.delivered_at), default=None)


def what_is_missing(app: App, trials: Iterable[Trial], workspace: Workspace | None = None) -> str:
    """Why nothing can be confirmed, in a sentence that says what to do."""
    fitting = [one for one in trials if workspace is None or one.workspace == workspace]
    if not fitting:
        then = "switch it on" if is_by_pull(app) else "send it an event"
        return f"Install {app.name} in a workspace of yours first, and {then}."
    return f"{fitting[0].workspace.name}: {fitting[0].obstacle}"


def _installed(app: App) -> QuerySet[Destination]:
    rows = Destination.objects.filter(app=app).select_related("source__workspace", "app__company")
    return with_last_delivery(partners_own(rows))


def _trial(destination: Destination, *, by_pull: bool) -> Trial:
    obstacle = _obstacle(destination, by_pull=by_pull)
    return Trial(destination, obstacle, destination.delivered_at)  # type: ignore[attr-defined]


def _obstacle(destination: Destination, *, by_pull: bool) -> str:
    if destination.is_partners_own:  # type: ignore[attr-defined]
        company = destination.app.company.name
        return f"Somebody of {company} is a member of this workspace, so a confirmation from it does not count."
    if not destination.is_enabled:
        return "It is installed, but switched off. Switch it on."
    if destination.paused_at is not None:
        return "Sending is paused after days of failures. Switch it on again once the cause is mended."
    if destination.delivered_at is None and not by_pull:  # type: ignore[attr-defined]
        return "No event has been delivered yet. Send one."
    return ""


def _distance(trial: Trial) -> tuple[bool, bool, bool, int]:
    """How far from a word that counts; the sort is stable and ends with the oldest install."""
    return not trial.works, trial.is_own, not trial.destination.takes_events, trial.destination.pk
