"""Celery tasks: thin; load, call a verb, log."""

import structlog
from celery import shared_task

from reviews import releases

log = structlog.get_logger(__name__)


@shared_task
def advance_stages() -> None:
    """Every few minutes: public betas whose days are over become public (D48)."""
    if moved := releases.advance_stages():
        log.info("stages_advanced", apps=moved)
