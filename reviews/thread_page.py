"""A page of a thread: messages, notes for those who may see them, and between them what was decided and asked.

The two sources are one list for the database, which counts and cuts it; what a page shows of each is fetched for the
page only. So a thread costs the same with ten entries and with ten thousand.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import BigAutoField, CharField, F, QuerySet, Value
from django.utils.safestring import mark_safe

from accounts.models import User
from apps_catalog import markdown
from apps_catalog.models import App
from audit.models import Record
from audit.recording import name_of
from leases.prepared import Prepared, Slot
from reviews.events import WORDS, Event, lines_of
from reviews.models import ThreadEntry
from reviews.states import EntryKind

PAGE_SIZE = 25
_MESSAGE, _EVENT = "message", "event"
# What stands between the messages: the life of submissions, questions and releases.
SHOWN = tuple(action for action in WORDS if action.partition(".")[0] in {"submission", "enquiry", "release"})
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a thread: a message or note with `html`, or an event with `event`."""

    at: datetime
    id: str
    who: str = ""
    side: str = ""
    html: str = ""
    is_note: bool = False
    is_own: bool = False
    is_new: bool = False
    by_mail: bool = False
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """`lines` in the order of time; `page_obj` counts from the newest. `newest` is the id of the newest entry."""

    lines: list[Line]
    page_obj: Page
    newest: int


def thread_page(app: App, viewer: User, number: Any = 1, *, side: str, with_notes: bool, seen: int = 0) -> ThreadPage:
    """Page `number` as someone on `side` reads it, in six queries.

    `seen` is the newest entry that the viewer has seen before: what is newer is marked.
    """
    visible = _visible(app, with_notes)
    return _page(app, visible, Paginator(_all(app, visible), PAGE_SIZE).get_page(number), viewer, side, seen)


def newest_page(app: App, viewer: User, *, side: str, with_notes: bool, seen: Callable[[], int]) -> ThreadPage:
    """The first page without counting the others, in one query for a silent thread and in five for a busy one."""
    visible = _visible(app, with_notes)
    rows = _newest[with_notes].ask(app=app.pk, target=name_of(app))
    page = Paginator(rows, PAGE_SIZE).get_page(1)
    if not any(source == _MESSAGE for _, source, _ in rows) and not page.has_next():
        return ThreadPage(_lines(visible, page, app, viewer, side, 0), page, 0)
    return _page(app, visible, page, viewer, side, seen())


def _page(app: App, visible: QuerySet[ThreadEntry], page: Page, viewer: User, side: str, seen: int) -> ThreadPage:
    newest = visible.order_by("-pk").values_list("pk", flat=True).first() or 0
    return ThreadPage(_lines(visible, page, app, viewer, side, seen), page, newest)


def _lines(visible: QuerySet[ThreadEntry], page: Page, app: App, viewer: User, side: str, seen: int) -> list[Line]:
    keys: list[_Key] = [(source, key) for _, source, key in page.object_list]
    lines = _entry_lines(visible, keys, viewer, side, seen) | _event_lines(app, keys)
    return [lines[key] for key in reversed(keys) if key in lines]


def _visible(app: App, with_notes: bool) -> QuerySet[ThreadEntry]:
    return _entries(app.pk, with_notes)


def _entries(app: Any, with_notes: bool) -> QuerySet[ThreadEntry]:
    entries = ThreadEntry.objects.filter(app_id=app)
    return entries if with_notes else entries.filter(kind=EntryKind.MESSAGE)


def _all(app: App, visible: QuerySet[ThreadEntry]) -> Any:
    """(at, source, id) of everything, newest first."""
    return _merged(visible, name_of(app))


def _merged(visible: QuerySet[ThreadEntry], target: Any) -> Any:
    entries = visible.order_by().values_list("at", Value(_MESSAGE), "pk")
    records = Record.objects.filter(target=target, action__in=SHOWN).order_by()
    return entries.union(records.values_list("at", Value(_EVENT), "pk"), all=True).order_by(F("at").desc(), "-pk")


def _write_newest(with_notes: bool) -> Any:
    visible = _entries(Slot("app", BigAutoField()), with_notes)
    return _merged(visible, Slot("target", CharField()))[: PAGE_SIZE + 1]


# With notes or without: the keys of the first page, and one more if there is another.
_newest: dict[bool, Prepared[Any]] = {
    with_notes: Prepared(partial(_write_newest, with_notes)) for with_notes in (True, False)
}


def _entry_lines(
    visible: QuerySet[ThreadEntry], keys: Iterable[_Key], viewer: User, side: str, seen: int
) -> dict[_Key, Line]:
    ids = [key for source, key in keys if source == _MESSAGE]
    if not ids:
        return {}
    rows = visible.filter(pk__in=ids).select_related("author")
    return {(_MESSAGE, row.pk): _entry_line(row, viewer, side, seen) for row in rows}


def _entry_line(row: ThreadEntry, viewer: User, side: str, seen: int) -> Line:
    is_own = row.author_id == viewer.pk
    return Line(
        at=row.at, id=f"entry-{row.pk}", side=row.side, is_note=row.kind == EntryKind.NOTE, by_mail=row.by_mail,
        who=row.author_for_own_side if row.side == side else row.author_for_others,
        # Made by apps_catalog.markdown, which lets nothing through but a few plain elements.
        html=mark_safe(markdown.render(row.text)),  # noqa: S308
        is_own=is_own, is_new=row.pk > seen and not is_own,
    )  # fmt: skip


def _event_lines(app: App, keys: Iterable[_Key]) -> dict[_Key, Line]:
    ids = [key for source, key in keys if source == _EVENT]
    if not ids:
        return {}
    events = lines_of(list(Record.objects.filter(pk__in=ids)), app)
    return {
        (_EVENT, pk): Line(at=event.at, id=f"event-{pk}", who=event.who, event=event) for pk, event in events.items()
    }
