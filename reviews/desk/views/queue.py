"""What waits for a reviewer, by due date."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.visitor import person
from reviews.desk.pages import desk_page, show
from reviews.desk.queue import KINDS, queue_page, recently_decided
from reviews.desk.tabs import TABS

SEARCH_LIMIT = 100


@desk_page
@require_safe
def review_desk(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else ""
    text = request.GET.get("q", "")[:SEARCH_LIMIT].replace("\0", "")
    page = queue_page(person(request), _number(request), kind=kind, tab=tab, text=text)
    context = {
        "title": "Review desk",
        "page": page,
        # What is done has a tab of its own; it stands here too when nothing else does.
        "recent": [] if page.rows or tab else recently_decided(),
        "kinds": _links("kind", KINDS, {"tab": tab, "q": text}),
        "tabs": _links("tab", TABS, {"kind": kind, "q": text}),
        "tab": tab,
        "kind": kind,
        "text": text,
    }
    return show(request, "desk.html", context)


def _links(key: str, choices: Mapping[str, str], others: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(value, label, address) of each choice; the other parts of the address stay, the page begins anew."""
    kept = {name: value for name, value in others.items() if value}
    return [
        (value, label, "?" + urlencode({**kept, key: value} if value else kept)) for value, label in choices.items()
    ]


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
