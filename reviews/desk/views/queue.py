"""What waits for a reviewer, by due date."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.visitor import person
from reviews.desk.pages import desk_page, show
from reviews.desk.queue import KINDS, queue_page, recently_decided

SEARCH_LIMIT = 100


@desk_page
@require_safe
def review_desk(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    text = request.GET.get("q", "")[:SEARCH_LIMIT].replace("\0", "")
    page = queue_page(person(request), _number(request), kind=kind, text=text)
    context = {
        "title": "Review desk",
        "page": page,
        # What is done has a tab of its own; it stands here too when nothing else does.
        "recent": [] if page.rows else recently_decided(),
        "kinds": KINDS,
        "kind": kind,
        "text": text,
    }
    return show(request, "desk.html", context)


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
