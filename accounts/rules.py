"""Who a person is to Segment."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User

REVIEWERS = "Reviewers"


def is_reviewer(user: User | AnonymousUser) -> bool:
    """Staff who judge access requests and submissions. Asked once per request object."""
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return False
    if user.is_superuser:
        return True
    answer: bool | None = user.__dict__.get("_is_reviewer")
    if answer is None:
        answer = user.__dict__["_is_reviewer"] = user.groups.filter(name=REVIEWERS).exists()
    return answer
