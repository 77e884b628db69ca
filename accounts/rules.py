"""Who a person is to Segment."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from leases.prepared import Prepared, Slot

REVIEWERS = "Reviewers"
_in_reviewers = Prepared(lambda: User.groups.through.objects.filter(
    user_id=Slot("user", User._meta.pk), group__name=REVIEWERS).values_list("pk")[:1])  # fmt: skip


def is_reviewer(user: User | AnonymousUser) -> bool:
    """Staff who judge access requests and submissions. Asked once per request object."""
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return False
    if user.is_superuser:
        return True
    answer: bool | None = user.__dict__.get("_is_reviewer")
    if answer is None:
        answer = user.__dict__["_is_reviewer"] = bool(_in_reviewers.ask(user=user.pk))
    return answer
