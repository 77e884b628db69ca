"""Everything that waits for Segment, in one list by due date, whatever it is.

Each of the three sources is read by its own index and cut off at the page in hand, so that the list costs
the same with ten waiting as with ten thousand. What a line shows of its App is read for the lines of the page
only, and of everything only the columns that are shown. How much of a wait is used comes from a running total
of the office's time, without a question to the database.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import User
from apps_catalog.addresses import asset_path
from apps_catalog.models import App
from apps_catalog.states import LIVE
from partners.clock import open_time
from partners.models import AccessRequest, Membership
from partners.states import RequestState
from reviews.desk.tabs import PARTNER, narrow, open_questions
from reviews.queries import recent_decisions, release_queue, review_queue
from reviews.states import ReviewStep, Side
from runtime.open_time import OpenTime

PAGE_SIZE = 20
# Further down, the search is faster than leafing.
MAX_PAGE = 40
RECENT = 10
NOTHING = SafeString()
SUBMISSIONS, RELEASES, ACCESS, DECIDED = "submissions", "releases", "access", "decided"
# What lines about an App show of it, beside what the kinds of work have of their own.
OF_AN_APP = ("pk", "name", "slug", "stage", "company__name", "listing__mark_id", "thread__turn", "is_asked")
# What every line of something that is claimed shows of that.
OF_A_CLAIM = ("claimed_by_id", "claimed_until")
OF_A_DECISION = (
    "pk", "state", "decided_at", "app__name", "app__company__name", "version__number", "decided_by__name",
    "decided_by__email",
)  # fmt: skip
# A key of the right kind, which no row has: it stands in an address where the key of the row goes.
_ANY: dict[str, UUID | int] = {
    "review-submission": UUID(int=0), "review-release": 0, "review-access": 0,
}  # fmt: skip
KINDS = {
    "": "Everything", SUBMISSIONS: "Submissions", RELEASES: "Releases", ACCESS: "Access requests",
    DECIDED: "Decided",
}  # fmt: skip


@cache
def _shape(route: str) -> str:
    """The routes are searched once, not in every row."""
    return reverse(route, args=[_ANY[route]])


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue. `slug` is empty for a company that asks for access.

    `name`, `slug` and `mark_url` are what `app_mark` draws. Digits and words of our own are marked as safe, because
    escaping them is what a page of lines would spend most of its time on.
    """

    kind: str
    route: str
    pk: UUID | int
    name: str
    company: str
    what: str
    # When the clock started.
    submitted_at: datetime
    # None: the clock stands still, because somebody outside is to answer.
    due_at: datetime | None
    # Of the time that was promised, in whole percent; as text, which templates draw without a look at the locale.
    used: SafeString = NOTHING
    is_overdue: bool = False
    # Whether the partner, or an applicant, acts next; otherwise Segment does.
    is_theirs: bool = False
    claimed_by: str = ""
    is_own: bool = False
    slug: str = ""
    mark_url: str = ""

    @property
    def url(self) -> SafeString:
        return SafeString(_shape(self.route).replace(f"/{_ANY[self.route]}/", f"/{self.pk}/"))

    @property
    def turn(self) -> SafeString:
        """How much of the time is used, and who acts next."""
        who = "Segment" if not self.is_theirs else "The partner" if self.slug else "The applicant"
        return SafeString(f"{self.used} % used. {who} acts next." if self.used else f"{who} acts next.")


