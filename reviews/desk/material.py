"""What the parts of a submission's page show: each function reads one, in a constant number of queries and rows."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from accounts.visitor import person
from apps_catalog.models import App, AppVersion, ReviewerAccess
from installs import proof
from partners.models import AccessRequest, Membership
from reviews.desk import drawn
from reviews.desk.differences import differences
from reviews.desk.preview import preview_of
from reviews.desk.records import FIELDS, history_of, reveals_of
from reviews.desk.reruns import SHOWN, runs_of, targets
from reviews.forms import answer_form
from reviews.frozen_code import compared, frozen_code
from reviews.models import Enquiry, Submission
from reviews.queries import submissions_of
from reviews.states import DECIDED, ChecklistStep, EnquiryKind, SubmissionState

MEMBERS_SHOWN = 20
EARLIER_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks at which submission, and whether they may judge it: asked once for the whole page."""

    request: HttpRequest
    submission: Submission
    may_judge: bool

    @property
    def actor(self) -> User:
        return person(self.request)

    @property
    def app(self) -> App:
        return self.submission.app

    @property
    def may_write(self) -> bool:
        return self.may_judge and self.submission.is_waiting


# --- The version ----------------------------------------------------------------------------------------


def entry(desk: Desk) -> dict[str, Any]:
    """The listing as customers would see it."""
    version = desk.submission.version
    preview = preview_of(desk.app, version)
    return {"listing": drawn.listing(drawn.Listing((version.digest, *preview.shown), preview, version.manifest))}


def changes(desk: Desk) -> dict[str, Any]:
    former = former_version(desk.submission)
    found = differences(former.manifest, desk.submission.version.manifest) if former else []
    return {"former": former, "changes": found}


def former_version(submission: Submission) -> AppVersion | None:
    """The last version before this one that was approved; for imported Apps the one that was live."""
    older = AppVersion.objects.filter(app=submission.app_id, number__lt=submission.version.number)
    approved = older.filter(submission__state=SubmissionState.APPROVED).order_by("-number").first()
    if approved or submission.app.live_version_id is None:
        return approved
    return older.filter(pk=submission.app.live_version_id).first()


def code(desk: Desk) -> dict[str, Any]:
    """The frozen code, and what separates it from the code of the last decision."""
    manifest, last = desk.submission.version.manifest, None
    if frozen_code(manifest):
        last = last_decided(desk.submission)
    return {"codes": compared(manifest, last.manifest if last else None), "last": last, "manifest": manifest}


def last_decided(submission: Submission) -> AppVersion | None:
    """The version that was decided last before this one, whichever way; for imported Apps the one that was live."""
    older = AppVersion.objects.filter(app=submission.app_id, number__lt=submission.version.number)
    decided = older.filter(submission__state__in=DECIDED).order_by("-number").first()
    live = submission.app.live_version_id
    return decided if decided or live is None else older.filter(pk=live).first()


def version(desk: Desk) -> dict[str, Any]:
    """Components, settings, addresses."""
    manifest = desk.submission.version.manifest
    return {"manifest": manifest, "docs_links": (manifest.get("listing") or {}).get("docs_links") or {}}


def wire(desk: Desk) -> dict[str, Any]:
    """The runs, and what can be run again; also for the fragment that is polled while a run lasts."""
    submission = desk.submission
    recorded = set(submission.evidence.get("runs", []))
    runs = list(runs_of(submission)[:SHOWN])
    return {
        "runs": [{"run": run, "is_recorded": str(run.pk) in recorded} for run in runs],
        "is_running": any(not run.is_over for run in runs),
        "targets": targets(submission) if desk.may_write else [],
    }


def checklist(desk: Desk) -> dict[str, Any]:
    """The items as they stood at submission, by step, in words."""
    items: dict[str, list[dict[str, str]]] = {}
    for item in desk.submission.evidence.get("checklist", []):
        text = item.get("text") or str(item.get("item", "")).replace("_", " ").capitalize()
        line = {"text": text, "state": item.get("state", ""), "reason": item.get("reason", "")}
        items.setdefault(item.get("step", ""), []).append(line)
    return {"checklist": [{"title": step.label, "lines": items[step]} for step in ChecklistStep if step in items]}


# --- The company and its test account -----------------------------------------------------------------


def company(desk: Desk) -> dict[str, Any]:
    members = Membership.objects.filter(company=desk.app.company_id).select_related("user").order_by("joined_at")
    found = list(members[: MEMBERS_SHOWN + 1])
    request = AccessRequest.objects.filter(company=desk.app.company_id).only("pk", "decided_at", "state").first()
    return {
        "members": found[:MEMBERS_SHOWN],
        "has_more_members": len(found) > MEMBERS_SHOWN,
        "access_request": request,
    }


def account(desk: Desk) -> dict[str, Any]:
    """Which parts exist; what they say is opened one by one, by `review_reveal`."""
    access = ReviewerAccess.objects.filter(app=desk.app.pk).first()
    parts = [
        {"field": field, "label": label, "is_set": bool(access and getattr(access, f"{field}_sealed"))}
        for field, label in FIELDS.items()
    ]
    return {"access": access, "secrets": parts, "reveals": reveals_of(desk.app)}


# --- Questions, and what was before -----------------------------------------------------------------


def questions(desk: Desk) -> dict[str, Any]:
    asked = {enquiry.kind: enquiry for enquiry in desk.app.enquiries.all()}
    return {
        "oauth_kind": EnquiryKind.OAUTH,
        "oauth": proof.evidence(desk.app),
        "enquiries": [
            {"kind": kind, "enquiry": asked.get(kind), "answers": _answers(asked[kind]) if kind in asked else []}
            for kind in EnquiryKind
        ],
    }


def _answers(enquiry: Enquiry) -> list[tuple[str, str]]:
    """The answer as (question, answer), in the words in which the partner was asked."""
    given = enquiry.answer or {}
    lines = []
    for name, field in answer_form(enquiry).fields.items():
        if value := given.get(name):
            words = dict(getattr(field, "choices", ()))
            lines.append((str(field.label), str(words.get(value, value))))
    return lines


def earlier(desk: Desk) -> dict[str, Any]:
    rows = submissions_of(desk.app).filter(version__number__lt=desk.submission.version.number)
    rows = rows.select_related("version", "decided_by").prefetch_related("findings")
    return {"earlier": list(rows.order_by("-version__number")[:EARLIER_SHOWN])}


def history(desk: Desk) -> dict[str, Any]:
    return {"history": history_of(desk.app)}
