"""Handing in, following the review, taking it back, and answering the reviewer's questions."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.visitor import person
from apps_catalog.console import app_page, see_other
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app, can_submit_app
from apps_catalog.states import Processes
from leases.transitions import StaleState
from partners.clock import due_after
from partners.models import Policy
from reviews import enquiries, probes, submissions
from reviews.checklist import rail_for
from reviews.forms import AnswerForm, SubmitForm, answer_form
from reviews.models import Enquiry, Submission
from reviews.preflight import preflight
from reviews.pull_forms import VIDEO_LIMIT, PullSubmitForm, submit_form
from reviews.queries import submissions_of
from reviews.refusals import NotReady, Outdated, Refused
from reviews.states import EnquiryKind, ProbeReason, ReviewStep, SubmissionState
from runtime.github.description import MOST_OF_A_BOX

# Of a note that is typed while addresses are looked at, also of one too long to be submitted.
NOTE_KEPT = 100_000


# --- Submit ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_submit_app)
def app_submit(request: HttpRequest, app: App) -> HttpResponse:
    """The pre-flight. The button always works: it submits, or it says what is missing."""
    waiting = submissions.waiting_submission(app)
    data = request.POST if request.method == "POST" else None
    form = submit_form(app, data, _typed(request, app), is_first=not app.versions.exists())
    if request.method != "POST":
        return _submit_page(request, app, form, waiting)
    if waiting is None and not form.is_valid():
        return _submit_page(request, app, form, waiting, status=422)
    try:
        said = form.said if isinstance(form, PullSubmitForm) and waiting is None else {}
        made = submissions.submit(app, person(request), form.data.get("note", ""), **said)
    except NotReady as refusal:
        return _submit_page(request, app, form, waiting, status=422, missing=refusal.items)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _submit_page(request, app, form, waiting, status=422)
    if waiting:
        messages.info(request, "This App is in review already; nothing was submitted again.")
    else:
        request.session.pop(_note_key(app), None)
        request.session.pop(_ticks_key(app), None)
        probes.request(made, ProbeReason.PREFLIGHT, person(request))
        messages.success(request, f"Version {made.version.number} is submitted. We sent you the date of the answer.")
    return see_other(request, reverse("app-review", args=[app.slug]))


@require_POST
@app_page(can_submit_app)
def app_submit_check(request: HttpRequest, app: App) -> HttpResponse:
    """Look from outside at what the draft names, before it is submitted. What was typed comes back with the page."""
    request.session[_note_key(app)] = request.POST.get("note", "")[:NOTE_KEPT]
    if app.processes == Processes.PULL_REQUEST:
        request.session[_ticks_key(app)] = _ticks(request)
    probe = probes.request_draft(app, person(request))
    if probe.is_over:
        messages.info(request, "That was looked at a few minutes ago; the results are below.")
    return see_other(request, f"{reverse('app-submit', args=[app.slug])}#probe")


def _note_key(app: App) -> str:
    return f"submit-note-{app.pk}"


def _ticks_key(app: App) -> str:
    return f"submit-ticks-{app.pk}"


def _ticks(request: HttpRequest) -> dict[str, Any]:
    """What else is typed where there is a pull request."""
    return {
        "tests": [one[:MOST_OF_A_BOX] for one in request.POST.getlist("tests")[: submissions.MOST_TESTS]],
        "one_integration": "one_integration" in request.POST,
        "video": request.POST.get("video", "")[:VIDEO_LIMIT],
    }


def _typed(request: HttpRequest, app: App) -> dict[str, Any]:
    """What was typed before addresses were looked at."""
    return {**request.session.get(_ticks_key(app), {}), "note": request.session.get(_note_key(app), "")}


def _submit_page(
    request: HttpRequest, app: App, form: SubmitForm, waiting: Submission | None, *, status: int = 200,
    missing: list[Any] | None = None,
) -> HttpResponse:  # fmt: skip
    policy, listed = Policy.current(), rail_for(app)
    context = {
        "preflight": preflight(app, listed),
        "has_endpoint": any(component.endpoint for component in app.components.all()),
        "form": form,
        "waiting": waiting,
        "refusal": "" if waiting else submissions.refusal(app),
        "missing": missing or [],
        "can_submit": can_submit_app(person(request), app),
        "due_at": due_after(policy.review_days),
        "policy": policy,
        "review_steps": ReviewStep,
        "next_number": app.versions.count() + 1,
    }
    return render(request, "reviews/app_submit.html", context, status=status)


# --- Taking back ----------------------------------------------------------------------------------


@require_POST
@app_page(can_submit_app)
def app_withdraw(request: HttpRequest, app: App) -> HttpResponse:
    """Names the submission: an old page never withdraws a newer one."""
    submission = get_object_or_404(submissions_of(app), pk=_uuid_or_none(request.POST.get("submission")))
    try:
        submissions.withdraw(submission, person(request))
    except StaleState as late:
        messages.warning(request, f"It could not be withdrawn: it is {_state_of(late)} already.")
    else:
        messages.success(request, "Withdrawn. Your draft is as you left it; submit again when you are ready.")
    return see_other(request, reverse("app-review", args=[app.slug]))


def _state_of(late: StaleState) -> str:
    return SubmissionState(str(late.found)).label


def _uuid_or_none(text: str | None) -> str | None:
    """`text` if it can be a UUID: PostgreSQL refuses to compare with anything else."""
    digits = (text or "").replace("-", "")
    is_uuid = len(digits) == 32 and all(char in "0123456789abcdef" for char in digits.lower())
    return text if is_uuid else None


@require_safe
@app_page()
def app_version(request: HttpRequest, app: App, number: int) -> HttpResponse:
    """A frozen version, as it was submitted."""
    version = get_object_or_404(app.versions.select_related("created_by"), number=number)
    manifest = {name: value for name, value in version.manifest.items() if name != "listing"}
    listing = version.manifest.get("listing") or {}
    texts = {name: value for name, value in listing.items() if not name.endswith("_svg")}
    context = {
        "version": version,
        "listing": listing,
        "manifest_json": json.dumps({**manifest, "listing": texts}, indent=2, ensure_ascii=False),
    }
    return render(request, "reviews/app_version.html", context)


# --- Questions --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_enquiries(request: HttpRequest, app: App) -> HttpResponse:
    asked = list(app.enquiries.select_related("answered_by").order_by("kind"))
    if request.method != "POST":
        return _enquiries_page(request, app, asked)
    kind = request.POST.get("kind")
    enquiry = get_object_or_404(app.enquiries, kind=kind if kind in EnquiryKind.values else None)
    form = answer_form(enquiry, request.POST)
    if not form.is_valid():
        return _enquiries_page(request, app, asked, form, enquiry, status=422)
    try:
        enquiries.answer(enquiry, person(request), form.answers(), form.cleaned_data["revision"])
    except Outdated as conflict:
        return _enquiries_page(request, app, asked, form, enquiry, status=409, conflict=conflict)
    messages.success(request, "Thank you: your answer is kept. You can change it at any time.")
    return see_other(request, reverse("app-enquiries", args=[app.slug]))


def _enquiries_page(
    request: HttpRequest, app: App, asked: list[Enquiry], form: AnswerForm | None = None,
    at_fault: Enquiry | None = None, *, status: int = 200, conflict: Outdated | None = None,
) -> HttpResponse:  # fmt: skip
    def form_of(enquiry: Enquiry) -> AnswerForm:
        return form if form and at_fault and enquiry.pk == at_fault.pk else answer_form(enquiry)

    context = {
        "rows": [{"enquiry": enquiry, "form": form_of(enquiry)} for enquiry in asked],
        "form": form,
        "conflict": conflict,
        "differences": form.differences(conflict.current) if conflict and form else None,
        "can_answer": can_edit_app(person(request), app),
    }
    return render(request, "reviews/app_enquiries.html", context, status=status)
