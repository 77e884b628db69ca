"""Desk pages beside the submission's: appeals, and changes that are live already."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.visitor import person
from leases.transitions import StaleState
from reviews import appeals, emails, live_changes
from reviews.decision_forms import VerdictForm
from reviews.desk.differences import Change, compare
from reviews.desk.pages import desk_page, see, show
from reviews.models import Appeal, LiveChange
from reviews.refusals import Refused
from reviews.rules import can_judge_appeal, can_review

SHOWN = 50
APPEAL_DONE = {
    "uphold": "The decision stands. The partner reads your reason.",
    "overturn": "Overturned: the submission waits again.",
    "undo": "Taken back: the appeal waits again, and nobody was told.",
}
CHANGE_DONE = {
    "keep": "Looked at. The change stays.",
    "take_back": "Taken back: the former values are live again. The partner reads your reason.",
    "undo": "Undone: the change is live and waits again.",
}


@desk_page
@require_safe
def review_verdicts(request: HttpRequest) -> HttpResponse:
    """Appeals and live changes that wait, the one that is due first on top."""
    changes = LiveChange.objects.waiting().select_related("app__company", "version").defer("version__manifest")
    waiting = Appeal.objects.waiting().select_related("submission__app__company", "decided_by")
    waiting = waiting.filter(submission__app__deleted_at__isnull=True)
    context = {
        "title": "Appeals and live changes",
        "appeals": waiting.defer("submission__evidence").order_by("due_at")[:SHOWN],
        "changes": changes.order_by("due_at")[:SHOWN],
    }
    return show(request, "verdicts.html", context)


# --- Appeals ------------------------------------------------------------------------------------------


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def review_appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision, what the partner says to it, and the two verdicts."""
    rows = Appeal.objects.select_related("submission__app__company", "submission__version", "by", "decided_by")
    appeal = get_object_or_404(rows.filter(submission__app__deleted_at__isnull=True), pk=pk)
    actor = person(request)
    if request.method != "POST":
        return _appeal_page(request, appeal, VerdictForm())
    if not can_judge_appeal(actor, appeal):
        raise PermissionDenied("Another reviewer judges an appeal than the one who decided.")
    return _act(request, appeal, _appeal_page, APPEAL_DONE, "review-appeal", {
        "uphold": lambda reason: appeals.uphold(appeal, actor, reason),
        "overturn": lambda reason: appeals.overturn(appeal, actor, reason),
        "undo": lambda _reason: appeals.undo(appeal, actor),
    })  # fmt: skip


def _appeal_page(request: HttpRequest, appeal: Appeal, form: VerdictForm, status: int = 200) -> HttpResponse:
    actor = person(request)
    context = {
        "title": f"Appeal of {appeal.submission.app.name}",
        "appeal": appeal,
        "findings": list(appeal.submission.findings.all()),
        "form": form,
        "may_judge": can_judge_appeal(actor, appeal),
        "undo_until": _undo_until(appeal.judged_at) if appeals.can_be_undone(appeal) else None,
        "is_decider": appeal.decided_by_id == actor.pk,
    }
    return show(request, "appeal.html", context, status=status)


# --- Live changes -------------------------------------------------------------------------------------


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def review_live_change(request: HttpRequest, pk: int) -> HttpResponse:
    """The difference only: what the partner put live since the last look."""
    rows = LiveChange.objects.select_related("app__company", "version", "before", "by", "judged_by")
    change = get_object_or_404(rows.filter(app__deleted_at__isnull=True), pk=pk)
    actor = person(request)
    if request.method != "POST":
        return _change_page(request, change, VerdictForm())
    if not can_review(actor, change.app):
        raise PermissionDenied("Reviewers judge changes, and never those of their own company.")
    if request.POST.get("act") != "undo" and request.POST.get("version") != str(change.version.number):
        messages.warning(request, "The partner changed more meanwhile. This is how it stands now.")
        return _change_page(request, change, VerdictForm(initial=request.POST.dict()), 409)
    return _act(request, change, _change_page, CHANGE_DONE, "review-live-change", {
        "keep": lambda _reason: live_changes.keep(change, actor),
        "take_back": lambda reason: live_changes.take_back(change, actor, reason),
        "undo": lambda _reason: live_changes.undo(change, actor),
    })  # fmt: skip


def _change_page(request: HttpRequest, change: LiveChange, form: VerdictForm, status: int = 200) -> HttpResponse:
    context = {
        "title": f"Live change of {change.app.name}",
        "change": change,
        "rows": [_words(each) for each in live_changes.shown(change)],
        "form": form,
        "may_judge": can_review(person(request), change.app),
        "undo_until": _undo_until(change.judged_at) if live_changes.can_be_undone(change) else None,
    }
    return show(request, "live_change.html", context, status=status)


def _words(each: Any) -> tuple[Any, Change]:
    return each, compare(each.path, each.before, each.after)


def _undo_until(judged_at: datetime | None) -> datetime | None:
    return judged_at + emails.undo_interval() if judged_at else None


# --- Both -----------------------------------------------------------------------------------------------


def _act(
    request: HttpRequest, row: Any, page: Callable[..., HttpResponse], done: dict[str, str], name: str,
    verbs: dict[str, Callable[[str], None]],
) -> HttpResponse:  # fmt: skip
    """Carry out the act that the button names: 303, 422 with what was typed, 409 for who came second."""
    form, act = VerdictForm(request.POST), request.POST.get("act", "")
    if not form.is_valid() or act not in verbs:
        if form.is_valid():
            form.add_error(None, "Choose one of the buttons.")
        return page(request, row, form, 422)
    try:
        verbs[act](form.cleaned_data["reason"])
    except StaleState:
        row.refresh_from_db()
        form.add_error(None, f"Somebody was first: it is “{row.get_state_display()}” now. You changed nothing.")
        return page(request, row, form, 409)
    except Refused as refusal:
        row.refresh_from_db()
        form.add_error("reason", str(refusal))
        return page(request, row, form, 422)
    messages.success(request, done[act])
    return see(reverse(name, args=[row.pk]))
