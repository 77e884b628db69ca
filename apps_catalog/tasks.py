"""Celery tasks: thin; load, call a verb, log."""

from celery import shared_task

from apps_catalog.link_checks import check_due


@shared_task
def check_links() -> None:
    """Look at the documentation links that somebody wants looked at, or that were not for days; also the sweep."""
    check_due()
