"""Celery tasks: thin; load, call a verb, log."""

import structlog
from celery import shared_task

from upkeep import launch_content, nights

log = structlog.get_logger(__name__)


@shared_task
def check_night() -> None:
    """Every minute, and when somebody asks: look at listed Apps that nobody has looked at in this night."""
    if looks := nights.work():
        log.info("night_checked", apps=looks)


@shared_task
def remind_of_launches() -> None:
    """Every hour: reminders of the launch content that is planned."""
    if told := launch_content.remind():
        log.info("launches_reminded", items=told)
