"""The way in: the survey, its status page, and what an applicant can do with a request."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.visitor import person
from leases.transitions import StaleState
from partners import lifecycle, rules
from partners.clock import due_after
from partners.forms import AgreementsForm, SurveyForm, initial_answers
from partners.models import ANSWERS, AccessRequest, AgreementVersion, Intake, Policy, label_of
from partners.queries import latest_request
from partners.states import OPEN, TYPING, Criterion, RequestState
from partners.timeline import timeline_of
from partners.views.answers import see_other
from partners.waits import access_wait
from runtime.company_address import assess

WEBSITE_SHOWN = 300


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """The survey: write it, save it as it is typed, send it, and amend it until there is a decision."""
    access_request = latest_request(person(request))
    if access_request is not None and access_request.state not in OPEN:
        return _is_over(request, access_request)
    if request.method != "POST":
        return _show(request, access_request)
    if _wants_json(request):
        return _autosave(request, access_request)
    action = _send if request.POST.get("action") == "submit" else _save
    return action(request, access_request)


@login_required
@require_safe
def check_address(request: HttpRequest) -> HttpResponse:
    """What the log-in address and a website say about each other, as a fragment (S2). Looks nothing up."""
    website = request.GET.get("company_website", "")[:WEBSITE_SHOWN]
    return render(request, "partners/_address.html", {"signals": assess(person(request).email, website)})


@login_required
@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Where the request stands and when the answer is due; its upper part refreshes itself."""
    access_request = latest_request(person(request))
    if access_request is None:
        return redirect("apply")
    template = "partners/_status.html" if request.htmx else "partners/status.html"  # type: ignore[attr-defined]
    return render(request, template, _status_context(access_request))


@login_required
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    access_request = latest_request(person(request))
    if access_request is None:
        raise PermissionDenied
    try:
        lifecycle.withdraw(access_request, person(request))
    except StaleState:
        messages.info(request, f"There is nothing to withdraw: the request is {access_request.get_state_display()}.")
    else:
        messages.success(request, "Your request is withdrawn. You can apply again at any time.")
    return see_other("apply-status")


@login_required
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """A new request with the old answers; a second click finds the one that the first made."""
    access_request = latest_request(person(request))
    if access_request is None:
        raise PermissionDenied
    lifecycle.apply_again(access_request, person(request))
    return see_other("apply")


# --- Saving and sending -----------------------------------------------------------------------------------


def _autosave(request: HttpRequest, access_request: AccessRequest | None) -> JsonResponse:
    form = SurveyForm(request.POST)
    if not form.is_valid():
        errors = form.errors.get_json_data()
        return JsonResponse({"errors": errors, "message": _autosave_advice(errors)}, status=422)
    try:
        saved = _keep(request, access_request, form)
    except (lifecycle.StaleRevision, StaleState) as stale:
        return _conflict(stale.row)
    return JsonResponse({"saved_at": timezone.now().isoformat(), "revision": saved.revision})


def _conflict(stored: Any) -> JsonResponse:
    answer = {"revision": stored.revision, "answers": stored.answers, "current_url": reverse("apply")}
    return JsonResponse(answer, status=409)


def _autosave_advice(errors: dict[str, Any]) -> str:
    field, found = next(iter(errors.items()))
    label = label_of(field).capitalize() if field in ANSWERS else "The form"
    return f"Not saved yet. {label}: {found[0]['message']}"


def _save(request: HttpRequest, access_request: AccessRequest | None) -> HttpResponse:
    """The Save button: for everybody without scripts, and for whoever wants to be sure."""
    form = SurveyForm(request.POST)
    if not form.is_valid():
        return _show(request, access_request, form=form, status=422)
    try:
        _keep(request, access_request, form)
    except lifecycle.StaleRevision as stale:
        return _show_both(request, stale.row, form)
    except StaleState:
        return _too_late(request)
    messages.success(request, "Your answers are saved.")
    return see_other("apply")


def _keep(request: HttpRequest, access_request: AccessRequest | None, form: SurveyForm) -> AccessRequest:
    user = person(request)
    with transaction.atomic():
        target = access_request or lifecycle.start(user)
        lifecycle.save_answers(target, user, form.answers, form.cleaned_data["revision"])
    return target


def _send(request: HttpRequest, access_request: AccessRequest | None) -> HttpResponse:
    form = SurveyForm(request.POST, final=True)
    agreements = AgreementsForm(request.POST, agreements=_open_agreements(access_request))
    # Both are asked, so that everything wrong is said at once.
    if not all([form.is_valid(), agreements.is_valid()]):
        revision = _keep_what_can_be_kept(request, access_request)
        return _show(request, access_request, form=form, agreements=agreements, status=422, revision=revision)
    try:
        message = _submit(request, access_request, form, agreements)
    except lifecycle.StaleRevision as stale:
        return _show_both(request, stale.row, form, agreements)
    except StaleState:
        return _too_late(request)
    except ValidationError as error:
        form.add_error(None, error)
        return _show(request, access_request, form=form, agreements=agreements, status=422)
    messages.success(request, message)
    return see_other("apply-status")


