"""What happened to an App lately, in words: the audit record, read for people."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from apps_catalog.activity import describe
from apps_catalog.models import App
from audit.models import Record
from audit.recording import name_of

# What apps_catalog.activity has words for and the overview shows too.
DRAFT_ACTIONS = (
    "app.created", "app.renamed", "app.open_private_beta", "app.open_public_beta", "app.make_public", "app.deprecate",
    "component.added", "component.removed", "component.restored", "component.changed",
    "listing.changed", "docs.changed", "access.changed",
)  # fmt: skip
# action → what the overview says.
WORDS = {
    "checklist.attested": "Checklist item confirmed",
    "checklist.retracted": "Confirmation of a checklist item taken back",
    "submission.submitted": "Submitted for review",
    "submission.withdrawn": "Submission withdrawn",
    "submission.approved": "Approved",
    "submission.changes_requested": "Changes requested",
    "submission.rejected": "Rejected",
    "submission.decision_undone": "Decision taken back",
    "enquiry.asked": "Question asked by Segment",
    "enquiry.answered": "Question answered",
    "beta.invited": "Customer invited",
    "beta.invite_revoked": "Invitation taken back",
    "beta.invite_accepted": "Invitation accepted",
    "beta.invited_only_set": "Access to the special URL changed",
    "beta.verified": "A customer confirmed that it works",
    "beta.problem_reported": "A customer reported a problem",
    "release.requested": "Asked to go public",
    "release.released": "Released to the catalog",
    "release.undone": "Release taken back",
}

TONES = {
    "submission.approved": "success",
    "submission.changes_requested": "warning",
    "submission.rejected": "danger",
    "submission.submitted": "progress",
    "beta.verified": "success",
    "beta.problem_reported": "warning",
    "enquiry.asked": "warning",
    "release.released": "success",
    "app.make_public": "success",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline. `who` is a name, or “Segment” for staff and machines."""

    action: str
    text: str
    who: str
    at: datetime
    version: int | None = None

    @property
    def tone(self) -> str:
        return TONES.get(self.action, "neutral")


def recent_events(app: App, limit: int = 5, *, submission_id: str = "") -> list[Event]:
    """The newest events of `app` (of one submission, if named) in two queries, whatever their number."""
    records = Record.objects.filter(target=name_of(app), action__in=(*WORDS, *DRAFT_ACTIONS))
    if submission_id:
        records = records.filter(data__submission=submission_id)
    found = list(records.order_by("-id")[:limit])
    names = _names({one.actor for one in found}, app)
    return [_event(one, names) for one in found]


def _event(entry: Record, names: dict[str, str]) -> Event:
    who = names.get(entry.actor, "Segment")
    version = entry.data.get("version")
    return Event(
        entry.action,
        WORDS.get(entry.action) or describe(entry),
        who,
        entry.at,
        version if isinstance(version, int) else None,
    )


def _names(actors: set[str], app: App) -> dict[str, str]:
    """Names of the partner's own people; of others only what they are to the partner."""
    ids = [actor.partition(":")[2] for actor in actors if actor.startswith("user:")]
    people = User.objects.filter(pk__in=ids).prefetch_related("memberships")
    return {f"user:{person.pk}": _name(person, app) for person in people}


def _name(person: User, app: App) -> str:
    if any(membership.company_id == app.company_id for membership in person.memberships.all()):
        return person.display_name
    return "Segment" if person.is_staff else "a customer"
