"""The date of an answer where it is not simply counted from now: resubmissions, holds, overturned decisions.

A place in the queue is the open time that was left when the clock stopped. It is given back when the clock
goes on, so whoever fixes what was asked for does not start at the end of the queue again (docs/review.md).
"""

from datetime import UTC, datetime

from django.utils import timezone

from partners.clock import calendar
from partners.models import Policy
from reviews.models import Submission
from reviews.states import SubmissionState

# Somebody has to have the time to look at what is new, however late the former review was.
AT_LEAST_DAYS = 1


def answered_by(previous: Submission | None) -> Submission | None:
    """`previous` itself when a new submission answers its change request."""
    is_asked = previous is not None and previous.state == SubmissionState.CHANGES_REQUESTED
    return previous if is_asked else None


def due_again(policy: Policy, due_at: datetime, stopped_at: datetime) -> datetime:
    """The new date for a wait that stopped at `stopped_at`, when `due_at` was promised, and goes on now.

    The open time that was left, at least AT_LEAST_DAYS and at most the policy's days for a new submission.
    """
    office, now = calendar(), timezone.now()
    left = max(office.business_hours_between(stopped_at, due_at), 0.0)
    earliest = office.add_business_days(now, min(AT_LEAST_DAYS, policy.review_days))
    latest = office.add_business_days(now, policy.review_days)
    return min(max(office.add_business_hours(now, left), earliest), latest).astimezone(UTC)


def shifted(due_at: datetime, stopped_at: datetime, goes_on_at: datetime) -> datetime:
    """`due_at` moved by a pause: the open time that was left at `stopped_at`, counted from `goes_on_at`."""
    office = calendar()
    left = max(office.business_hours_between(stopped_at, due_at), 0.0)
    return max(office.add_business_hours(goes_on_at, left).astimezone(UTC), due_at)
