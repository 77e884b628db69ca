"""Celery tasks: thin; load, call a verb, log."""

import time

import structlog
from celery import shared_task
from django.utils import timezone

from notifications import heartbeat, stuck
from notifications.delivery import drain
from notifications.slack import SlackLine, open_channels

log = structlog.get_logger(__name__)
# One sweep over all channels leaves the worker free after this long, well within its time limit.
SLACK_SECONDS = 60.0


@shared_task
def deliver_due() -> None:
    """The wake-up: send what is due now."""
    drain()


@shared_task
def sweep_outbox() -> None:
    """The beat: send what a lost wake-up, a dead worker or an earlier failure has left due."""
    heartbeat.beat(heartbeat.SWEEP)
    drain()


@shared_task
def deliver_to_slack() -> None:
    """The wake-up and the beat for Slack, in the queue of calls: mails never stand behind it."""
    until = time.monotonic() + SLACK_SECONDS
    for channel in open_channels():
        if time.monotonic() < until:
            drain(line=SlackLine(channel))


@shared_task
def alert_stuck() -> None:
    """Now and then: once a day, tell administrators what has waited for them for too long."""
    if found := stuck.alert(timezone.now()):
        log.warning("mails_wait_for_staff", kinds=len(found), number=sum(one.number for one in found))
