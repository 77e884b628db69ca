"""The wait of an applicant for Segment, in words, and the pieces that every wait is made of."""

from datetime import datetime

from django.utils import timezone

from partners.clock import calendar
from partners.models import AccessRequest
from partners.states import RequestState
from runtime import waits
from runtime.business_time import BusinessCalendar
from runtime.waits import Promise, Wait

SEGMENT, YOU = "Segment", "You"


def access_wait(access_request: AccessRequest, office: BusinessCalendar | None = None) -> Wait | None:
    """The wait for an answer to a request; None where nobody waits. One query without an `office`."""
    started_at = clock_started_at(access_request)
    if access_request.state == RequestState.SUBMITTED and started_at and access_request.due_at:
        return make_wait(
            Promise(started_at, access_request.due_at, access_request.promised_at), office,
            what="our answer", acts_next=SEGMENT,
            pauses="If we have to ask you something, the clock stands still until you have answered.",
        )  # fmt: skip
    if access_request.state == RequestState.MORE_ASKED and started_at:
        return make_wait(
            Promise(started_at, None), office, what="your answer", acts_next=YOU,
            pauses="The clock stands still until you have answered. Then you get a new date at once.",
        )  # fmt: skip
    return None


def clock_started_at(access_request: AccessRequest) -> datetime | None:
    """When the request was sent, or let in from the waitlist."""
    return access_request.decided_at or access_request.submitted_at


def make_wait(
    promise: Promise, office: BusinessCalendar | None = None, *, what: str, acts_next: str, pauses: str
) -> Wait:
    """A wait as it stands now, by the office's calendar."""
    now = timezone.now()
    return waits.wait(office or calendar(), now, promise, what=what, acts_next=acts_next, pauses=pauses)
