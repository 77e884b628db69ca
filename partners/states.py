"""The states of an access request, and the moves between them (S1 to S7)."""

from django.db.models import TextChoices


class RequestState(TextChoices):
    DRAFT = "draft", "draft"
    SUBMITTED = "submitted", "waiting for Segment"
    MORE_ASKED = "more_asked", "waiting for you"
    WAITLISTED = "waitlisted", "on the waitlist"
    APPROVED = "approved", "approved"
    DECLINED = "declined", "declined"
    WITHDRAWN = "withdrawn", "withdrawn"


# verb → (from, to). The page, the POST and the tests walk this one table.
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "submit": (frozenset({RequestState.DRAFT, RequestState.MORE_ASKED}), RequestState.SUBMITTED),
    "join_waitlist": (frozenset({RequestState.DRAFT}), RequestState.WAITLISTED),
    "waitlist": (frozenset({RequestState.SUBMITTED}), RequestState.WAITLISTED),
    "admit": (frozenset({RequestState.WAITLISTED}), RequestState.SUBMITTED),
    "ask_more": (frozenset({RequestState.SUBMITTED}), RequestState.MORE_ASKED),
    "approve": (frozenset({RequestState.SUBMITTED, RequestState.WAITLISTED}), RequestState.APPROVED),
    "decline": (frozenset({RequestState.SUBMITTED, RequestState.WAITLISTED}), RequestState.DECLINED),
    "withdraw": (
        frozenset({RequestState.DRAFT, RequestState.SUBMITTED, RequestState.MORE_ASKED, RequestState.WAITLISTED}),
        RequestState.WITHDRAWN,
    ),
}

# The verbs of a reviewer, in the order in which the decision bar shows them.
DECISIONS = ("approve", "ask_more", "waitlist", "admit", "decline")
# What a decision made can be taken back from, within the undo interval.
UNDOABLE = frozenset({RequestState.APPROVED, RequestState.DECLINED, RequestState.MORE_ASKED, RequestState.WAITLISTED})


def decisions_from(state: str) -> list[str]:
    """The decisions that are open in `state`."""
    return [verb for verb in DECISIONS if state in MOVES[verb][0]]


# An applicant has at most one request that is still going somewhere.
OPEN = frozenset({RequestState.DRAFT, RequestState.SUBMITTED, RequestState.MORE_ASKED, RequestState.WAITLISTED})
AMENDABLE = OPEN
# Autosave keeps what is typed in these; elsewhere a change is sent on purpose, because somebody is reading.
TYPING = frozenset({RequestState.DRAFT, RequestState.MORE_ASKED})
# What has ended without a company may be tried again.
RETRIABLE = frozenset({RequestState.DECLINED, RequestState.WITHDRAWN})


class Role(TextChoices):
    OWNER = "owner", "owner"
    DEVELOPER = "developer", "developer"
    VIEWER = "viewer", "viewer"


class Criterion(TextChoices):
    """The four tests of vetting (S6)."""

    REAL_COMPANY = "real_company", "Represents a real company"
    USE_CASES = "use_cases", "Has use cases that fit the platform"
    CAN_INTEGRATE = "can_integrate", "Runs a service that can integrate"
    ELIGIBLE = "eligible", "Is neither a Segment customer nor a security researcher"


class CriterionOutcome(TextChoices):
    MET = "met", "met"
    NOT_MET = "not_met", "not met"
    UNCLEAR = "unclear", "unclear"


class Document(TextChoices):
    """What an applicant agrees to (S4)."""

    PROGRAM_AGREEMENT = "program_agreement", "Segment Partner Program Agreement"
    PRIVACY_POLICY = "privacy_policy", "Privacy Policy"
