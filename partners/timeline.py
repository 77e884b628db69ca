"""The story of an access request, told from the audit record."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from audit.models import Record
from audit.recording import name_of
from partners.models import AccessRequest

LIMIT = 50
# action → (what the applicant reads, what staff read, tone). "" is nobody's news.
WORDS = {
    "access.started": ("You started your request.", "The applicant started the request.", "neutral"),
    "access.submit": ("Your request was sent.", "The applicant sent the request.", "info"),
    "access.join_waitlist": ("Your request joined the waitlist.", "The request joined the waitlist.", "info"),
    "access.amended": ("You changed your answers.", "The applicant changed the answers.", "neutral"),
    "access.judged": ("", "Verdicts were saved.", "neutral"),
    "access.ask_more": ("Segment asked for more.", "More was asked of the applicant.", "warning"),
    "access.waitlist": ("Segment put your request on the waitlist.", "It was put on the waitlist.", "info"),
    "access.admit": ("Your request is off the waitlist and being looked at.", "It was admitted.", "progress"),
    "access.approve": ("Segment approved your request.", "It was approved.", "success"),
    "access.decline": ("Segment declined your request.", "It was declined.", "danger"),
    "access.withdraw": ("You withdrew your request.", "The applicant withdrew it.", "neutral"),
    "access.applicant_left": ("", "The applicant’s account was deleted; the company keeps the request.", "neutral"),
    "access.late": ("We are late, and gave you a new date.", "It is late; the applicant has a new date.", "warning"),
    "access.escalated": ("", "The new date has passed, too; the team was told.", "warning"),
    "access.undo": ("Segment took its last decision back.", "The last decision was undone.", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    text: str
    tone: str
    actor: str


def timeline_of(access_request: AccessRequest, *, for_staff: bool = False) -> list[Entry]:
    """The last entries, newest first; one query, and one more for the names that staff read."""
    side = 1 if for_staff else 0
    told = {action: (words[side], words[2]) for action, words in WORDS.items() if words[side]}
    rows = Record.objects.filter(target=name_of(access_request), action__in=list(told)).order_by("-at", "-id")
    found = list(rows[:LIMIT])
    names = _names({row.actor for row in found}) if for_staff else {}
    return [Entry(row.at, *told[row.action], names.get(row.actor, "")) for row in found]


def _names(actors: set[str]) -> dict[str, str]:
    """The record keeps ids; whose account is gone stays without a name."""
    ids = [actor.removeprefix("user:") for actor in actors if actor.startswith("user:")]
    return {f"user:{user.pk}": user.display_name for user in User.objects.filter(pk__in=ids)}
