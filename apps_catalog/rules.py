"""Who may do what with an App. Whether it exists for somebody at all is `App.objects.visible_to`.

Staff see every App and edit none: a draft belongs to its partner. `SYSTEM` (commands, sweeps) may do
what a member may do.
"""

from typing import Any

from accounts.rules import is_reviewer
from apps_catalog.models import App
from apps_catalog.states import Stage
from audit.recording import System
from partners.models import Company
from partners.rules import can_edit, can_manage, role_of
from partners.states import Role

# A live App has customers, and one in review has a reviewer: first deprecate, first withdraw.
DELETABLE = frozenset({Stage.BUILDING, Stage.DEPRECATED})


def can_create_app(actor: Any, company: Company) -> bool:
    """Owners and developers of an active company."""
    return isinstance(actor, System) or can_edit(actor, company)


def can_edit_app(actor: Any, app: App) -> bool:
    """Owners and developers, as long as the App is not deleted."""
    if app.deleted_at is not None:
        return False
    return isinstance(actor, System) or can_edit(actor, app.company)


def can_submit_app(actor: Any, app: App) -> bool:
    """Whoever may edit the draft may hand it in."""
    return can_edit_app(actor, app)


def can_delete_app(actor: Any, app: App) -> bool:
    """Owners, while nobody outside the company depends on the App."""
    return app.stage in DELETABLE and can_restore_app(actor, app)


def can_deprecate(actor: Any, app: App) -> bool:
    """Owners, of an archived company too. The verb looks at the stage."""
    return app.deleted_at is None and role_of(actor, app.company) == Role.OWNER


def can_restore_app(actor: Any, app: App) -> bool:
    """Owners may take their own deletion back."""
    return isinstance(actor, System) or can_manage(actor, app.company)


def can_reveal_access(actor: Any, app: App) -> bool:
    """Reviewers who do not belong to the App's company. The partner never sees a stored secret again."""
    return is_reviewer(actor) and role_of(actor, app.company) is None
