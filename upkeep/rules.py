"""Who may do what after the launch. Plain questions; the verbs ask them, and so do the pages."""

from typing import Any

from accounts.rules import is_reviewer
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app
from reviews.rules import can_review


def can_maintain(actor: Any, app: App) -> bool:
    """Plan launch content, and ask for another look: owners and developers."""
    return can_edit_app(actor, app)


def can_forward(user: Any) -> bool:
    """Pass a customer's question on: reviewers, and staff who were given the permission to add inquiries."""
    return is_reviewer(user) or (user.is_active and user.is_staff and user.has_perm("upkeep.add_inquiry"))


def can_pardon(actor: Any, app: App) -> bool:
    """Clear a risk or give more time: reviewers, never for an App of their own company."""
    return can_review(actor, app)
