"""/apps/<slug>/access/ and /activity/: the reviewers' test account, and who did what."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from apps_catalog import lifecycle
from apps_catalog.access_forms import AccessForm
from apps_catalog.activity import Event, events, records_of
from apps_catalog.console import DraftPage, acting, app_page
from apps_catalog.models import App, ReviewerAccess
from apps_catalog.rules import can_edit_app

PAGE_SIZE = 25
REVEALS_SHOWN = 25
CHANGES_READ = 100


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_access(request: HttpRequest, app: App) -> HttpResponse:
    """The test account: secrets go in and never come out here."""
    access = app.reviewer_access
    form = AccessForm(request.POST or None, access=access)
    page = DraftPage(
        template="apps_catalog/console/access.html",
        save=lambda valid: _save(request, app, valid),
        revision=lambda: ReviewerAccess.objects.get(pk=access.pk).revision,
        done_url=request.path,
        context={
            "stored": _stored(app, access),
            "reveals": events(records_of(app, "access.revealed")[:REVEALS_SHOWN], app),
            "may_edit": can_edit_app(request.user, app),
        },
    )
    return page.answer(request, form)


def _save(request: HttpRequest, app: App, form: AccessForm) -> str:
    lifecycle.save_access(
        acting(request), app, form.values(), form.cleaned_data["revision"], secrets=form.secrets()
    )  # fmt: skip
    return "The test account is saved. What you typed as a secret is encrypted and not shown again."


def _stored(app: App, access: ReviewerAccess) -> list[dict[str, Any]]:
    """For each secret whether it is set, and who changed it last."""
    records = list(records_of(app, "access.changed")[:CHANGES_READ])
    lines = events(records, app)
    return [
        {"name": name, "is_set": bool(getattr(access, f"{name}_sealed")), "change": _last(name, records, lines)}
        for name in ReviewerAccess.SEALED
    ]


def _last(name: str, records: list[Any], lines: list[Event]) -> Event | None:
    pairs = zip(records, lines, strict=True)
    return next((line for record, line in pairs if name in record.data.get("fields", [])), None)


@require_safe
@app_page()
def app_activity(request: HttpRequest, app: App) -> HttpResponse:
    """Everything on the audit record about this App, newest first."""
    page = Paginator(records_of(app), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "events": events(page, app)}
    return render(request, "apps_catalog/console/activity.html", context)
