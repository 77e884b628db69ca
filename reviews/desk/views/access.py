"""The page of one access request at the desk: signals, the four criteria, and the decision (S5 to S7)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.visitor import person
from partners import claims
from partners.models import AccessRequest
from partners.rules import can_review_access
from partners.vetting import VettingForm, answer, page_context
from reviews.desk.claiming import claim_context
from reviews.desk.keys import keys_context
from reviews.desk.pages import desk_page, see, show


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def review_access(request: HttpRequest, pk: int) -> HttpResponse:
    access_request = load(pk)
    if request.method != "POST":
        return page(request, access_request, VettingForm(access_request=access_request))
    actor = person(request)
    if not can_review_access(actor, access_request):
        raise PermissionDenied("Reviewers judge access requests, and never their own.")
    found = answer(access_request, actor, request.POST, lambda: load(pk))
    claims.touch(found.access_request, actor)
    if not found.done:
        return page(request, found.access_request, found.form, status=found.status, too_late=found.too_late)
    messages.success(request, found.done)
    return see(reverse("review-access", args=[pk]))


def load(pk: int) -> AccessRequest:
    rows = AccessRequest.objects.select_related("applicant", "company", "decided_by", "claimed_by")
    return get_object_or_404(rows, pk=pk)


def filled(request: HttpRequest, access_request: AccessRequest) -> VettingForm:
    """What was typed, shown again without being judged."""
    form = VettingForm(access_request=access_request)
    form.initial.update({name: request.POST[name] for name in form.fields if name in request.POST})
    return form


def page(
    request: HttpRequest, access_request: AccessRequest, form: VettingForm, *,
    status: int = 200, too_late: str = "", claim_error: str = "",
) -> HttpResponse:  # fmt: skip
    return show(request, "access.html", _context(request, access_request, form, too_late, claim_error), status=status)


def _context(
    request: HttpRequest, access_request: AccessRequest, form: VettingForm, too_late: str, claim_error: str
) -> dict[str, Any]:
    actor = person(request)
    context = page_context(access_request, actor, form)
    may_claim = bool(context["decisions"]) and context["may_judge"]
    return {
        **context,
        **claim_context(
            access_request, actor, route="review-access-claim", may_claim=may_claim, error=claim_error,
            reason=request.POST.get("claim_reason", ""),
        ),
        **keys_context(actor),
        "title": str(access_request),
        "too_late": too_late,
    }  # fmt: skip
