"""Who may do what with test runs. Which runs exist for somebody is `SuiteRun.objects.visible_to`."""

from typing import Any

from apps_catalog.models import App
from apps_catalog.rules import can_edit_app
from testbench.models import SuiteRun


def can_run_suite(user: Any, app: App) -> bool:
    """Owners and developers of the company. Reviewers run suites from the desk, not from the console."""
    return can_edit_app(user, app)


def can_cancel_run(user: Any, run: SuiteRun) -> bool:
    """Those who may run; but a reviewer's run is ended by its reviewer only."""
    if run.submission_id is not None:
        return run.requested_by_id is not None and run.requested_by_id == user.pk
    return can_run_suite(user, run.app)
