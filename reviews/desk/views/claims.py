"""Claim, renew, give back, take over: the same four acts on submissions, releases and access requests.

The buttons stand in the form of the page, so that what was typed beside them is kept. The heartbeat of
static/js/desk-claim.js asks for JSON.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.visitor import person
from partners import claims
from partners.claimable import Claimable
from partners.claims import LEASE, Claimed, holder_of
from partners.rules import can_review_access
from reviews import probes
from reviews.desk import drafts
from reviews.desk.forms import Sheet
from reviews.desk.pages import desk_page, see
from reviews.desk.views import access, releases, submissions
from reviews.rules import can_review
from reviews.states import ProbeReason


@dataclass(frozen=True, slots=True)
class Case:
    """What is claimed: its row, what the record is about, its page, and how the page shows an error."""

    row: Claimable
    target: models.Model
    url: str
    show: Callable[[int, str], HttpResponse]
    # Called when somebody takes it up: for a submission, its addresses are looked at once more.
    pick_up: Callable[[], object] = lambda: None


@desk_page
@require_POST
def review_claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    submission = submissions.load(pk)
    if not can_review(person(request), submission.app):
        raise PermissionDenied("Reviewers claim submissions, and never those of their own company.")
    drafts.keep(request, submission)

    def shown(status: int, error: str) -> HttpResponse:
        return submissions.page(request, submission, Sheet(submission, request.POST), status=status, claim_error=error)

    def look_again() -> None:
        probes.request(submission, ProbeReason.PICK_UP, person(request))

    url = reverse("review-submission", args=[pk])
    return _act(request, Case(submission, submission.app, url, shown, look_again))


@desk_page
@require_POST
def review_release_claim(request: HttpRequest, pk: int) -> HttpResponse:
    asked = releases.load(pk)
    if not can_review(person(request), asked.app):
        raise PermissionDenied("Reviewers claim releases, and never those of their own company.")

    def shown(status: int, error: str) -> HttpResponse:
        return releases.page(request, asked, status=status, claim_error=error)

    return _act(request, Case(asked, asked.app, reverse("review-release", args=[pk]), shown))


@desk_page
@require_POST
def review_access_claim(request: HttpRequest, pk: int) -> HttpResponse:
    found = access.load(pk)
    if not can_review_access(person(request), found):
        raise PermissionDenied("Reviewers claim access requests, and never their own.")

    def shown(status: int, error: str) -> HttpResponse:
        return access.page(request, found, access.filled(request, found), status=status, claim_error=error)

    return _act(request, Case(found, found, reverse("review-access", args=[pk]), shown))


def _act(request: HttpRequest, case: Case) -> HttpResponse:
    act = request.POST.get("claim", "")
    if act not in ACTS:
        return case.show(422, "Choose what to do with the claim.")
    return ACTS[act](request, case)


def _claim(request: HttpRequest, case: Case) -> HttpResponse:
    try:
        claims.take(case.row, person(request))
    except Claimed as held:
        return case.show(409, str(held))
    case.pick_up()
    messages.success(request, f"Yours for {LEASE.seconds // 60} minutes, and longer while you work on it.")
    return see(case.url)


def _renew(request: HttpRequest, case: Case) -> HttpResponse:
    """The heartbeat: says whose claim it is now, and until when."""
    is_mine = claims.renew(case.row, person(request))
    row = case.row
    by = holder_of(row) if row.is_claimed else ""
    until = timezone.localtime(row.claimed_until).isoformat() if row.is_claimed and row.claimed_until else ""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"is_mine": is_mine, "by": by, "until": until})
    return see(case.url)


def _give_back(request: HttpRequest, case: Case) -> HttpResponse:
    claims.give_back(case.row, person(request))
    messages.success(request, "Given back: anybody can take it.")
    return see(case.url)


def _take_over(request: HttpRequest, case: Case) -> HttpResponse:
    former = holder_of(case.row)
    try:
        claims.take_over(
            case.row, person(request), request.POST.get("claim_reason", ""), target=case.target, url=case.url
        )
    except ValidationError as error:
        return case.show(422, " ".join(error.messages))
    except Claimed as held:
        return case.show(409, str(held))
    case.pick_up()
    messages.success(request, f"It is yours now. {former} reads your reason in a notice.")
    return see(case.url)


ACTS: dict[str, Callable[[HttpRequest, Case], HttpResponse]] = {
    "take": _claim,
    "renew": _renew,
    "give_back": _give_back,
    "take_over": _take_over,
}
