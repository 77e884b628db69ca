"""What reviewers may do in the admin: look at everything of ours, edit what is data.

Decisions are not granted here: the desk's verbs check `rules.py`.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission

OURS = (
    "accounts", "audit", "notifications", "partners", "apps_catalog", "testbench", "installs", "pulls", "planning",
    "metadata", "trains", "reviews", "upkeep",
)  # fmt: skip
REVIEWERS_MAY_CHANGE = frozenset(
    {"change_accessrequest", "change_submission"}
    | {f"{verb}_{days}" for verb in ("add", "change", "delete") for days in ("closedday", "freeze")}
)


def sync_reviewers(**kwargs: Any) -> None:
    """Grants the group its permissions; runs after every migrate, so new models are covered."""
    reviewers, _ = Group.objects.get_or_create(name="Reviewers")
    ours = Permission.objects.filter(content_type__app_label__in=OURS)
    reviewers.permissions.set([p for p in ours if p.codename.startswith("view_") or p.codename in REVIEWERS_MAY_CHANGE])
