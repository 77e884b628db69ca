"""The customer's side of a beta (S32, S33): the special URL, the invitation, “works for me”, “something is wrong”.

What is hidden answers exactly like what does not exist (T21): same page, same headers, same work.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.defaults import page_not_found

from accounts.visitor import person
from apps_catalog.console import see_other
from apps_catalog.models import App
from reviews import beta, door
from reviews.beta import company_of
from reviews.forms import ProblemForm, VerifyForm
from reviews.models import Verification
from reviews.refusals import Refused
from reviews.rules import can_verify, is_member

View = Callable[..., HttpResponse]
SECLUDED = {
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, no-store",
}


def secluded(view: View) -> View:
    """Keep a page out of search engines, caches and Referer headers, also when it is a redirect or a 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404 as error:
            response = page_not_found(request, error)
        for name, value in SECLUDED.items():
            response.headers[name] = value
        if response.status_code != HTTPStatus.NOT_FOUND:
            # The pages soften it for their own forms by a <meta>; the 404 page cannot, and has forms too.
            response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return wrapped


def _app_or_404(request: HttpRequest, slug: str) -> App:
    app = door.find(slug, person(request))
    if app is None:
        raise Http404
    return app


# --- The special URL --------------------------------------------------------------------------------


@secluded
@require_safe
@login_required
def beta_door(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, _app_or_404(request, slug))


@secluded
@require_POST
@login_required
def beta_verify(request: HttpRequest, slug: str) -> HttpResponse:
    app = _app_or_404(request, slug)
    if not can_verify(person(request), app):
        raise PermissionDenied("Only customers outside the company that makes the App can confirm it.")
    form = VerifyForm(request.POST, prefix="verify")
    if not form.is_valid():
        return _page(request, app, verify_form=form, status=422)
    try:
        _, is_new = beta.verify(app, person(request), **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, app, verify_form=form, status=422)
    text = "Thank you! We told the maker." if is_new else "You have confirmed it already. Thank you!"
    messages.success(request, text)
    return _back(request, app)


@secluded
@require_POST
@login_required
def beta_problem(request: HttpRequest, slug: str) -> HttpResponse:
    app = _app_or_404(request, slug)
    form = ProblemForm(request.POST, prefix="problem")
    if not form.is_valid():
        return _page(request, app, problem_form=form, status=422)
    try:
        beta.report_problem(app, person(request), form.cleaned_data["text"])
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, app, problem_form=form, status=422)
    messages.success(request, "Thank you. The maker and Segment have your report and can answer you by mail.")
    return _back(request, app)


def _back(request: HttpRequest, app: App) -> HttpResponse:
    return see_other(request, reverse("beta-door", args=[app.slug]))


def _page(
    request: HttpRequest, app: App, *, verify_form: VerifyForm | None = None, problem_form: ProblemForm | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "door": door.door_of(app),
        "beta_app": app,
        "is_member": is_member(person(request), app),
        "can_verify": can_verify(person(request), app) and app.is_live,
        "verification": Verification.objects.filter(app=app, user=person(request)).select_related("version").first(),
        "verify_form": verify_form or VerifyForm(prefix="verify", initial={"workspace": company_of(person(request))}),
        "problem_form": problem_form or ProblemForm(prefix="problem"),
    }
    return render(request, "reviews/beta_door.html", context, status=status)


# --- A personal invitation ----------------------------------------------------------------------------


@secluded
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def beta_invite_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing (mail scanners open it too); the button accepts."""
    invitation = beta.open_invite(token, person(request))
    if invitation is None:
        raise Http404
    if request.method != "POST":
        context = {"invitation": invitation, "beta_app": invitation.app, "door": door.door_of(invitation.app),
                   "is_member": is_member(person(request), invitation.app)}  # fmt: skip
        return render(request, "reviews/beta_invite.html", context)
    try:
        beta.accept(invitation, person(request))
    except Refused:
        raise Http404 from None
    return _back(request, invitation.app)
