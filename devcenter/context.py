"""What every page knows. This is where the packages meet in templates: the checklist of `reviews` is
shown beside pages of `apps_catalog` and `testbench`, which know nothing of it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.visitor import person
from notifications.notices import unread_count
from reviews.checklist import rail_for
from reviews.rules import is_member
from reviews.waiting import turn_of


def site(request: HttpRequest) -> dict[str, Any]:
    return {"SITE_URL": settings.SITE_URL, "DEBUG_PLACE": settings.DEBUG}


def unread_notices(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    return {"unread_notices": SimpleLazyObject(lambda: unread_count(user))}


def app_rail(request: HttpRequest) -> dict[str, Any]:
    """The checklist of the App whose page this is, and whose turn it is; views name it with `request.app_on_page`."""
    app = getattr(request, "app_on_page", None)
    if app is None:
        return {}
    user = person(request)
    return {
        "app": app,
        "rail": SimpleLazyObject(lambda: rail_for(app)),
        "turn": SimpleLazyObject(lambda: turn_of(app, user, is_partner=not user.is_staff or is_member(user, app))),
    }
