"""What Celery does by the clock, and what it does apart because it calls others."""

from typing import Any

# Tasks that wait for endpoints of partners, for Slack and the like.
CALLING_TASKS = (
    "notifications.tasks.deliver_to_slack",
    "testbench.tasks.run_suite",
    "apps_catalog.tasks.check_links",
    "delivery.tasks.drain",
    "installs.tasks.run_trials",
    "pulls.tasks.poll",
    "pulls.tasks.answer_asked",
    "upkeep.tasks.check_night",
)


def beat_schedule(sweep_seconds: float) -> dict[str, dict[str, Any]]:
    """Django's CELERY_BEAT_SCHEDULE. `sweep_seconds`: how often rows that are due are looked for."""
    return {
        "mail": {"task": "notifications.tasks.sweep_outbox", "schedule": sweep_seconds},
        "slack": {"task": "notifications.tasks.deliver_to_slack", "schedule": sweep_seconds},
        "mail-servers": {"task": "partners.tasks.check_mail_servers", "schedule": 60.0},
        "dispatch": {"task": "delivery.tasks.sweep_events", "schedule": sweep_seconds},
        "deliveries": {"task": "delivery.tasks.sweep_deliveries", "schedule": sweep_seconds},
        "stories": {"task": "delivery.tasks.play_stories", "schedule": sweep_seconds},
        "regulations": {"task": "delivery.tasks.work_on_regulations", "schedule": 10.0},
        "suites": {"task": "testbench.tasks.sweep_runs", "schedule": sweep_seconds},
        "flow-trials": {"task": "installs.tasks.sweep_trials", "schedule": sweep_seconds},
        "answers": {"task": "reviews.tasks.read_arrived_mails", "schedule": sweep_seconds},
        "mail-alerts": {"task": "notifications.tasks.alert_stuck", "schedule": 900.0},
        "links": {"task": "apps_catalog.tasks.check_links", "schedule": 30.0},
        # Heals what GitHub's deliveries lost: the promise is ten minutes (SECURITY, F27).
        "github": {"task": "pulls.tasks.poll", "schedule": 300.0},
        "probes": {"task": "reviews.tasks.run_probes", "schedule": sweep_seconds},
        "purge": {"task": "devcenter.tasks.purge_expired", "schedule": 3600.0},
        "workspace-tests": {"task": "reviews.tasks.keep_workspace_tests", "schedule": 3600.0},
        "nights": {"task": "upkeep.tasks.check_night", "schedule": 60.0},
        "launch-content": {"task": "upkeep.tasks.remind_of_launches", "schedule": 3600.0},
        "clock": {"task": "reviews.tasks.advance_stages", "schedule": 300.0},
        "trains": {"task": "trains.tasks.watch_trains", "schedule": 300.0},
        "waits": {"task": "reviews.tasks.run_sla_clock", "schedule": 60.0},
    }
