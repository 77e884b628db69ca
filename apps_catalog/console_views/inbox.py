"""/apps/<slug>/inbox/: what the App's built-in endpoint was sent, live, and how it answers."""

import hashlib
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.undo import can_be_undone, say_with_undo
from apps_catalog import echo_control
from apps_catalog.addresses import echo_url
from apps_catalog.console import acting, app_page, see_other
from apps_catalog.echo_forms import ScriptForm
from apps_catalog.echo_scripts import PLAIN, answer_of, is_scripted, opinions
from apps_catalog.models import App, EchoInbox, EchoRequest
from apps_catalog.rules import can_edit_app

PAGE_SIZE = 25
NOTHING_NEW = 204


@app_page(can_edit_app)
@require_http_methods(["GET", "HEAD", "POST"])
def app_inbox(request: HttpRequest, app: App) -> HttpResponse:
    """The newest requests, 25 a page, and the form that scripts the answers."""
    inbox = _inbox(app)
    form = ScriptForm(request.POST if request.method == "POST" else None, inbox=inbox)
    if form.is_valid():
        echo_control.set_script(acting(request), app, form.wanted())
        return see_other(request, request.path, "Set. The next request gets this answer.")
    context = _context(request, app, inbox) | {"form": form, "opinions": opinions(), "url": echo_url(inbox.token)}
    return render(request, "apps_catalog/console/inbox.html", context, status=422 if form.is_bound else 200)


def _context(request: HttpRequest, app: App, inbox: EchoInbox) -> dict[str, Any]:
    page = Paginator(_rows(inbox), PAGE_SIZE).get_page(request.GET.get("page"))
    newest = page.object_list[0].pk if page.object_list and page.number == 1 else 0
    return {
        "app": app,
        "inbox": inbox,
        "rows": page.object_list,
        "page_obj": page,
        "after": max(newest, inbox.cleared_to),
        "state": _state(inbox),
        "is_live": page.number == 1,
        "is_scripted": is_scripted(inbox),
        "next_answer": answer_of(inbox) if is_scripted(inbox) else PLAIN,
        "may_edit": can_edit_app(request.user, app),
        "can_undo": can_be_undone(inbox.cleared_at),
    }


@app_page()
@require_safe
def app_inbox_live(request: HttpRequest, app: App) -> HttpResponse:
    """What came since `?after=<number>`, and how the endpoint answers now; 204 when neither changed.

    Asked for every second and a half while somebody looks. `state` is what the page knows of the script.
    """
    inbox = _inbox(app)
    after = max(_number(request.GET.get("after", "")), inbox.cleared_to)
    found = list(_rows(inbox).filter(pk__gt=after)[:PAGE_SIZE])
    state = _state(inbox)
    if not found and state == request.GET.get("state"):
        response = HttpResponse(status=NOTHING_NEW)
    else:
        context = {
            "app": app,
            "inbox": inbox,
            "rows": found,
            "after": found[0].pk if found else after,
            "state": state,
            "is_live": True,
            "is_scripted": is_scripted(inbox),
            "next_answer": answer_of(inbox) if is_scripted(inbox) else PLAIN,
        }
        response = render(request, "apps_catalog/console/_inbox_live.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response


@app_page()
@require_safe
def app_inbox_request(request: HttpRequest, app: App, pk: int) -> HttpResponse:
    """One request: headers and body, pretty and raw, and what it was answered. A part of the list for htmx."""
    inbox = _inbox(app)
    row = get_object_or_404(inbox.requests.filter(pk__gt=inbox.cleared_to), pk=pk)
    context = {"app": app, "row": row, "exchange": _exchange(row, echo_url(inbox.token))}
    is_part = getattr(request, "htmx", False)
    return render(request, f"apps_catalog/console/{'_' if is_part else ''}inbox_request.html", context)


@app_page(can_edit_app)
@require_POST
def app_inbox_clear(request: HttpRequest, app: App) -> HttpResponse:
    """Empty the list, with a way back."""
    if echo_control.clear(acting(request), app):
        say_with_undo(request, "The inbox is empty now.", reverse("app-inbox-unclear", args=[app.slug]))
    else:
        messages.info(request, "The inbox was empty already.")
    return see_other(request, reverse("app-inbox", args=[app.slug]))


@app_page(can_edit_app)
@require_POST
def app_inbox_unclear(request: HttpRequest, app: App) -> HttpResponse:
    """Undo `app_inbox_clear`."""
    if echo_control.undo_clear(acting(request), app):
        messages.success(request, "The requests are back.")
    else:
        messages.info(request, "There is nothing to bring back.")
    return see_other(request, reverse("app-inbox", args=[app.slug]))


def _inbox(app: App) -> EchoInbox:
    inbox = EchoInbox.objects.filter(app=app).first()
    if inbox is None:
        raise Http404
    return inbox


def _rows(inbox: EchoInbox) -> QuerySet[EchoRequest]:
    """What a list shows; headers and bodies are fetched one by one."""
    return inbox.requests.filter(pk__gt=inbox.cleared_to).defer("headers", "body", "answer")


def _exchange(row: EchoRequest, url: str) -> dict[str, Any]:
    """The shape that partials/wire.html reads."""
    answer = row.answer or {"headers": [list(pair) for pair in PLAIN.headers], "body": PLAIN.body}
    return {
        "request": {"method": row.method, "url": url, "headers": row.headers, "body": row.body},
        "response": {"status": row.status, "reason": HTTPStatus(row.status).phrase, **answer},
    }


def _state(inbox: EchoInbox) -> str:
    """A short text that changes whenever what the page says of the script would."""
    parts = (inbox.script, inbox.script_left, inbox.script_seconds, inbox.script_message, inbox.cleared_to)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
