"""Celery tasks: thin; load, call a verb, log."""

from celery import shared_task


@shared_task
def sweep_events() -> None:
    """Find events that nobody dispatched, whatever wake-up was lost."""


@shared_task
def sweep_deliveries() -> None:
    """Find deliveries that are due, whatever wake-up was lost."""


@shared_task
def drain() -> None:
    """Deliver what is due, for a while."""
