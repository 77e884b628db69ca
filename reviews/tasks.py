"""Celery tasks: thin; load, call a verb, log."""

import structlog
from celery import shared_task
from django.utils import timezone

from notifications import arrivals
from reviews import lateness, launches, probes, releases, replies, service_levels, workspace_tests

log = structlog.get_logger(__name__)


@shared_task
def advance_stages() -> None:
    """Every few minutes: Apps whose launch day has come are listed; public betas whose days are over become public."""
    if listed := launches.launch_due():
        log.info("apps_launched", apps=listed)
    if moved := releases.advance_stages():
        log.info("stages_advanced", apps=moved)


@shared_task
def run_sla_clock() -> None:
    """Every minute: late waits get an apology with a new date and are told to the team; hourly: service levels."""
    now = timezone.now()
    steps = list(lateness.run_clock(now))
    if steps:
        log.info("sla_clock_ran", steps=len(steps), failed=sum(bool(step.error) for step in steps))
    service_levels.refresh_when_old(now)


@shared_task
def run_probes() -> None:
    """Look at one App whose addresses somebody wants looked at; also the sweep."""
    probes.work_on_due()


@shared_task
def keep_workspace_tests() -> None:
    """Every hour: what delivered events prove for a checklist is written down, because events are purged."""
    if kept := workspace_tests.keep_all():
        log.info("workspace_tests_kept", items=kept)


@shared_task
def read_arrived_mails() -> None:
    """The wake-up and the beat for answers by mail that a provider has handed over."""
    arrivals.read_due(replies.receive)
