"""The delivery view of a destination (D31, D32): numbers, trend, errors grouped with samples, and the list."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from delivery import numbers, trend
from delivery.attempt_reading import DeliveryRow
from delivery.event_reading import payload_of
from delivery.forms import DeliveryFilter, ReplayForm
from delivery.models import Delivery, Replay
from delivery.numbers import PERIODS, Numbers
from delivery.states import DeliveryState, Fault
from delivery.views.finding import MAX_ID, page_of
from runtime.error_codes import WORDS, explain
from workspaces.models import Destination
from workspaces.page import destination_page, place_of

PAGE_SIZE = 25
SAMPLES = 10  # of each error (D32)
MOST_EXPORTED = 50_000
REPLAYS = 5
# What a spreadsheet takes for a formula (CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@destination_page()
@require_safe
def destination_deliveries(request: HttpRequest, destination: Destination) -> HttpResponse:
    """Everything about the time that `?period=` names."""
    found = _numbers(request, destination)
    filters = DeliveryFilter(request.GET)
    rows = _page_of(request, filters.narrow(_deliveries(destination, found)))
    context = _shared(request, destination, found) | {
        "volume": trend.volume(found),
        "times": trend.times(found),
        "refusals": [(Fault(code).label, number) for code, number in _refusals(found)],
        "filters": filters,
        "rows": rows[:PAGE_SIZE],
        "older": rows[PAGE_SIZE - 1].delivery.pk if len(rows) > PAGE_SIZE else None,
        "is_first_page": not request.GET.get("before"),
        "replays": list(Replay.objects.filter(destination=destination)[:REPLAYS]),
        "replay_form": ReplayForm(initial={"state": DeliveryState.FAILED}),
    }
    return render(request, "delivery/deliveries.html", context)


@destination_page()
@require_safe
def destination_problem(request: HttpRequest, destination: Destination) -> HttpResponse:
    """One error of the time: what it means, what to do, and up to ten samples; `?sample=` opens one of them."""
    code = request.GET.get("code", "")
    if not code:
        return redirect(page_of(destination, "destination-deliveries"))
    found = _numbers(request, destination)
    problem = next((each for each in found.problems if each.code == code), None)
    if problem is None and code not in WORDS:
        raise Http404
    failing = _deliveries(destination, found).filter(code=code)
    samples = [DeliveryRow(delivery) for delivery in failing.select_related("event").order_by("-id")[:SAMPLES]]
    chosen = next((row for row in samples if str(row.delivery.pk) == request.GET.get("sample")), None)
    chosen = chosen or next(iter(samples), None)
    context = _shared(request, destination, found) | {
        "problem": problem,
        "words": explain(code),
        "samples": samples,
        "chosen": chosen,
        "received": payload_of(chosen.delivery.event) if chosen else None,
    }
    return render(request, "delivery/problem.html", context)


@destination_page()
@require_safe
def destination_deliveries_csv(request: HttpRequest, destination: Destination) -> StreamingHttpResponse:
    """The list with its filters, or with `?rows=trend` the numbers of each step, as CSV."""
    found = _numbers(request, destination)
    is_trend = request.GET.get("rows") == "trend"
    if is_trend:
        rows = _trend_rows(found)
    else:
        rows = _delivery_rows(DeliveryFilter(request.GET).narrow(_deliveries(destination, found)))
    writer = csv.writer(_Echo())
    name = f"{destination.app.slug}-{'trend' if is_trend else 'deliveries'}-{found.period.name}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    lines = (writer.writerow([_cell(value) for value in row]) for row in rows)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _numbers(request: HttpRequest, destination: Destination) -> Numbers:
    return numbers.read(destination, numbers.period_of(request.GET.get("period", "")))


def _shared(request: HttpRequest, destination: Destination, found: Numbers) -> dict[str, Any]:
    place = place_of(request)
    return {
        "destination": destination,
        "source": destination.source,
        "numbers": found,
        "periods": list(PERIODS.values()),
        "may_write": place.may_write,
    }


def _deliveries(destination: Destination, found: Numbers) -> QuerySet[Delivery]:
    period = Delivery.objects.filter(destination=destination, received_at__gte=found.since)
    return period.select_related("event").defer("event__payload")


def _page_of(request: HttpRequest, deliveries: QuerySet[Delivery]) -> list[DeliveryRow]:
    """A page and one more, older than `?before=<id>`: nothing is counted, however many there are."""
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        deliveries = deliveries.filter(pk__lt=min(int(before[:20]), MAX_ID))
    return [DeliveryRow(delivery) for delivery in deliveries.order_by("-id")[: PAGE_SIZE + 1]]


def _refusals(found: Numbers) -> list[tuple[str, int]]:
    """Why events of the source were refused on arrival, the commonest reason first."""
    known = [(code, number) for code, number in found.reasons.get("refused", {}).items() if code in Fault.values]
    return sorted(known, key=lambda pair: -pair[1])


def _delivery_rows(deliveries: QuerySet[Delivery]) -> Iterator[Iterable[object]]:
    yield ("received at", "messageId", "type", "name", "sent by", "state", "status", "error", "tries", "ended at")
    for one in deliveries.order_by("-id")[:MOST_EXPORTED].iterator(chunk_size=500):
        event, ended = one.event, one.settled_at.isoformat() if one.settled_at else ""
        yield (one.received_at.isoformat(), event.message_id, event.type, event.name, one.kind, one.state,
               one.status or "", one.code, one.tries, ended)  # fmt: skip


def _trend_rows(found: Numbers) -> Iterator[Iterable[object]]:
    yield ("from", "to", "delivered", "not delivered", "retries", "p95 end to end in ms")
    for step in found.steps:
        p95 = "" if step.p95_ms is None else round(step.p95_ms)
        yield (step.start.isoformat(), step.end.isoformat(), step.delivered, step.failed, step.retried, p95)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


class _Echo:
    """A file that gives back what is written to it, so that the CSV can be streamed."""

    def write(self, text: str) -> str:
        return text
