"""Whose turn it is: which waiting run a worker may take (SECURITY T34).

One company holds at most RUNS_PER_COMPANY workers at once, and each company's first run comes before
anybody's second.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from leases.doorbell import ring
from leases.transitions import move
from partners.models import Company
from testbench.models import SuiteRun
from testbench.states import ACTIVE, RunState

RUNS_PER_COMPANY = 2
# A run that brought so many workers down is given up; a normal one needs at most a dozen turns.
MAX_ATTEMPTS = 30


def lease() -> timedelta:
    """How long a silent worker is believed to be alive: twice what one case may take, 30 s.

    It is extended before and after each case; a killed worker's run is taken over within that time (F1).
    """
    return timedelta(seconds=max(5.0, 2 * settings.EGRESS_TOTAL_SECONDS))


@transaction.atomic
def claim(run_id: UUID | str) -> SuiteRun | None:
    """Take this run if it is waiting and its company has a free turn; None otherwise."""
    run = SuiteRun.objects.claimable().filter(pk=run_id).select_related("app").first()
    if run is None:
        return None
    # Two workers that ask for runs of one company at the same moment count one after the other.
    Company.objects.select_for_update(no_key=True).get(pk=run.app.company_id)
    if _held([run.app.company_id]).get(run.app.company_id, 0) >= RUNS_PER_COMPANY:
        return None
    claimed = SuiteRun.objects.filter(pk=run_id).claim(limit=1, lease=lease())
    if not claimed:
        return None
    run = claimed[0]
    move(run, "state", from_=ACTIVE, to=RunState.RUNNING, started_at=run.started_at or timezone.now())
    return run


def waiting(limit: int = 20) -> list[UUID]:
    """Runs that may start now, in the order of fairness. Two queries, whatever waits."""
    turn = Window(RowNumber(), partition_by=F("app__company_id"), order_by=[F("due_at").asc(), F("pk").asc()])
    rows = list(
        SuiteRun.objects.claimable()
        .annotate(turn=turn)
        .filter(turn__lte=RUNS_PER_COMPANY)
        .order_by("turn", "due_at", "pk")
        .values_list("pk", "app__company_id", "turn")[: 2 * limit]
    )
    held = _held([company_id for _, company_id, _ in rows])
    free = [pk for pk, company_id, turn in rows if turn + held.get(company_id, 0) <= RUNS_PER_COMPANY]
    return free[:limit]


def _held(company_ids: list[int]) -> dict[int, int]:
    """How many runs of each company a worker holds at this moment."""
    rows = (
        SuiteRun.objects.filter(app__company_id__in=company_ids, lease_until__gte=timezone.now())
        .order_by()
        .values_list("app__company_id")
        .annotate(held=Count("pk"))
    )
    return dict(rows)


def others_ahead(run: SuiteRun) -> int:
    """How many other runs of the company hold its turns while this one waits; 0 while a turn is free."""
    held = _held([run.app.company_id]).get(run.app.company_id, 0)
    return held if held >= RUNS_PER_COMPANY else 0


def wake(run_id: UUID | str) -> None:
    """Tell the workers, once what was written is committed. A lost call costs one sweep, nothing else."""
    ring("testbench.tasks.run_suite", str(run_id))
