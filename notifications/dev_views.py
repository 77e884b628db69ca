"""`/dev/mail/`: the mailbox of the demo. Elsewhere these pages do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from notifications import mailbox
from notifications.mailbox import StoredMail

BACKEND = "notifications.backends.FileMailBackend"
PER_PAGE = 25
View = Callable[..., Any]

# The frame that shows a mail's HTML: inline styles are how mails are written, everything else is shut.
FRAME_POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


def only_in_development(view: View) -> View:
    """404 unless DEBUG is on and mails are written to files."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not (settings.DEBUG and settings.EMAIL_BACKEND == BACKEND):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_in_development
@require_safe
@never_cache
def mail_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(mailbox.names(), PER_PAGE).get_page(request.GET.get("page"))
    mails = [mail for name in page.object_list if (mail := mailbox.read(name))]
    return render(request, "notifications/mail_list.html", {"page_obj": page, "mails": mails})


@only_in_development
@require_safe
@never_cache
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "notifications/mail_detail.html", {"mail": _mail(name)})


@only_in_development
@require_safe
@never_cache
@xframe_options_sameorigin
@csp_replace(FRAME_POLICY)  # type: ignore[arg-type]  # its types know no arguments from the path
def mail_frame(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part by itself, shown in a sandboxed frame. Links open in a tab of their own."""
    return HttpResponse('<!doctype html><base target="_blank">' + _mail(name).html)


def _mail(name: str) -> StoredMail:
    mail = mailbox.read(name)
    if mail is None:
        raise Http404
    return mail
