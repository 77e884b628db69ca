"""Celery tasks: thin; load, ask, log."""

from celery import shared_task

from pulls import polling
from pulls.models import Repository


@shared_task
def poll() -> None:
    """The beat: ask GitHub about every watched repository."""
    polling.answer_asked()
    for repository in Repository.objects.filter(is_watched=True):
        polling.poll(repository)


@shared_task
def answer_asked() -> None:
    """The wake-up: somebody linked a pull request, or pressed “Ask GitHub now”."""
    polling.answer_asked()
