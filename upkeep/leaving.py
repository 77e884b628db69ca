"""What is kept about the life of a company's Apps after launch; it goes with each App itself."""

from typing import Any

from accounts.models import User
from partners.models import Company
from upkeep.models import LaunchItem, NightlyCheck, Risk


def company_data(company: Company) -> list[dict[str, Any]]:
    """One entry for each App: nightly checks, risks, launch content."""
    apps = company.apps.order_by("pk").prefetch_related("nightly_checks", "risks", "launch_items")
    return [
        {
            "app": app.slug,
            "nightly_checks": [_check(one) for one in app.nightly_checks.all()],
            "risks": [_risk(one) for one in app.risks.all()],
            "launch_content": [_item(one) for one in app.launch_items.all()],
        }
        for app in apps
    ]


def _check(check: NightlyCheck) -> dict[str, Any]:
    return {"night": check.night.isoformat(), "found": check.found, "problems": check.problems}


def _risk(risk: Risk) -> dict[str, Any]:
    return {
        "state": risk.state,
        "since": risk.since.isoformat(),
        "until": risk.grace_until.isoformat(),
        "ended_at": risk.ended_at.isoformat() if risk.ended_at else None,
        "problems": risk.problems,
    }


def _item(item: LaunchItem) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "planned_on": item.planned_on.isoformat() if item.planned_on else None,
        "url": item.url,
        "note": item.note,
        "done_at": item.done_at.isoformat() if item.done_at else None,
    }


def data_of(user: User) -> list[dict[str, Any]]:
    """The launch content that this person planned."""
    items = LaunchItem.objects.filter(created_by=user).select_related("app").order_by("pk")
    return [{"app": item.app.slug, **_item(item)} for item in items]


def forget(user: User) -> None:
    """The plan stays with the App; whose idea it was goes."""
    LaunchItem.objects.filter(created_by=user).update(created_by=None)
