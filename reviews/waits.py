"""The waits of a partner for a review and for a release."""

from partners.waits import SEGMENT, YOU, make_wait
from reviews.models import Release, Submission
from reviews.states import SubmissionState
from runtime.business_time import BusinessCalendar
from runtime.waits import Promise, Wait


def review_wait(submission: Submission, office: BusinessCalendar | None = None) -> Wait | None:
    """The wait for a decision on `submission`; None once nobody waits. One query without an `office`."""
    if submission.is_paused:
        return make_wait(
            Promise(submission.submitted_at, None), office,
            what=f"the review of version {submission.version.number}", acts_next=YOU,
            pauses="It is on hold. The clock goes on when we have what we wait for, at the latest when the hold ends.",
        )  # fmt: skip
    if submission.is_waiting:
        return make_wait(
            Promise(submission.submitted_at, submission.due_at, submission.promised_at), office,
            what=f"the review of version {submission.version.number}", acts_next=SEGMENT,
            pauses="The clock stops when we ask for changes, and goes on when you submit again: your place is kept.",
        )  # fmt: skip
    if submission.state == SubmissionState.CHANGES_REQUESTED:
        return make_wait(
            Promise(submission.submitted_at, None), office, what="your changes", acts_next=YOU,
            pauses="The clock stands still until you submit again. Your place in the queue is kept.",
        )  # fmt: skip
    return None


def release_wait(release: Release, office: BusinessCalendar | None = None) -> Wait | None:
    """The wait for the release that was asked for; None once the App is released."""
    if release.released_at is not None:
        return None
    return make_wait(
        Promise(release.requested_at, release.due_at, release.promised_at), office,
        what="the release", acts_next=SEGMENT,
        pauses="Nothing pauses it: Apps go out on the next release day after its cut-off. Another day, another date.",
    )  # fmt: skip
