"""Celery tasks: thin; load, call a verb, log."""

from celery import shared_task
from django.utils import timezone

from installs import trials
from installs.models import FlowTrial
from installs.trial_work import run_due
from leases.doorbell import ring


@shared_task
def run_trials() -> None:
    """The wake-up: do the trials that wait for a worker."""
    while run_due():
        pass


@shared_task
def sweep_trials() -> None:
    """The beat: find what a lost wake-up or a killed worker left, and close what nobody consented to."""
    now = timezone.now()
    trials.expire(now)
    if FlowTrial.objects.claimable(now).exists():
        ring(trials.TASK)
