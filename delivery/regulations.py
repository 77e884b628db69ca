"""Requests to delete or suppress people (D34). `delivery.regulating` works on them."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from audit.recording import System, record
from delivery.models import Regulation, Suppressed
from delivery.states import RegulationKind as Kind
from delivery.states import RegulationState as State
from leases.doorbell import ring
from workspaces.models import Workspace
from workspaces.rules import can_write

KINDS = Kind.choices
# In one request, and of a workspace in a month.
MOST_USERS, MOST_USERS_A_MONTH = 5_000, 110_000
MOST_CHARACTERS = 200
WORK = "delivery.tasks.work_on_regulations"

SUPPRESSES = frozenset({Kind.SUPPRESS_ONLY, Kind.SUPPRESS_WITH_DELETE_INTERNAL, Kind.SUPPRESS_WITH_DELETE})
ERASES = frozenset(
    {Kind.DELETE_INTERNAL, Kind.SUPPRESS_WITH_DELETE_INTERNAL, Kind.DELETE_ONLY, Kind.SUPPRESS_WITH_DELETE}
)
# The destinations get a delete event for each person.
TELLS = frozenset({Kind.DELETE_ONLY, Kind.SUPPRESS_WITH_DELETE})


@transaction.atomic
def ask(actor: User | System, workspace: Workspace, kind: str, user_ids: Sequence[str]) -> Regulation:
    """Take a request; suppressing is done when this returns, deleting by a worker soon after.

    Raises PermissionDenied, and ValidationError with a text for people.
    """
    if not can_write(actor, workspace):
        raise PermissionDenied
    people = _people(kind, user_ids)
    # Two requests at once must not both fit into what is left of the month.
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    now = timezone.now()
    _require_room(workspace, len(people), now)
    _suppress(workspace, kind, people)
    is_done = kind not in ERASES
    regulation = Regulation.objects.create(
        workspace=workspace,
        kind=kind,
        user_ids=people,
        people=len(people),
        state=State.FINISHED if is_done else State.INITIALIZED,
        requested_by=None if isinstance(actor, System) else actor,
        finished_at=now if is_done else None,
        due_at=None if is_done else now,
    )
    record(actor, "workspace.regulation_asked", regulation, chain=workspace.chain, kind=kind, people=len(people))
    if not is_done:
        ring(WORK)
    return regulation


def _people(kind: str, user_ids: Sequence[str]) -> list[str]:
    """The ids, each once, in their order."""
    if kind not in Kind.values:
        raise ValidationError("Choose what to do.", code="kind")
    people = list(dict.fromkeys(user.strip() for user in user_ids if user.strip()))
    if not people:
        raise ValidationError("Enter at least one userId.", code="required")
    if len(people) > MOST_USERS:
        text = f"These are {len(people):,} ids; at most {MOST_USERS:,} fit into one request. Split them."
        raise ValidationError(text, code="too_many")
    if any(len(user) > MOST_CHARACTERS or not user.isprintable() for user in people):
        text = f"A userId has at most {MOST_CHARACTERS} characters, all of them visible."
        raise ValidationError(text, code="bad_id")
    return people


def _require_room(workspace: Workspace, number: int, now: datetime) -> None:
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    asked = Regulation.objects.filter(workspace=workspace, created_at__gte=month).aggregate(sum=Sum("people"))["sum"]
    left = MOST_USERS_A_MONTH - (asked or 0)
    if number > left:
        text = f"A workspace can name {MOST_USERS_A_MONTH:,} users a month, and {left:,} are left of them."
        raise ValidationError(text, code="budget")


def _suppress(workspace: Workspace, kind: str, people: Sequence[str]) -> None:
    if kind == Kind.UNSUPPRESS:
        Suppressed.objects.filter(workspace=workspace, user_id__in=people).delete()
    elif kind in SUPPRESSES:
        rows = (Suppressed(workspace=workspace, user_id=user) for user in people)
        Suppressed.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
