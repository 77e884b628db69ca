"""One's own account: profile, export, leaving. Log-in, second factors and sessions are allauth's."""

import json

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import leaving
from accounts.forms import DeletionForm, ProfileForm
from accounts.visitor import person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=person(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile is saved.")
        return redirect("account-home")
    return render(request, "accounts/home.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@reauthentication_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Everything we hold about the person, as a JSON file."""
    body = json.dumps(leaving.export(person(request)), indent=2, ensure_ascii=False, default=str)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="developer-center-account.json"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    form = DeletionForm(request.POST or None, user=person(request))
    if request.method == "POST" and form.is_valid():
        try:
            leaving.request_deletion(person(request))
        except leaving.Stays as stays:
            for sentence in stays.obstacles:
                form.add_error(None, sentence)
        else:
            messages.success(request, "Your account will be deleted after the grace period.")
            return redirect("account-home")
    context = {"form": form, "obstacles": leaving.obstacles(person(request))}
    return render(request, "accounts/delete.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """JSON for a page that was left open: {"user": its number as text, or "", "token": what a form has to carry now}.

    Logging in again changes the token. A page takes the new one only when the same person is there (drafts.js).
    """
    return JsonResponse({"user": str(request.user.pk or ""), "token": get_token(request)})


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions. One that has ended meanwhile is fine; the one in use logs out elsewhere."""
    found = get_object_or_404(UserSession, pk=pk, user=person(request))
    if found.is_current():
        messages.info(request, "That is the session you are using. Log out to end it.")
    else:
        found.end()
        messages.success(request, "The session is ended.")
    return redirect("usersessions_list")


@login_required
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    leaving.keep(person(request))
    messages.success(request, "Your account stays.")
    return redirect("account-home")
