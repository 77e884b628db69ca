"""/apps/<slug>/review/: how the review goes, the answers to its findings, and the appeal."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.visitor import person
from apps_catalog.console import app_page, see_other, wants_json
from apps_catalog.models import App
from apps_catalog.rules import can_submit_app
from reviews import answers, appeals
from reviews.checklist import rail_for
from reviews.decision_forms import AnswersForm, AppealForm
from reviews.events import recent_events
from reviews.models import Submission
from reviews.queries import current_submission, submissions_of
from reviews.refusals import Outdated, Refused
from reviews.rules import can_answer_findings, can_appeal
from reviews.staleness import since
from reviews.states import APPEALABLE, ReviewStep, SubmissionState
from reviews.waits import review_wait

PAGE_SIZE = 25


@require_safe
@app_page()
def app_review(request: HttpRequest, app: App) -> HttpResponse:
    return _page(request, app, current_submission(app))


def _page(
    request: HttpRequest, app: App, submission: Submission | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    """`more` replaces what the page would show: a form that was sent, the other version of the answers."""
    page = Paginator(submissions_of(app), PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"submission": submission, "page_obj": page, "saved_url": _url(app)}
    if submission:
        context |= {
            "steps": _judged_steps(submission),
            "events": recent_events(app, 20, submission_id=str(submission.pk)),
            "can_withdraw": submission.is_waiting and can_submit_app(person(request), app),
            "wait": review_wait(submission),
            "stale": since(submission, app, rail_for(app)),
            **_answering(request, app, submission),
        }
    return render(request, "reviews/app_review.html", context | more, status=status)


def _answering(request: HttpRequest, app: App, submission: Submission) -> dict[str, Any]:
    """What the partner can say to the decision on the newest submission; the verbs ask again."""
    actor = person(request)
    may_answer, may_appeal = can_answer_findings(actor, app), can_appeal(actor, app)
    appeal = appeals.appeal_of(submission)
    is_appealed = appeal is not None and appeal.decided_at == submission.decided_at
    is_asked = submission.state == SubmissionState.CHANGES_REQUESTED
    form = AnswersForm(submission) if may_answer and is_asked else None
    return {
        "answers_form": form,
        "answered": sum(bool(one.answer) for one in form.findings) if form else 0,
        "appeal_form": AppealForm() if may_appeal and submission.state in APPEALABLE and not is_appealed else None,
        "appeal": appeal,
    }


def _judged_steps(submission: Submission) -> list[dict[str, Any]]:
    """The seven steps with verdict and findings, from prefetched rows."""
    verdicts = {verdict.step: verdict for verdict in submission.verdicts.all()}
    found: dict[str, list[Any]] = {}
    for finding in submission.findings.all():
        found.setdefault(finding.step, []).append(finding)
    return [{"step": step, "verdict": verdicts.get(step), "findings": found.get(step, [])} for step in ReviewStep]


def _named(request: HttpRequest, app: App) -> Submission:
    """The submission that the form names: an old page never answers a newer one."""
    rows = submissions_of(app).prefetch_related("verdicts", "findings")
    return get_object_or_404(rows, version__number=_number(request.POST.get("version", "")))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


# --- Answers ------------------------------------------------------------------------------------------


@require_POST
@app_page(can_answer_findings)
def app_answers(request: HttpRequest, app: App) -> HttpResponse:
    """Save the answers: a form, or an autosave that is answered in JSON."""
    submission = _named(request, app)
    form = AnswersForm(submission, request.POST)
    if not form.is_valid():
        return _refuse(request, app, submission, form)
    try:
        answers.save_answers(submission, person(request), form.answers(), form.cleaned_data["revision"])
    except Outdated as late:
        return _conflict(request, app, form, late.current)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _refuse(request, app, submission, form)
    if wants_json(request):
        revision = Submission.objects.values_list("answers_revision", flat=True).get(pk=submission.pk)
        return JsonResponse({"saved_at": timezone.now().isoformat(), "revision": revision})
    return see_other(request, f"{_url(app)}#answers", "Your answers are kept. The reviewer sees them when you submit.")


def _refuse(request: HttpRequest, app: App, submission: Submission, form: AnswersForm) -> HttpResponse:
    if wants_json(request):
        first = next(iter(form.errors.values()))[0]
        return JsonResponse({"errors": form.errors, "message": f"Not saved yet. {first}"}, status=422)
    return _page(request, app, submission, status=422, answers_form=form, form=form)


def _conflict(request: HttpRequest, app: App, form: AnswersForm, current: Submission) -> HttpResponse:
    if wants_json(request):
        body = {"revision": current.answers_revision, "current_url": _url(app)}
        return JsonResponse({**body, "message": "There is a newer version."}, status=409)
    form.overwrite(current.answers_revision)
    found = form.differences(current)
    return _page(request, app, current_submission(app), status=409, answers_form=form, form=form, differences=found)


# --- Appeal -------------------------------------------------------------------------------------------


@require_POST
@app_page(can_appeal)
def app_appeal(request: HttpRequest, app: App) -> HttpResponse:
    submission = _named(request, app)
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _page(request, app, submission, status=422, appeal_form=form, form=form)
    try:
        appeals.appeal(submission, person(request), form.cleaned_data["text"])
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, app, current_submission(app), status=422, appeal_form=form, form=form)
    return see_other(request, f"{_url(app)}#appeal", "Your appeal is on its way to another reviewer.")


def _url(app: App) -> str:
    return reverse("app-review", args=[app.slug])
