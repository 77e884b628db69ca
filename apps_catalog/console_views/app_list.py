"""/apps/: all Apps of one's companies; for staff, all Apps."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps_catalog.models import App, AppQuerySet, Component
from apps_catalog.row_facts import AppRow, columns, facts_for
from apps_catalog.states import Stage
from partners.models import Company
from partners.states import Role

PAGE_SIZE = 20
DELETED_SHOWN = 10
# The columns of `AppRow`, in its order.
SHOWN = ("pk", "name", "slug", "stage", "company__name", "listing__mark_id", "collects", "has_component")
EDITING = frozenset({Role.OWNER, Role.DEVELOPER})


@require_safe
@login_required
def app_list(request: HttpRequest) -> HttpResponse:
    """The table, filtered by company and stage, 25 a page."""
    companies = _companies(request.user)
    company, stage = request.GET.get("company", ""), request.GET.get("stage", "")
    apps = _filtered(_visible(request.user, companies), company, stage)
    paginator = Paginator(_cells(apps), PAGE_SIZE)
    if company or stage or request.user.is_staff:
        paginator.count = apps.count()  # the same number, without the columns
    else:
        paginator.count = sum(each.alive for each in companies)
    page = paginator.get_page(request.GET.get("page"))
    rows = [_row(cells) for cells in page]
    facts = facts_for(rows, request.user)
    context = {
        "page_obj": page,
        "rows": [(row, facts[row.pk]) for row in rows],
        "companies": companies,
        "stages": Stage.choices,
        "chosen": {"company": company, "stage": stage},
        "is_filtered": bool(company or stage),
        "deleted": _deleted(companies),
        "may_create": any(company.is_active and company.role in EDITING for company in companies),
    }
    return render(request, "apps_catalog/console/list.html", context)


def _companies(user: Any) -> list[Any]:
    """The companies to choose from in the filter: one's own, each with one's `role`, and how many of its Apps are
    `alive` and how many `deleted` ones can still be brought back."""
    own = Company.objects.filter(memberships__user=user)
    return list(
        own.annotate(
            role=F("memberships__role"),
            alive=Count("apps", filter=Q(apps__deleted_at=None)),
            deleted=Count("apps", filter=Q(apps__deleted_at__isnull=False, apps__erased_at=None)),
        )
    )


def _visible(user: Any, companies: list[Any]) -> AppQuerySet:
    """What `visible_to` finds; the companies are at hand, so their members need not be joined once more."""
    if user.is_staff:
        return App.objects.visible_to(user)
    return App.objects.filter(deleted_at__isnull=True, company__in=[company.pk for company in companies])


def _filtered(apps: AppQuerySet, company: str, stage: str) -> AppQuerySet:
    """Unknown values filter nothing away silently: they find nothing, and the page says so."""
    if company:
        apps = apps.filter(company__slug=company[:80])
    return apps.filter(stage=stage[:20]) if stage else apps


def _cells(apps: AppQuerySet) -> QuerySet[Any, Any]:
    """The columns of `AppRow`, and nothing else: the texts of drafts and listings are long."""
    more = columns()
    apps = apps.annotate(has_component=Exists(Component.objects.filter(app=OuterRef("pk"))), **more)
    return apps.values_list(*SHOWN, *more)


def _row(cells: Sequence[Any]) -> AppRow:
    own = len(SHOWN)
    return AppRow(*cells[:own], more=dict(zip(columns(), cells[own:], strict=True)))


def _deleted(companies: list[Any]) -> list[App]:
    """Deleted Apps that this person may bring back: owners may, as `can_restore_app` says of one."""
    owned = [company.pk for company in companies if company.role == Role.OWNER and company.deleted]
    if not owned:
        return []
    found = _kept_deleted(company__in=owned).only("name", "slug", "deleted_at").order_by("-deleted_at")
    return list(found[:DELETED_SHOWN])


def _kept_deleted(**where: Any) -> QuerySet[App]:
    """Deleted Apps that can still be brought back."""
    return App.objects.filter(deleted_at__isnull=False, erased_at__isnull=True, **where)
