"""/apps/<slug>/thread/: the partner's side of the conversation."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.visitor import person
from apps_catalog.console import app_page, see_other
from apps_catalog.models import App
from leases.transitions import StaleState
from reviews import threads
from reviews.refusals import Outdated, Refused
from reviews.rules import can_write_as_partner, is_member
from reviews.states import Side
from reviews.thread_forms import MessageForm
from reviews.thread_page import thread_page


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(is_member)
def app_thread(request: HttpRequest, app: App) -> HttpResponse:
    """Messages with the newest at the end; older ones on further pages. Private notes are never on it.

    Every member says what they have read; owners and developers write.
    """
    if request.method != "POST":
        return _page(request, app)
    act = request.POST.get("act")
    if act == "read":
        return mark_read(request, app, _url(app))
    if not can_write_as_partner(person(request), app):
        raise PermissionDenied("Owners and developers write here.")
    return _settle(request, app) if act == "settle" else _post(request, app)


def mark_read(request: HttpRequest, app: App, url: str) -> HttpResponse:
    """What was on the page has been seen. The page says so by itself where scripts run."""
    newest = request.POST.get("newest", "")
    if newest.isascii() and newest.isdigit():
        threads.read_to(app, person(request), int(newest[:18]))
    return HttpResponse(status=204) if request.headers.get("HX-Request") else see_other(request, url)


def _post(request: HttpRequest, app: App) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _page(request, app, form, status=422)
    data = form.cleaned_data
    try:
        threads.post(app, person(request), data["text"], token=data["token"], seen=data["seen"])
    except Outdated as late:
        form.replace_seen(late.current.pk)
        return _page(request, app, form, status=409, too_late=str(late))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, app, form, status=422)
    return see_other(request, _url(app), "Your message is sent. You hear by mail when there is an answer.")


def _settle(request: HttpRequest, app: App) -> HttpResponse:
    try:
        threads.settle(app, person(request))
    except StaleState:
        messages.info(request, "Nobody waits for an answer of yours.")
    else:
        messages.success(request, "Closed: nobody waits for an answer any more.")
    return see_other(request, _url(app))


def _page(
    request: HttpRequest, app: App, form: MessageForm | None = None, *, status: int = 200, too_late: str = ""
) -> HttpResponse:
    viewer = person(request)
    belongs = is_member(viewer, app)
    seen = threads.last_seen(app, viewer)
    side = Side.PARTNER if belongs else Side.SEGMENT
    page = thread_page(app, viewer, request.GET.get("page"), side=side, with_notes=False, seen=seen)
    context = {
        "thread": page,
        "page_obj": page.page_obj,
        "form": form or MessageForm(newest=page.newest),
        "may_write": can_write_as_partner(viewer, app),
        "newest": page.newest if belongs and page.newest > seen else 0,
        "is_my_turn": belongs and threads.turn(app) == Side.PARTNER,
        "too_late": too_late,
    }
    return render(request, "reviews/app_thread.html", context, status=status)


def _url(app: App) -> str:
    return reverse("app-thread", args=[app.slug])
