"""What every page of the desk shares: who gets in, and the frame of the stock admin around it.

It stands this low because each package has its own part of the desk.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.rules import is_reviewer
from accounts.visitor import person

View = Callable[..., HttpResponse]


def desk_page(view: View) -> View:
    """The admin's own door (log-in, CSRF, never cached); behind it, reviewers only: other staff get 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_reviewer(person(request)):
            raise PermissionDenied("The review desk is for reviewers.")
        return view(request, *args, **kwargs)

    return cast(View, admin.site.admin_view(guarded))


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> TemplateResponse:
    """A page in the admin's frame, without its list of models, which would take the width of the work.

    What `each_context` gives besides serves that list, at the cost of asking for every permission there is.
    """
    frame = {"has_permission": True, "is_popup": False, "is_nav_sidebar_enabled": False}
    return TemplateResponse(request, f"admin/review/{template}", frame | context, status=status)


def see(url: str, **query: str) -> HttpResponse:
    """303: what was posted is done, look here."""
    return HttpResponse(status=303, headers={"Location": f"{url}?{urlencode(query)}" if query else url})
