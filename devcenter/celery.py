"""The Celery app. Tasks carry ids only; the rows they name are the truth (docs/architecture.md)."""

import os

from celery import Celery

from devcenter import watchdog  # noqa: F401  (listens for the start of a worker)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devcenter.settings")

app = Celery("devcenter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
