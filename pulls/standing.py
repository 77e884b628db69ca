"""How the pull request of an App stands: what checklist, desk and train read."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from apps_catalog.models import App
from apps_catalog.states import ComponentKind
from pulls.models import PullRequest
from pulls.timeline import timeline

__all__ = ["Snapshot", "of_app", "parse", "pull_at", "snapshot", "timeline"]

_ADDRESS = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/pull/(\d{1,9})/?(?:files|commits|checks)?/?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What decides, of one moment."""

    verdict: str
    checks: str
    head_sha: str
    is_open: bool
    is_draft: bool
    merged_at: datetime | None
    base: str


def snapshot(pull: PullRequest) -> Snapshot:
    return Snapshot(pull.verdict, pull.checks, pull.head_sha, pull.is_open, pull.is_draft, pull.merged_at, pull.base)


def parse(address: str) -> tuple[str, int] | None:
    """Repository (“owner/name”, lower case) and number of an address of a pull request; None for anything else."""
    found = _ADDRESS.fullmatch(address.strip().split("#")[0].split("?")[0])
    return (found[1].lower(), int(found[2])) if found else None


def pull_at(address: str, app: App) -> PullRequest | None:
    """The pull request at `address`, if it is linked to `app`; one query."""
    key = parse(address)
    if key is None:
        return None
    rows = PullRequest.objects.select_related("repository").filter(app=app)
    return rows.filter(repository__name=key[0], number=key[1]).first()


def of_app(app: App) -> PullRequest | None:
    """The pull request that the draft of `app` names, if it is linked; one query."""
    drafts = PullRequest.objects.filter(
        app=app, app__components__kind=ComponentKind.ACTIONS_DESTINATION, app__components__removed_at__isnull=True
    )
    rows = drafts.annotate(named=F("app__components__pull_request")).select_related("repository", "linked_by")
    return next((pull for pull in rows if parse(pull.named) == (pull.repository.name, pull.number)), None)
