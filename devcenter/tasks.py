"""Celery tasks: thin; load, call a verb, log."""

import structlog
from celery import shared_task
from django.utils import timezone

from devcenter.purging import purge

log = structlog.get_logger(__name__)


@shared_task
def purge_expired() -> None:
    """Hourly: remove what has outlived its time."""
    gone, failed = purge(timezone.now())
    if any(gone.values()) or failed:
        log.info("purged", gone={name: number for name, number in gone.items() if number}, failed=sorted(failed))
