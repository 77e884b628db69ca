"""Celery tasks: thin; load, call a verb, log."""

from celery import shared_task

from notifications import heartbeat
from notifications.delivery import drain


@shared_task
def deliver_due() -> None:
    """The wake-up: send what is due now."""
    drain()


@shared_task
def sweep_outbox() -> None:
    """The beat: send what a lost wake-up, a dead worker or an earlier failure has left due."""
    heartbeat.beat(heartbeat.SWEEP)
    drain()