@transaction.atomic
def _submit(
    request: HttpRequest, access_request: AccessRequest | None, form: SurveyForm, agreements: AgreementsForm
) -> str:
    user = person(request)
    target = access_request or lifecycle.start(user)
    revision = form.cleaned_data["revision"]
    if target.state not in TYPING:
        lifecycle.amend(target, user, form.answers, revision)
        return "Your changes are saved. The reviewer sees the new answers."
    lifecycle.save_answers(target, user, form.answers, revision)
    lifecycle.submit(target, user, agreements.agreed)
    if target.state == RequestState.WAITLISTED:
        return "You are on the waitlist. We will write to you when it is your turn."
    return "Your request is on its way. We will answer by the date below."


def _keep_what_can_be_kept(request: HttpRequest, access_request: AccessRequest | None) -> int | None:
    """A refused request still saves the draft it came with; returns the new revision.

    None when only the page has the text: the stored draft is newer, or something is too long.
    """
    draft = SurveyForm(request.POST)
    if not draft.is_valid() or (access_request and access_request.state not in TYPING):
        return None
    try:
        return _keep(request, access_request, draft).revision
    except (lifecycle.StaleRevision, StaleState):
        return None


def _is_over(request: HttpRequest, access_request: AccessRequest) -> HttpResponse:
    """There is a decision: the status page tells it, also to a tab that was left open."""
    if request.method != "POST":
        return redirect("apply-status")
    if _wants_json(request):
        return _conflict(access_request)
    return _too_late(request)


def _too_late(request: HttpRequest) -> HttpResponse:
    messages.info(request, "Nothing was changed: the request has moved on meanwhile. Here is where it stands.")
    return see_other("apply-status")


# --- Showing ------------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest,
    access_request: AccessRequest | None,
    *,
    form: SurveyForm | None = None,
    agreements: AgreementsForm | None = None,
    status: int = 200,
    revision: int | None = None,
    **more: Any,
) -> HttpResponse:
    """The page of the form. `revision` is what the form carries next time, when it is not what was posted."""
    shown = access_request or AccessRequest(applicant=person(request))
    form = form or SurveyForm(initial=initial_answers(shown))
    if revision is not None:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["revision"] = str(revision)  # type: ignore[index]
    context = {
        "form": form,
        "agreements": agreements or AgreementsForm(agreements=_open_agreements(access_request)),
        "accepted": _accepted(access_request),
        "access_request": shown,
        "is_typing": shown.state in TYPING,
        "is_draft": shown.state == RequestState.DRAFT,
        "intake": Intake.current(),
        "criteria": Criterion.choices,
        "signals": assess(person(request).email, str(form["company_website"].value() or "")),
        "answer_by": due_after(Policy.current().access_days),
    }
    return render(request, "partners/apply.html", context | more, status=status)


def _show_both(
    request: HttpRequest, stored: AccessRequest, form: SurveyForm, agreements: AgreementsForm | None = None
) -> HttpResponse:
    """A second tab was faster: both versions, and the choice is the writer's."""
    differences = [
        {"label": label_of(name).capitalize(), "mine": form.answers[name], "theirs": getattr(stored, name),
         "name": name, "value": getattr(stored, name)}
        for name in ANSWERS
        if form.answers[name] != getattr(stored, name)
    ]  # fmt: skip
    return _show(
        request, stored, form=form, agreements=agreements, status=409,
        revision=stored.revision, differences=differences,
    )  # fmt: skip


def _status_context(access_request: AccessRequest) -> dict[str, Any]:
    return {
        "access_request": access_request,
        # Something may happen without the applicant: the page looks for it by itself.
        "is_live": access_request.state in OPEN - {RequestState.DRAFT},
        "is_typing": access_request.state in TYPING,
        "wait": access_wait(access_request),
        "timeline": timeline_of(access_request),
        "answers": [(label_of(name), value) for name, value in access_request.answers.items()],
        "can_amend": rules.can_amend(access_request.applicant, access_request),
        "can_withdraw": rules.can_withdraw(access_request.applicant, access_request),
        "can_apply_again": rules.can_apply_again(access_request.applicant, access_request),
    }


def _open_agreements(access_request: AccessRequest | None) -> list[AgreementVersion]:
    """The documents in force that this request has not accepted yet."""
    if access_request and access_request.state not in TYPING:
        return []
    done = {acceptance.agreement_id for acceptance in _accepted(access_request)}
    return [agreement for agreement in AgreementVersion.objects.in_force() if agreement.pk not in done]


def _accepted(access_request: AccessRequest | None) -> list[Any]:
    if access_request is None or access_request.pk is None:
        return []
    return list(access_request.acceptances.select_related("agreement").order_by("agreement__document"))


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
