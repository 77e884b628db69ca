"""Celery tasks: thin; load, call a verb, log."""

from celery import shared_task

from notifications import heartbeat
from notifications.delivery import drain
from notifications.slack import SlackLine, open_channels


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
    for channel in open_channels():
        drain(line=SlackLine(channel))
