"""Who may do what with the release train. Plain questions; the verbs ask them, and so do the pages."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.rules import is_reviewer
from apps_catalog.models import App
from audit.recording import System
from partners.rules import role_of


def can_run_trains(actor: User | AnonymousUser | System) -> bool:
    """Let the train of a day depart: reviewers, and the command. It takes what others have approved."""
    return isinstance(actor, System) or is_reviewer(actor)


def can_handle(actor: User | AnonymousUser | System, app: App) -> bool:
    """Hold back, use the emergency lane, roll back: reviewers, but never for an App of their own company (T24)."""
    if isinstance(actor, System):
        return True
    return is_reviewer(actor) and role_of(actor, app.company) is None
