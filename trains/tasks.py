"""Celery tasks: thin; load, call a verb, log. No train leaves by itself: people or the command let it."""

import structlog
from celery import shared_task

from trains.watching import watch

log = structlog.get_logger(__name__)


@shared_task
def watch_trains() -> None:
    """Every few minutes: makers hear of another train, the team of a cut-off and of a train that waits."""
    if told := watch():
        log.info("trains_told", passengers=told)
