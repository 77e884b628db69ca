"""Celery tasks: thin; load, call a verb, log."""

from celery import shared_task

from testbench.claims import claim, waiting, wake
from testbench.execution import work_on


@shared_task
def run_suite(run_id: str) -> None:
    """Give one waiting run a turn, then wake whoever may go next. Harmless when it is not its turn."""
    run = claim(run_id)
    if run is None:
        return
    work_on(run)
    for next_id in waiting(limit=2):
        wake(next_id)


@shared_task
def sweep_runs() -> None:
    """Find what a lost wake-up or a killed worker left behind: due runs, and those whose lease ran out."""
    for run_id in waiting():
        wake(run_id)
