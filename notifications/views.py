"""The notices of whoever is signed in, and what of them they want by mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.visitor import person
from notifications import preferences
from notifications.notices import mark_read, notices_of

PER_PAGE = 25


@login_required
@require_safe
@never_cache
def notice_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(notices_of(person(request)), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/notice_list.html", {"page_obj": page})


@login_required
@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    if mark_read(person(request)):
        messages.success(request, "All notices are marked as read.")
    return _see(reverse("notice-list"))


@login_required
@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks one notice as read and goes where it points."""
    notice = get_object_or_404(notices_of(person(request)), pk=pk)
    mark_read(person(request), notice)
    return _see(notice.url or reverse("notice-list"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def mail_preferences(request: HttpRequest) -> HttpResponse:
    """One tick for each kind of message. A form without the mark of this page is none, so nothing changes."""
    if request.method == "POST":
        if "page" not in request.POST:
            messages.error(request, "Nothing was changed. Set the ticks on this page and save.")
            return _preferences(request, status=422)
        changed = preferences.save(person(request), set(request.POST.getlist("mail")))
        messages.success(request, "Saved. Notices are kept here in any case." if changed else "Nothing has changed.")
        return _see(reverse("account-mail"))
    return _preferences(request)


def _preferences(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    groups = preferences.choices(person(request))
    return render(request, "notifications/mail_preferences.html", {"groups": groups}, status=status)


def _see(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
