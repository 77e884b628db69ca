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
    "listing.changed", "docs.changed", "access.changed", "plan.looked_at",
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
    "submission.reopened": "The review goes on: GitHub’s reviews changed",
    "submission.rolled_back": "The release was rolled back: changes are asked for",
    "submission.held": "Review put on hold",
    "submission.unheld": "Review goes on",
    "findings.answered": "Findings answered",
    "appeal.made": "Appeal made",
    "appeal.withdrawn": "Appeal taken back by submitting again",
    "appeal.upheld": "Appeal judged: the decision stands",
    "appeal.overturned": "Appeal judged: the decision is overturned",
    "appeal.undone": "Verdict on the appeal taken back",
    "app.changed_live": "Change went live on save",
    "live_change.kept": "Change of the live App looked at and kept",
    "live_change.taken_back": "Change of the live App taken back",
    "live_change.undone": "Verdict on a change taken back",
    "enquiry.asked": "Question asked by Segment",
    "enquiry.answered": "Question answered",
    "beta.invited": "Customer invited",
    "beta.invite_revoked": "Invitation taken back",
    "beta.invite_accepted": "Invitation accepted",
    "beta.invited_only_set": "Access to the special URL changed",
    "beta.verified": "A customer confirmed that it works",
    "beta.problem_reported": "A customer reported a problem",
    "submission.late": "Late: Segment apologised and gave a new date",
    "release.late": "Late: Segment apologised and gave a new release date",
    "release.requested": "Asked to go public",
    "release.released": "Released to the catalog",
    "release.undone": "Release taken back",
    "release.changed": "Day of the launch changed",
    "release.cancelled": "Request to go public taken back",
    "release.postponed": "Launch moved to the next release day",
    "release.listed": "In the catalog",
    "beta.invite_resent": "New link sent to a customer",
    "train.boarded": "On board of the release train",
    "train.taken_off": "Taken off the release train",
    "train.held": "Release held back",
    "train.unheld": "Release no longer held back",
    "train.emergency": "Released by the emergency lane",
    "train.released": "Released",
    "train.rolled_back": "Release rolled back",
}

TONES = {
    "submission.approved": "success",
    "submission.changes_requested": "warning",
    "submission.rejected": "danger",
    "submission.held": "warning",
    "submission.reopened": "warning",
    "submission.rolled_back": "warning",
    "appeal.overturned": "success",
    "live_change.taken_back": "warning",
    "submission.submitted": "progress",
    "beta.verified": "success",
    "beta.problem_reported": "warning",
    "enquiry.asked": "warning",
    "submission.late": "warning",
    "release.late": "warning",
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


def lines_of(records: list[Record], app: App) -> dict[int, Event]:
    """Records as lines, by their ids, in two queries however many there are."""
    names = _names({one.actor for one in records}, app)
    return {one.pk: _event(one, names) for one in records}


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
