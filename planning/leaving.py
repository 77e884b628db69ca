"""What leaving means for plans: a company takes them along, a person the comments that they wrote."""

from typing import Any

from accounts.models import User
from apps_catalog.models import App
from partners.models import Company
from planning.export import document
from planning.models import PlanComment


def company_data(company: Company) -> list[dict[str, Any]]:
    """The plan of each App that has one, as the local tester reads it, with its summary and what was said."""
    apps = App.objects.filter(company=company, erased_at__isnull=True, plan__isnull=False).select_related("plan")
    return [_plan(app) for app in apps.prefetch_related("components", "settings").order_by("pk")]


def _plan(app: App) -> dict[str, Any]:
    return {**document(app), "summary": app.plan.summary, "comments": [_said(row) for row in app.plan.comments.all()]}


def _said(row: PlanComment) -> dict[str, Any]:
    return {
        "section": row.section,
        "action": row.action_key,
        "by_segment": row.is_segment,
        "text": row.text,
        "at": row.at.isoformat(),
    }


def data_of(user: User) -> list[dict[str, Any]]:
    """The comments that this person wrote. They stay without their name when the person leaves."""
    rows = PlanComment.objects.filter(author=user).select_related("plan__app").order_by("pk")
    return [{"app": row.plan.app.slug, **_said(row)} for row in rows]
