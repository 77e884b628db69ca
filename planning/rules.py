"""Who may do what with a plan. Whoever sees the App sees its plan; editors of the App edit it."""

from typing import Any

from accounts.models import User
from accounts.rules import is_reviewer
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app
from partners.models import Company
from partners.rules import role_of

can_edit_plan = can_edit_app


def can_look(actor: Any, app: App) -> bool:
    """Reviewers who do not belong to the App's company speak for Segment's team."""
    return app.deleted_at is None and is_reviewer(actor) and role_of(actor, app.company) is None


def can_ask_for_seat(user: User, company: Company) -> bool:
    """A seat in the partners' Slack: every member of a company that is neither archived nor about to be deleted."""
    return company.is_active and role_of(user, company) is not None


def can_talk(actor: Any, app: App) -> bool:
    """Both sides: who edits the plan, and who looks at it."""
    return can_edit_app(actor, app) or can_look(actor, app)