@dataclass(frozen=True, slots=True)
class Decided:
    """One line of what was decided last, from the columns `OF_A_DECISION`."""

    pk: UUID
    state: str
    decided_at: datetime
    name: str
    company: str
    number: int
    by_name: str | None
    by_email: str | None

    @property
    def by(self) -> str:
        """The reviewer; "" where the partner took it back."""
        return self.by_name or (self.by_email or "").partition("@")[0]


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: list[Waiting]
    number: int
    has_next: bool
    # How many are overdue, as far as this page was told without asking: "3", "20+", "" where it was not.
    overdue: str = ""

    @property
    def is_alone(self) -> bool:
        return self.number == 1 and not self.has_next


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What the lines of one page show beside their own columns: Apps by id, and claimers' names by id."""

    now: datetime
    office: OpenTime
    apps: Mapping[int, Row]
    names: Mapping[int, str]

    def claimer(self, row: Row) -> str:
        return self.names.get(row["claimed_by_id"], "") if is_claimed(row, self.now) else ""

    def wait(
        self, row: Row, started_at: datetime, *, is_paused: bool = False, is_asked: bool = False
    ) -> dict[str, Any]:
        """What a line says about its wait; `is_asked`: the clock runs, and yet somebody outside is to answer."""
        if is_paused:
            return {"submitted_at": started_at, "due_at": None, "is_theirs": True}
        due_at = row["due_at"]
        return {
            "submitted_at": started_at,
            "due_at": due_at,
            "used": SafeString(int(100 * self.office.used_share(started_at, due_at, self.now))),
            "is_overdue": due_at < self.now,
            "is_theirs": is_asked,
        }


Line = Callable[[Row, Known], Waiting]
Cut = Callable[[QuerySet[Any, Row]], QuerySet[Any, Row]]


def queue_page(user: User, number: int = 1, *, kind: str = "", tab: str = "", text: str = "") -> QueuePage:
    """Page `number` (from 1) of what waits, the first due on top; `text` is searched in Apps and companies."""
    number, now = min(max(number, 1), MAX_PAGE), timezone.now()
    end = number * PAGE_SIZE
    waiting = _waiting(kind, text.strip(), end + 1, tab, lambda rows: narrow(rows, tab, user, now))
    found = sorted(waiting, key=lambda line: line[1]["due_at"] or now)
    shown = found[end - PAGE_SIZE : end]
    apps = _apps({row["app_id"] for _, row in shown if "app_id" in row}, user)
    names = _names({row["claimed_by_id"] for _, row in shown if is_claimed(row, now)})
    known = Known(now, open_time(), apps, names)
    rows = [line(row, known) for line, row in shown]
    is_whole = number == 1 and not (kind or tab or text)
    overdue = _overdue([row for _, row in found], now) if is_whole else ""
    return QueuePage(rows, number, len(found) > end and number < MAX_PAGE, overdue)


def _overdue(found: list[Row], now: datetime) -> str:
    """Each source gave more than a page, the first due first: up to a page, the number is exact."""
    late = sum(row["due_at"] is not None and row["due_at"] < now for row in found)
    return str(late) if late <= PAGE_SIZE else f"{PAGE_SIZE}+"


def is_claimed(row: Row, now: datetime) -> bool:
    return bool(row.get("claimed_by_id") and row["claimed_until"] > now)


def recently_decided() -> list[Decided]:
    return [Decided(*cells) for cells in recent_decisions().values_list(*OF_A_DECISION)[:RECENT]]


def _waiting(kind: str, text: str, limit: int, tab: str, cut: Cut) -> Iterable[tuple[Line, Row]]:
    """At most `limit` rows of each kind, each with what makes a line of it."""
    for source in [kind] if kind in _SOURCES else [] if kind else _SOURCES:
        line, texts = _SOURCES[source]
        rows = cut(_everything(source, with_paused=tab == PARTNER))
        found = rows.filter(_contains(text, texts)) if text else rows
        yield from ((line, row) for row in found[:limit])


@cache
def _everything(source: str, *, with_paused: bool = False) -> QuerySet[Any, Row]:
    """The whole of one source, put together once: each request cuts its own piece off a copy.

    `with_paused` adds the access requests whose clock stands still.
    """
    if source == SUBMISSIONS:
        shown = ("pk", "due_at", "app_id", "submitted_at", "version__number", "judged", "held_until", "hold_waits_for")
        return review_queue().values(*shown, *OF_A_CLAIM)
    if source == RELEASES:
        return release_queue().values("pk", "due_at", "app_id", "requested_at", *OF_A_CLAIM)
    waiting = AccessRequest.objects.filter(state=RequestState.SUBMITTED, due_at__isnull=False)
    asked = waiting if not with_paused else AccessRequest.objects.filter(state=RequestState.MORE_ASKED)
    columns = ("pk", "company_name", "company_website", "started_at", "state", "due_at", *OF_A_CLAIM)
    # partners.waits.clock_started_at
    started = asked.annotate(started_at=Coalesce("decided_at", "submitted_at"))
    return started.order_by("due_at", "pk").values(*columns)


