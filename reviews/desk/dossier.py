"""Everything on the page of one submission, in a constant number of queries and of rows."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.visitor import person
from apps_catalog.models import App, AppVersion, ReviewerAccess
from partners.models import AccessRequest, Membership
from reviews import emails, rubric
from reviews.decisions import available
from reviews.desk.claiming import claim_context
from reviews.desk.differences import differences
from reviews.desk.forms import Sheet, StepForm
from reviews.desk.keys import keys_context
from reviews.desk.preview import preview_of
from reviews.desk.records import FIELDS, history_of, reveals_of
from reviews.desk.reruns import SHOWN, runs_of, targets
from reviews.desk.thread import thread_context
from reviews.forms import answer_form
from reviews.models import Enquiry, Submission
from reviews.queries import submissions_of
from reviews.rules import can_review, is_member
from reviews.states import ChecklistStep, EnquiryKind, ReviewStep, SubmissionState

MEMBERS_SHOWN = 20
EARLIER_SHOWN = 5
# Where on the page the reviewer finds what a step is about.
PLACES = {
    ReviewStep.LOG_IN: ("account", "Test account"),
    ReviewStep.API_KEY: ("version", "Settings and docs"),
    ReviewStep.TEST_SUITE: ("wire", "Runs"),
    ReviewStep.DATA_ARRIVES: ("account", "Test account"),
    ReviewStep.DOCS_MATCH: ("version", "Docs links"),
    ReviewStep.CATALOG_INFO: ("entry", "Listing"),
    ReviewStep.ENTRY_RENDERS: ("entry", "Listing"),
}


def dossier(request: HttpRequest, submission: Submission, sheet: Sheet, *, claim_error: str = "") -> dict[str, Any]:
    """The whole context of `submission.html`."""
    app, actor = submission.app, person(request)
    may_judge = can_review(actor, app)
    choices = available(submission, actor)
    former = former_version(submission)
    return {
        "title": app.name,
        "subtitle": None,
        "submission": submission,
        "shown_app": app,
        "sheet": sheet,
        "steps": _steps(submission, sheet),
        "choices": choices,
        "may_judge": may_judge,
        "may_write": may_judge and submission.is_waiting,
        "is_member": not may_judge and is_member(actor, app),
        "undo_until": submission.decided_at + emails.undo_interval() if submission.decided_at else None,
        "now": timezone.now(),
        "is_update": app.is_live,
        **claim_context(
            submission,
            actor,
            route="review-claim",
            may_claim=may_judge and submission.is_waiting,
            error=claim_error,
            reason=request.POST.get("claim_reason", ""),
        ),
        **keys_context(actor),
        **thread_context(request, app, back_to=str(submission.pk)),
        **_version(submission, former),
        **wire(submission, may_run=may_judge and submission.is_waiting),
        **_company(app),
        **_account(app),
        "checklist": _checklist(submission),
        "enquiries": _enquiries(submission),
        "history": history_of(app),
        "earlier": _earlier(submission),
    }


def _steps(submission: Submission, sheet: Sheet) -> list[dict[str, Any]]:
    """Each published step with what the machine says about its rules."""
    rules = {found.step: found.results for found in rubric.by_step(rubric.judge(submission))}
    return [_step(form, rules.get(form.step, [])) for form in sheet.steps]


def _step(form: StepForm, rules: list[rubric.RuleResult]) -> dict[str, Any]:
    anchor, place = PLACES[form.step]
    return {"step": form.step, "form": form, "verdict": form.stored, "anchor": anchor, "place": place, "rules": rules}


# --- The version ----------------------------------------------------------------------------------------


def former_version(submission: Submission) -> AppVersion | None:
    """The last version before this one that was approved; for imported Apps the one that was live."""
    older = AppVersion.objects.filter(app=submission.app_id, number__lt=submission.version.number)
    approved = older.filter(submission__state=SubmissionState.APPROVED).order_by("-number").first()
    if approved or submission.app.live_version_id is None:
        return approved
    return older.filter(pk=submission.app.live_version_id).first()


def _version(submission: Submission, former: AppVersion | None) -> dict[str, Any]:
    manifest = submission.version.manifest
    return {
        "entry": preview_of(submission.app, submission.version),
        "manifest": manifest,
        "docs_links": (manifest.get("listing") or {}).get("docs_links") or {},
        "former": former,
        "changes": differences(former.manifest, manifest) if former else [],
    }


def wire(submission: Submission, *, may_run: bool) -> dict[str, Any]:
    """The runs, and what can be run again; also for the fragment that is polled while a run lasts."""
    recorded = set(submission.evidence.get("runs", []))
    runs = list(runs_of(submission)[:SHOWN])
    return {
        "runs": [{"run": run, "is_recorded": str(run.pk) in recorded} for run in runs],
        "is_running": any(not run.is_over for run in runs),
        "targets": targets(submission) if may_run else [],
    }


def _checklist(submission: Submission) -> list[dict[str, Any]]:
    """The items as they stood at submission, by step, in words."""
    items: dict[str, list[dict[str, str]]] = {}
    for item in submission.evidence.get("checklist", []):
        text = item.get("text") or str(item.get("item", "")).replace("_", " ").capitalize()
        line = {"text": text, "state": item.get("state", ""), "reason": item.get("reason", "")}
        items.setdefault(item.get("step", ""), []).append(line)
    return [{"title": step.label, "lines": items[step]} for step in ChecklistStep if step in items]


# --- The company and its test account -----------------------------------------------------------------


def _company(app: App) -> dict[str, Any]:
    members = Membership.objects.filter(company=app.company_id).select_related("user").order_by("joined_at")
    found = list(members[: MEMBERS_SHOWN + 1])
    request = AccessRequest.objects.filter(company=app.company_id).only("pk", "decided_at", "state").first()
    return {
        "company": app.company,
        "members": found[:MEMBERS_SHOWN],
        "has_more_members": len(found) > MEMBERS_SHOWN,
        "access_request": request,
    }


def _account(app: App) -> dict[str, Any]:
    """Which parts exist; what they say is opened one by one, by `review_reveal`."""
    access = ReviewerAccess.objects.filter(app=app.pk).first()
    parts = [
        {"field": field, "label": label, "is_set": bool(access and getattr(access, f"{field}_sealed"))}
        for field, label in FIELDS.items()
    ]
    return {"access": access, "secrets": parts, "reveals": reveals_of(app)}


# --- Questions, and what was before -----------------------------------------------------------------


def _enquiries(submission: Submission) -> list[dict[str, Any]]:
    asked = {enquiry.kind: enquiry for enquiry in submission.app.enquiries.all()}
    return [
        {"kind": kind, "enquiry": asked.get(kind), "answers": _answers(asked[kind]) if kind in asked else []}
        for kind in EnquiryKind
    ]


def _answers(enquiry: Enquiry) -> list[tuple[str, str]]:
    """The answer as (question, answer), in the words in which the partner was asked."""
    given = enquiry.answer or {}
    lines = []
    for name, field in answer_form(enquiry).fields.items():
        if value := given.get(name):
            words = dict(getattr(field, "choices", ()))
            lines.append((str(field.label), str(words.get(value, value))))
    return lines


def _earlier(submission: Submission) -> list[Submission]:
    rows = submissions_of(submission.app).filter(version__number__lt=submission.version.number)
    rows = rows.select_related("version", "decided_by").prefetch_related("findings")
    return list(rows.order_by("-version__number")[:EARLIER_SHOWN])
