"""What a verdict rests on: the runs of a submission, and the partner's test account."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.visitor import person
from apps_catalog.lifecycle import reveal_access
from reviews.desk.dossier import desk_of
from reviews.desk.material import wire
from reviews.desk.pages import desk_page, see, show
from reviews.desk.records import FIELDS
from reviews.desk.reruns import runs_of
from reviews.desk.views.submissions import load
from reviews.frozen_code import frozen_code
from reviews.models import Submission
from reviews.rules import can_review
from runtime.evidence import text_digest
from testbench.models import SuiteRun
from testbench.proof import changed_since
from testbench.report import read_run
from vault.sealing import CannotOpen


@desk_page
@require_safe
def review_runs(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The list of runs alone, asked for every few seconds while one lasts."""
    submission = load(pk)
    return show(request, "_runs.html", {"submission": submission, **wire(desk_of(request, submission))})


@desk_page
@require_safe
def review_run(request: HttpRequest, pk: UUID, run_id: UUID) -> HttpResponse:
    """One run, read-only: each event with the exact request and response, secrets masked."""
    submission = load(pk)
    found = get_object_or_404(runs_of(submission), pk=run_id)
    found.app = found.component.app = submission.app
    context = {
        "title": f"Run of {submission.app.name}",
        "submission": submission,
        "run": found,
        "report": read_run(found),
        "changed": changed_since(found, found.component),
        "is_recorded": str(found.pk) in submission.evidence.get("runs", []),
        "have": 0,
        **_code_of(found, submission),
    }
    return show(request, "run.html", context)


def _code_of(run: SuiteRun, submission: Submission) -> dict[str, Any]:
    """Which code ran, and whether it is what was submitted."""
    frozen = {one.kind: one.code for one in frozen_code(submission.version.manifest)}
    sha256 = text_digest(run.code) if run.code else ""
    return {"code_sha256": sha256, "is_frozen_code": run.code == frozen.get(run.component.kind)}


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def review_reveal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open one part of the test account (T25): POST, fresh log-in, on the record, shown this once."""
    submission = load(pk)
    if not can_review(person(request), submission.app):
        raise PermissionDenied("Reviewers open test accounts, and never those of their own company.")
    if request.method != "POST":
        return see(reverse("review-submission", args=[pk]) + "?part=account#account")
    return _reveal(request, pk)


@reauthentication_required
def _reveal(request: HttpRequest, pk: UUID) -> HttpResponse:
    name = request.POST.get("field", "")
    if name not in FIELDS:
        raise Http404("There is no such part of a test account.")
    submission = load(pk)
    try:
        secret = reveal_access(person(request), submission.app, name)
    except CannotOpen:
        secret = None
    context = {"title": FIELDS[name], "submission": submission, "secret": secret, "field": FIELDS[name]}
    return show(request, "revealed.html", context)
