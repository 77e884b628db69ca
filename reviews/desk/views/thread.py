"""The page of one App's thread at the desk, and where its forms are posted."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.visitor import person
from apps_catalog.models import App
from leases.transitions import StaleState
from reviews import threads
from reviews.desk.pages import desk_page, see, show
from reviews.desk.thread import thread_context
from reviews.refusals import Outdated, Refused
from reviews.rules import can_review
from reviews.thread_forms import NoteForm, ReviewerMessageForm
from reviews.views.thread import mark_read


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def review_thread(request: HttpRequest, slug: str) -> HttpResponse:
    app = get_object_or_404(App.objects.select_related("company").filter(deleted_at__isnull=True), slug=slug)
    if request.method != "POST":
        return _page(request, app)
    act = request.POST.get("act")
    if act == "read":
        return mark_read(request, app, reverse("review-thread", args=[app.slug]))
    if not can_review(person(request), app):
        raise PermissionDenied("Reviewers write here, and never to their own company.")
    if act == "settle":
        return _settle(request, app)
    return _note(request, app) if act == "note" else _post(request, app)


def _page(request: HttpRequest, app: App, *, status: int = 200, **more: Any) -> HttpResponse:
    context = thread_context(request, app, **more) | {"title": f"Thread of {app.name}", "shown_app": app}
    return show(request, "thread.html", context, status=status)


def _post(request: HttpRequest, app: App) -> HttpResponse:
    form = ReviewerMessageForm(request.POST)
    if not form.is_valid():
        return _page(request, app, status=422, message=form)
    data = form.cleaned_data
    try:
        threads.post(
            app, person(request), data["text"],
            token=data["token"], seen=data["seen"], wants_answer=not data["no_answer"],
        )  # fmt: skip
    except Outdated as late:
        form.replace_seen(late.current.pk)
        return _page(request, app, status=409, message=form, too_late=str(late))
    except Refused as refusal:
        form.add_error("text", str(refusal))
        return _page(request, app, status=422, message=form)
    messages.success(request, "Sent to the partner, by mail too.")
    return _back(request, app)


def _note(request: HttpRequest, app: App) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, app, status=422, note=form)
    try:
        threads.note(app, person(request), form.cleaned_data["text"], token=form.cleaned_data["token"])
    except Refused as refusal:
        form.add_error("text", str(refusal))
        return _page(request, app, status=422, note=form)
    messages.success(request, "The note is kept. Only reviewers see it.")
    return _back(request, app)


def _settle(request: HttpRequest, app: App) -> HttpResponse:
    try:
        threads.settle(app, person(request))
    except StaleState:
        messages.info(request, "The partner does not wait for an answer.")
    else:
        messages.success(request, "Closed: the partner waits for nothing any more.")
    return _back(request, app)


def _back(request: HttpRequest, app: App) -> HttpResponse:
    """To the page that the form stood on."""
    try:
        submission = UUID(request.POST.get("back_to", ""))
    except ValueError:
        return see(reverse("review-thread", args=[app.slug]) + "#thread")
    return see(reverse("review-submission", args=[submission]) + "#thread")
