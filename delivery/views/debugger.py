"""The source debugger (D33): the newest events of a source as they come in, and one of them in full."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from delivery.event_reading import CAP, EventRow, deliveries_of, newest, parts_of, search
from delivery.models import Event
from delivery.views.finding import MAX_ID
from workspaces.models import Source
from workspaces.page import source_page

PAGE_SIZE = 25
VIEWS = ("pretty", "raw")


@source_page()
@require_safe
def source_debugger(request: HttpRequest, source: Source) -> HttpResponse:
    """The list alone; the newest event stands beside it as soon as one is chosen."""
    return render(request, "delivery/debugger.html", _list_of(request, source))


@source_page()
@require_safe
def source_event(request: HttpRequest, source: Source, event_id: int) -> HttpResponse:
    """One event beside the list: its parts or its raw JSON, and where it was sent."""
    event = get_object_or_404(Event.objects.filter(source=source), pk=min(event_id, MAX_ID))
    view = request.GET.get("view", "")
    chosen = {
        "chosen": EventRow(event),
        "view": view if view in VIEWS else VIEWS[0],
        "parts": parts_of(event),
        "deliveries": list(deliveries_of(event)[:PAGE_SIZE]),
        "destinations": list(source.destinations.select_related("app")[:PAGE_SIZE]),
    }
    return render(request, "delivery/debugger.html", _list_of(request, source) | chosen)


@source_page()
@require_safe
def source_debugger_live(request: HttpRequest, source: Source) -> HttpResponse:
    """What came in since `?after=<id>`, newest first, for the top of the list."""
    after = _number(request.GET.get("after", ""))
    found = _found(request, source).filter(id__gt=after).defer("payload")
    rows = [EventRow(event) for event in found[:PAGE_SIZE]]
    context = _asked(request) | {"source": source, "rows": rows, "after": rows[0].event.pk if rows else after}
    return render(request, "delivery/_debugger_live.html", context)


def _list_of(request: HttpRequest, source: Source) -> dict[str, Any]:
    page = Paginator(_found(request, source).defer("payload"), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [EventRow(event) for event in page.object_list]
    return _asked(request) | {
        "source": source,
        "page_obj": page,
        "rows": rows,
        "cap": CAP,
        "is_live": page.number == 1,
        "after": _newest_id(page, rows),
    }


def _newest_id(page: Page, rows: list[EventRow]) -> int:
    return rows[0].event.pk if rows and page.number == 1 else 0


def _found(request: HttpRequest, source: Source) -> Any:
    asked = _asked(request)
    return search(newest(source), asked["q"], refused=asked["only"] == "refused")


def _asked(request: HttpRequest) -> dict[str, str]:
    only = request.GET.get("only", "")
    return {"q": request.GET.get("q", "").strip()[:100], "only": only if only == "refused" else ""}


def _number(text: str) -> int:
    return min(int(text), MAX_ID) if text.isascii() and text.isdigit() and len(text) < 20 else 0
