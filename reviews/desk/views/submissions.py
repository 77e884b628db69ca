"""The page of one submission: judge its steps, ask, run, decide.

Every button belongs to one form and names its act. Errors come back with 422, a lost race with 409; either
way, and after every success, what was typed and not saved is still there.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import replace_url

from accounts.visitor import person
from leases.transitions import StaleState
from partners import claims
from reviews import decisions, enquiries, holds, rubric
from reviews.desk import drafts, prefill
from reviews.desk.dossier import desk_of, dossier, part_context
from reviews.desk.forms import MAX_ROWS, Sheet, StepForm
from reviews.desk.pages import desk_page, see, show
from reviews.desk.parts import Column, address_after, asked_by_htmx, place
from reviews.desk.reruns import start_rerun
from reviews.models import Rule, Submission
from reviews.queries import submission_for_review
from reviews.refusals import NotReady, Refused
from reviews.rules import can_review
from reviews.states import MOVES, EnquiryKind

DONE = {
    "approve": "Approved. The partner is told when the undo interval is over.",
    "request_changes": "The changes are requested. The partner reads your findings.",
    "reject": "Rejected. The partner reads your reason.",
    "undo": "The decision is undone: the submission waits again, and nobody was told.",
    "hold": "On hold. The partner reads your reason when the undo interval is over.",
    "unhold": "The review goes on.",
}


# After these the reviewer goes on with the sheet.
GOES_ON = {"hold", "unhold"}


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def review_submission(request: HttpRequest, pk: UUID) -> HttpResponse:
    submission = load(pk)
    if request.method != "POST":
        if column := asked_by_htmx(request):
            return _part(request, submission, column)
        return page(request, submission, Sheet(submission, drafts.typed(request, submission)))
    if not can_review(person(request), submission.app):
        raise PermissionDenied("Reviewers judge submissions, and never those of their own company.")
    if submission.is_waiting:  # whoever works on it goes on; whoever begins on a free one has it
        claims.touch(submission, person(request))
    act, _, detail = request.POST.get("act", "").partition(":")
    sheet = Sheet(submission, request.POST)
    if act not in ACTS:
        sheet.refuse("Choose one of the decisions at the bottom of the page.")
        return page(request, submission, sheet, status=422)
    return ACTS[act](request, submission, sheet, detail)


def load(pk: UUID) -> Submission:
    found = submission_for_review(pk)
    if found is None:
        raise Http404("There is no such submission.")
    return found


def page(
    request: HttpRequest, submission: Submission, sheet: Sheet, *,
    status: int = 200, too_late: str = "", claim_error: str = "",
) -> HttpResponse:  # fmt: skip
    context = dossier(desk_of(request, submission), sheet, claim_error=claim_error) | {"too_late": too_late}
    return show(request, "submission.html", context, status=status)


def _part(request: HttpRequest, submission: Submission, column: Column) -> HttpResponse:
    """One column alone, for htmx; the address bar names what the page shows then."""
    context = part_context(desk_of(request, submission), column)
    response = show(request, "_column.html", context | {"column": context[column.name]})
    return replace_url(response, address_after(request, column))


def _back(request: HttpRequest, submission: Submission, anchor: str = "", **chosen: str) -> HttpResponse:
    """The page again, with the parts that it showed, or with those that are `chosen`."""
    return see(place(reverse("review-submission", args=[submission.pk]), request, anchor, **chosen))


def _too_late(request: HttpRequest, pk: UUID, reason: str) -> HttpResponse:
    """409: the page as things are now, with what was typed."""
    now = load(pk)
    return page(request, now, Sheet(now, request.POST), status=409, too_late=reason)


# --- Judging ------------------------------------------------------------------------------------------


def _save_step(request: HttpRequest, submission: Submission, sheet: Sheet, name: str) -> HttpResponse:
    form = sheet.step(name)
    if form is None:
        raise Http404("There is no such step.")
    if sheet.check([form]) and not form.cleaned_data["outcome"]:
        form.add_error("outcome", "Choose whether this step passes or fails.")
        sheet.faulty.append(form)
    if sheet.faulty:
        return page(request, submission, sheet, status=422)
    if form.is_behind(person(request)):
        return _too_late(request, submission.pk, _behind([form]))
    try:
        _record_steps(submission, request, [form])
    except StaleState as late:
        return _too_late(request, submission.pk, decisions.who_was_first(late))
    drafts.keep(request, submission, but=name)
    messages.success(request, f"Saved: {form.step.label}.")
    return _back(request, submission, f"#{form.prefix}")


def _record_steps(submission: Submission, request: HttpRequest, forms: list[StepForm]) -> None:
    """Only what differs: the same verdict twice (a double click) is one."""
    for form in forms:
        if form.differs:
            judged = form.cleaned_data
            decisions.record_step(submission, person(request), form.step, judged["outcome"], judged["evidence"])


def _behind(forms: list[StepForm]) -> str:
    names = "; ".join(form.step.label for form in forms)
    return f"Another reviewer judged this meanwhile: {names}. Their verdict is shown; save again to replace it."


def _add_row(request: HttpRequest, submission: Submission, sheet: Sheet, _detail: str) -> HttpResponse:
    """One more row for a finding, for pages without scripts as well."""
    drafts.keep(request, submission)
    rows = str(min(sheet.row_count + 1, MAX_ROWS))
    drafts.add(request, submission, {"finding_rows": rows})
    return _back(request, submission, f"#finding-{sheet.row_count}")


def _add_finding(request: HttpRequest, submission: Submission, sheet: Sheet, detail: str) -> HttpResponse:
    """A finding about one rule, with the words that the rubric has for it; `detail` is “rule” or “rule:number”."""
    rule_id, _, number = detail.partition(":")
    rule = _rules(submission).get(rule_id)
    if rule is None:
        raise Http404("There is no such rule.")
    drafts.keep(request, submission)
    row = prefill.free_row(request.POST, sheet.row_count)
    if row is None:
        sheet.refuse(f"There are {MAX_ROWS} findings already. Empty one of them first.")
        return page(request, submission, sheet, status=422)
    written = {f"finding-{row}-{name}": text for name, text in prefill.from_rule(rule, number).items()}
    drafts.add(request, submission, written | {"finding_rows": str(max(sheet.row_count, row + 1))})
    return _back(request, submission, f"#finding-{row}")


def _rules(submission: Submission) -> dict[str, Rule]:
    """By their ids, those by which it is judged."""
    return {rule.rule_id: rule for rule in rubric.rules_in_force(submission.submitted_at)}


# --- Deciding -------------------------------------------------------------------------------------------


@reauthentication_required
def _approve(request: HttpRequest, submission: Submission, sheet: Sheet, _detail: str) -> HttpResponse:
    """Behind a fresh log-in (T23)."""
    message = sheet.message
    return _decide(request, submission, sheet, "approve", [message], lambda: decisions.approve(
        submission, person(request), message.cleaned_data["message"], seen=_seen(request)))  # fmt: skip


def _request_changes(request: HttpRequest, submission: Submission, sheet: Sheet, _detail: str) -> HttpResponse:
    rules = _rules(submission)
    sheet = Sheet(submission, prefill.with_steps(request.POST, rules, sheet.row_count))
    for form in sheet.findings:
        form.known_rules = rules

    def verb() -> None:
        drawn = [form.draft() for form in sheet.findings if not form.is_blank]
        words = sheet.message.cleaned_data["message"]
        decisions.request_changes(submission, person(request), drawn, words, seen=_seen(request))

    return _decide(request, submission, sheet, "request_changes", [*sheet.findings, sheet.message], verb)


def _reject(request: HttpRequest, submission: Submission, sheet: Sheet, _detail: str) -> HttpResponse:
    message = sheet.message
    return _decide(request, submission, sheet, "reject", [message], lambda: decisions.reject(
        submission, person(request), message.cleaned_data["message"], seen=_seen(request)))  # fmt: skip


def _seen(request: HttpRequest) -> str:
    """The newest commit of the pull request that the page showed (T24)."""
    return request.POST.get("seen", "")


def _undo(request: HttpRequest, submission: Submission, sheet: Sheet, _detail: str) -> HttpResponse:
    return _carry_out(request, submission, sheet, "undo", lambda: decisions.undo(submission, person(request)))


def _hold(request: HttpRequest, submission: Submission, sheet: Sheet, _detail: str) -> HttpResponse:
    if not sheet.check([sheet.hold]):
        return page(request, submission, sheet, status=422)
    asked, actor = sheet.hold.cleaned_data, person(request)
    if submission.is_held and (submission.held_by_id, submission.hold_reason) == (actor.pk, asked["reason"]):
        return _nothing_twice(request, submission, "It is on hold already")
    until = datetime.combine(asked["until"], time(23, 59), UTC)
    return _carry_out(request, submission, sheet, "hold", lambda: holds.hold(
        submission, actor, asked["reason"], until, asked["waits_for"]))  # fmt: skip


def _unhold(request: HttpRequest, submission: Submission, sheet: Sheet, _detail: str) -> HttpResponse:
    if submission.is_waiting and not submission.is_held:
        return _nothing_twice(request, submission, "It is not on hold")
    return _carry_out(request, submission, sheet, "unhold", lambda: holds.unhold(submission, person(request)))


def _nothing_twice(request: HttpRequest, submission: Submission, what: str) -> HttpResponse:
    drafts.keep(request, submission)
    messages.info(request, f"{what}; nothing happened twice.")
    return _back(request, submission)


def _decide(
    request: HttpRequest, submission: Submission, sheet: Sheet, verb: str, parts: list, act: Callable[[], None]
) -> HttpResponse:
    """Save the verdicts that are on the page and decide, both or neither."""
    if not submission.is_waiting:
        return _carry_out(request, submission, sheet, verb, lambda: _already(submission))
    if not sheet.check([*sheet.steps, *parts]):
        return page(request, submission, sheet, status=422)
    actor = person(request)
    if behind := [form for form in sheet.steps if form.differs and form.is_behind(actor)]:
        return _too_late(request, submission.pk, _behind(behind))

    def both() -> None:
        _record_steps(submission, request, sheet.steps)
        act()

    return _carry_out(request, submission, sheet, verb, both)


def _already(submission: Submission) -> None:
    raise StaleState(submission, "state")


def _carry_out(
    request: HttpRequest, submission: Submission, sheet: Sheet, verb: str, act: Callable[[], None]
) -> HttpResponse:
    try:
        with transaction.atomic():
            act()
    except StaleState as late:
        return _second(request, submission, verb, late)
    except claims.Claimed as held:
        return _too_late(request, submission.pk, str(held))
    except (NotReady, Refused) as refusal:
        now = load(submission.pk)
        fresh = Sheet(now, request.POST)
        fresh.refuse(str(refusal))
        return page(request, now, fresh, status=422)
    if verb in GOES_ON:
        drafts.keep(request, submission)
    else:
        drafts.forget(request, submission)
    messages.success(request, DONE[verb])
    return _back(request, submission)


def _second(request: HttpRequest, submission: Submission, verb: str, late: StaleState) -> HttpResponse:
    """Somebody was first. If that was the same person with the same button, nothing is wrong."""
    now = load(submission.pk)
    mine = now.decided_by_id == person(request).pk or verb == "undo"
    if mine and verb in MOVES and now.state == MOVES[verb][1]:
        messages.info(request, f"It is {now.get_state_display()} already; nothing happened twice.")
        return _back(request, submission)
    return _too_late(request, submission.pk, decisions.who_was_first(StaleState(now, "state")))


# --- Asking and running -----------------------------------------------------------------------------------


def _ask(request: HttpRequest, submission: Submission, sheet: Sheet, kind: str) -> HttpResponse:
    if kind not in EnquiryKind.values:
        raise Http404("There is no such question.")
    asked = enquiries.ask(submission.app, person(request), EnquiryKind(kind))
    drafts.keep(request, submission)
    messages.success(request, f"The partner is asked about {asked.get_kind_display()}.")
    return _back(request, submission, "#questions", side="questions")


def _rerun(request: HttpRequest, submission: Submission, sheet: Sheet, kind: str) -> HttpResponse:
    drafts.keep(request, submission)
    if not submission.is_waiting:
        return _too_late(request, submission.pk, "This submission is decided: there is nothing to run for it.")
    try:
        start_rerun(submission, person(request), kind)
    except ValidationError as error:
        sheet.refuse(" ".join(error.messages))
        return page(request, submission, sheet, status=422)
    messages.success(request, "The suite runs with the partner’s key.")
    return _back(request, submission, "#wire", part="wire")


ACTS: dict[str, Callable[[HttpRequest, Submission, Sheet, str], HttpResponse]] = {
    "save": _save_step,
    "row": _add_row,
    "finding": _add_finding,
    "approve": _approve,
    "request_changes": _request_changes,
    "reject": _reject,
    "undo": _undo,
    "hold": _hold,
    "unhold": _unhold,
    "ask": _ask,
    "rerun": _rerun,
}