def _contains(text: str, columns: Iterable[str]) -> Q:
    return Q(*((f"{column}__icontains", text) for column in columns), _connector=Q.OR)


def _apps(ids: set[int], user: User) -> Mapping[int, Row]:
    """What the page shows of Apps, by id; `is_own` says that `user` belongs to the company (T24)."""
    if not ids:
        return {}
    own = Membership.objects.filter(company=OuterRef("company"), user=user)
    rows = _of_apps().filter(pk__in=ids).annotate(is_own=Exists(own))
    return {row["pk"]: row for row in rows}


@cache
def _of_apps() -> QuerySet[App, Row]:
    """The columns `OF_AN_APP` of every App, put together once."""
    return App.objects.order_by().annotate(is_asked=Exists(open_questions("pk"))).values(*OF_AN_APP)


def _names(ids: set[int]) -> Mapping[int, str]:
    """The names of those who hold the claims of the page."""
    rows = User.objects.filter(pk__in=ids).only("name", "email") if ids else ()
    return {person.pk: person.display_name for person in rows}


def _submission(row: Row, known: Known) -> Waiting:
    number, app = row["version__number"], known.apps[row["app_id"]]
    is_update = app["stage"] in LIVE
    what = "Update" if is_update else "First version" if number == 1 else "Submitted again"
    is_held = row["hold_waits_for"] == Side.PARTNER and row["held_until"] > known.now
    return Waiting(
        kind="Submission", route="review-submission",
        what=SafeString(f"{what}, version {number} · {row['judged']} of {len(ReviewStep)} steps judged"),
        claimed_by=known.claimer(row), **_of_app(row, app),
        **known.wait(row, row["submitted_at"], is_paused=is_held, is_asked=_is_asked(app)),
    )  # fmt: skip


def _release(row: Row, known: Known) -> Waiting:
    app = known.apps[row["app_id"]]
    return Waiting(
        kind="Release", route="review-release", what="Asks to go public", claimed_by=known.claimer(row),
        **_of_app(row, app), **known.wait(row, row["requested_at"], is_asked=_is_asked(app)),
    )  # fmt: skip


def _of_app(row: Row, app: Row) -> dict[str, Any]:
    """What lines about an App have in common."""
    mark = app["listing__mark_id"]
    return {
        "pk": row["pk"], "is_own": app["is_own"], "name": app["name"], "slug": app["slug"],
        "company": app["company__name"], "mark_url": asset_path(mark) if mark else "",
    }  # fmt: skip


def _is_asked(app: Row) -> bool:
    """Whether the partner is to answer, in the thread or to a question."""
    return app["thread__turn"] == Side.PARTNER or app["is_asked"]


def _access(row: Row, known: Known) -> Waiting:
    return Waiting(
        kind="Access request", route="review-access", pk=row["pk"],
        name=row["company_name"] or f"request {row['pk']}", company=row["company_website"],
        what="Wants to become a partner", claimed_by=known.claimer(row),
        **known.wait(row, row["started_at"], is_paused=row["state"] == RequestState.MORE_ASKED),
    )  # fmt: skip


# What makes a line of a row, and where a search looks.
_IN_APPS = ("app__name", "app__slug", "app__company__name")
_SOURCES: Mapping[str, tuple[Line, Iterable[str]]] = {
    SUBMISSIONS: (_submission, _IN_APPS),
    RELEASES: (_release, _IN_APPS),
    ACCESS: (_access, ("company_name", "company_website")),
}
