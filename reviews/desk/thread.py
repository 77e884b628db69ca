"""The thread as reviewers see it: the context of the panel that the page of a submission includes.

A view that shows the panel adds `thread_context(request, app)` to its context and includes
`admin/review/_thread.html`; the panel posts to `review-thread`, which comes back to where it was sent from.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest

from accounts.visitor import person
from apps_catalog.models import App
from reviews import threads
from reviews.desk import drawn
from reviews.desk.material import Desk
from reviews.rules import can_review, is_member
from reviews.states import Side
from reviews.thread_forms import MessageForm, NoteForm, ReviewerMessageForm
from reviews.thread_page import ThreadPage, newest_page, thread_page
from reviews.waiting import turn_of


def desk_thread(desk: Desk) -> dict[str, Any]:
    """The newest lines, as a part of the submission's page; with `?thread=` an older page of them."""
    return thread_context(desk.request, desk.app, back_to=str(desk.submission.pk), may_write=desk.may_judge)


def thread_context(
    request: HttpRequest, app: App, *, message: MessageForm | None = None, note: MessageForm | None = None,
    too_late: str = "", back_to: str = "", may_write: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What `admin/review/_thread.html` shows, under the one name `thread`; about ten queries.

    `back_to` is the id of the submission on whose page the panel stands. Notes are shown only to those who may
    judge the App: `may_write`, asked here where the page has not asked yet.
    """
    viewer = person(request)
    if may_write is None:
        may_write = can_review(viewer, app)
    turn = turn_of(app, viewer, is_partner=False, unread=0)
    seen = cache(lambda: threads.last_seen(app, viewer))
    page = _lines(request, app, may_write, seen)
    message, note = message or ReviewerMessageForm(newest=page.newest), note or NoteForm(newest=page.newest)
    return {
        "thread": {
            "app": app,
            "lines": page.lines,
            "page_obj": page.page_obj,
            "turn": turn,
            # What the page says it has shown; 0 when there is nothing new on it.
            "newest": page.newest if page.newest and page.newest > seen() else 0,
            "may_write": may_write,
            "is_our_turn": may_write and turn.in_thread == Side.SEGMENT,
            "message": message,
            "note": note,
            "message_text": drawn.thread_field(message, "text"),
            "message_no_answer": drawn.thread_field(message, "no_answer"),
            "note_text": drawn.thread_field(note, "text"),
            "too_late": too_late,
            "back_to": back_to,
        }
    }


def _lines(request: HttpRequest, app: App, may_write: bool, seen: Callable[[], int]) -> ThreadPage:
    viewer = person(request)
    side = _side(viewer, app, may_write)
    if number := request.GET.get("thread"):
        return thread_page(app, viewer, number, side=side, with_notes=may_write, seen=seen())
    return newest_page(app, viewer, side=side, with_notes=may_write, seen=seen)


def _side(viewer: Any, app: App, may_write: bool) -> str:
    return Side.SEGMENT if may_write or not is_member(viewer, app) else Side.PARTNER
