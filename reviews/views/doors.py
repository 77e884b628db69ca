"""The customer's side of a beta (S32, S33): the special URL, which leads into the visitor's own workspace, what the
App is, the invitation, “works for me”, “something is wrong”.

What is hidden answers exactly like what does not exist (T21): same page, same headers, same work.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.defaults import page_not_found

from accounts.models import User
from accounts.visitor import person
from apps_catalog.console import see_other
from apps_catalog.models import App
from reviews import beta, door
from reviews.forms import ProblemForm, VerifyForm
from reviews.models import Verification
from reviews.refusals import Refused
from reviews.rules import can_try, can_verify, is_member
from reviews.trials import trials_of
from workspaces.lifecycle import personal
from workspaces.models import Workspace
from workspaces.states import WRITERS

View = Callable[..., HttpResponse]
# So many workspaces are offered to choose from; nobody owns more.
CHOICE = 50
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


def writable_by(user: User) -> QuerySet[Workspace]:
    """The workspaces in which `user` may install Apps."""
    return Workspace.objects.filter(memberships__user=user, memberships__role__in=WRITERS).order_by("name", "pk")


# --- The special URL --------------------------------------------------------------------------------


@secluded
@require_safe
@login_required
def beta_door(request: HttpRequest, slug: str) -> HttpResponse:
    """On to the install page in the visitor's workspace: the only one, the chosen one, or one that is made now."""
    app, visitor = _app_or_404(request, slug), person(request)
    if not can_try(visitor, app):  # staff, who may look at everything
        return _to_about(app)
    found = list(writable_by(visitor)[:CHOICE])
    if len(found) > 1:
        context = {"door": door.door_of(app), "beta_app": app, "workspaces": found}
        return render(request, "reviews/beta_choose.html", context)
    workspace = found[0] if found else personal(visitor)
    return HttpResponseRedirect(reverse("workspace-install", args=[workspace.slug, app.slug]))


@secluded
@require_safe
@login_required
def beta_about(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, _app_or_404(request, slug))


@secluded
@require_POST
@login_required
def beta_verify(request: HttpRequest, slug: str) -> HttpResponse:
    app = _app_or_404(request, slug)
    if not can_verify(person(request), app):
        raise PermissionDenied("Only customers outside the company that makes the App can confirm it.")
    form = VerifyForm(request.POST, prefix="verify", trials=trials_of(person(request), app))
    if not form.is_valid():
        return _page(request, app, verify_form=form, status=422)
    try:
        _, is_new = beta.verify(app, person(request), form.cleaned_data["note"], form.chosen)
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
    return see_other(request, reverse("beta-about", args=[app.slug]))


def _to_about(app: App) -> HttpResponse:
    return HttpResponseRedirect(reverse("beta-about", args=[app.slug]))


def _page(
    request: HttpRequest, app: App, *, verify_form: VerifyForm | None = None, problem_form: ProblemForm | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    visitor = person(request)
    trials, said = trials_of(visitor, app), Verification.objects.filter(app=app, user=visitor)
    context = {
        "door": door.door_of(app),
        "beta_app": app,
        "is_member": is_member(visitor, app),
        "can_verify": can_verify(visitor, app) and app.is_live,
        "can_try": can_try(visitor, app),
        "verification": said.select_related("version").first(),
        "trials": trials,
        "works": any(one.works for one in trials),
        "verify_form": verify_form or VerifyForm(prefix="verify", trials=trials),
        "problem_form": problem_form or ProblemForm(prefix="problem"),
    }
    return render(request, "reviews/beta_about.html", context, status=status)


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
    return see_other(request, reverse("beta-door", args=[invitation.app.slug]))
