"""The thread as reviewers see it: the context of the panel that the page of a submission includes.

A view that shows the panel adds `thread_context(request, app)` to its context and includes
`admin/review/_thread.html`; the panel posts to `review-thread`, which comes back to where it was sent from.
"""

from typing import Any

from django.http import HttpRequest

from accounts.visitor import person
from apps_catalog.models import App
from reviews import threads
from reviews.rules import can_review, is_member
from reviews.states import Side
from reviews.thread_forms import MessageForm, NoteForm, ReviewerMessageForm
from reviews.thread_page import thread_page
from reviews.waiting import turn_of


def thread_context(
    request: HttpRequest, app: App, *, message: MessageForm | None = None, note: MessageForm | None = None,
    too_late: str = "", back_to: str = "",
) -> dict[str, Any]:  # fmt: skip
    """What `admin/review/_thread.html` shows, under the one name `thread`; about ten queries.

    `back_to` is the id of the submission on whose page the panel stands. Notes are shown only to those who may
    judge the App.
    """
    viewer = person(request)
    may_write = can_review(viewer, app)
    seen = threads.last_seen(app, viewer)
    turn = turn_of(app, viewer, is_partner=False)
    number = request.GET.get("thread")
    page = thread_page(app, viewer, number, side=_side(viewer, app, may_write), with_notes=may_write, seen=seen)
    return {
        "thread": {
            "app": app,
            "lines": page.lines,
            "page_obj": page.page_obj,
            "turn": turn,
            # What the page says it has shown; 0 when there is nothing new on it.
            "newest": page.newest if page.newest > seen else 0,
            "may_write": may_write,
            "is_our_turn": may_write and threads.turn(app) == Side.SEGMENT,
            "message": message or ReviewerMessageForm(newest=page.newest),
            "note": note or NoteForm(newest=page.newest),
            "too_late": too_late,
            "back_to": back_to,
        }
    }


def _side(viewer: Any, app: App, may_write: bool) -> str:
    return Side.SEGMENT if may_write or not is_member(viewer, app) else Side.PARTNER
