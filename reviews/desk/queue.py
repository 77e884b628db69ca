"""Everything that waits for Segment, in one list by due date, whatever it is.

Each of the three sources is read by its own index and cut off at the page in hand, so that the list costs
the same with ten waiting as with ten thousand. Only the columns that are shown are read.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from apps_catalog.addresses import asset_path
from apps_catalog.states import LIVE, Stage
from partners.models import AccessRequest
from partners.states import RequestState
from reviews.queries import own_companies, recent_decisions, release_queue, review_queue
from reviews.states import ReviewStep

PAGE_SIZE = 20
# Further down, the search is faster than leafing.
MAX_PAGE = 40
RECENT = 10
SUBMISSIONS, RELEASES, ACCESS, DECIDED = "submissions", "releases", "access", "decided"
# The columns of a line about an App, beside what the kinds of work have of their own.
OF_AN_APP = (
    "pk", "due_at", "app__company_id", "app__name", "app__slug", "app__stage", "app__company__name",
    "app__listing__mark_id",
)  # fmt: skip
OF_A_DECISION = (
    "pk", "state", "decided_at", "app__name", "app__company__name", "version__number", "decided_by__name",
    "decided_by__email",
)  # fmt: skip
# A key of the right kind, which no row has: it stands in an address where the key of the row goes.
_ANY: dict[str, UUID | int] = {
    "review-submission": UUID(int=0), "review-release": 0, "admin:partners_accessrequest_change": 0,
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
    """One line of the queue. `slug` and `stage` are empty for a company that asks for access.

    `name`, `slug` and `mark_url` are what `app_mark` draws.
    """

    kind: str
    route: str
    pk: UUID | int
    name: str
    company: str
    what: str
    submitted_at: datetime | None
    due_at: datetime
    note: str = ""
    is_own: bool = False
    slug: str = ""
    stage: str = ""
    mark_url: str = ""

    @property
    def url(self) -> str:
        return _shape(self.route).replace(f"/{_ANY[self.route]}/", f"/{self.pk}/")

    @property
    def stage_word(self) -> str:
        return Stage(self.stage).label

    @property
    def is_overdue(self) -> bool:
        return self.due_at < timezone.now()


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

    @property
    def is_alone(self) -> bool:
        return self.number == 1 and not self.has_next


def queue_page(user: User, number: int = 1, *, kind: str = "", text: str = "") -> QueuePage:
    """Page `number` (from 1) of what waits, the first due on top; `text` is searched in Apps and companies."""
    number = min(max(number, 1), MAX_PAGE)
    end = number * PAGE_SIZE
    rows = sorted(_waiting(user, kind, text.strip(), end + 1), key=attrgetter("due_at"))
    return QueuePage(rows[end - PAGE_SIZE : end], number, len(rows) > end and number < MAX_PAGE)


def recently_decided() -> list[Decided]:
    return [Decided(*cells) for cells in recent_decisions().values_list(*OF_A_DECISION)[:RECENT]]


def _waiting(user: User, kind: str, text: str, limit: int) -> Iterable[Waiting]:
    own = own_companies(user)
    if kind in ("", SUBMISSIONS):
        rows = _search(review_queue(), text).values(*OF_AN_APP, "submitted_at", "version__number", "judged")
        yield from (_submission(row, own) for row in rows[:limit])
    if kind in ("", RELEASES):
        rows = _search(release_queue(), text).values(*OF_AN_APP, "requested_at")
        yield from (_release(row, own) for row in rows[:limit])
    if kind in ("", ACCESS):
        yield from map(_access, _access_queue(text)[:limit])


def _search(rows: QuerySet, text: str) -> QuerySet:
    if not text:
        return rows
    found = Q(app__name__icontains=text) | Q(app__slug__icontains=text) | Q(app__company__name__icontains=text)
    return rows.filter(found)


def _access_queue(text: str) -> QuerySet[AccessRequest, Any]:
    rows = AccessRequest.objects.filter(state=RequestState.SUBMITTED, due_at__isnull=False)
    if text:
        rows = rows.filter(Q(company_name__icontains=text) | Q(company_website__icontains=text))
    rows = rows.order_by("due_at", "pk")
    return rows.values("pk", "company_name", "company_website", "submitted_at", "due_at")


def _submission(row: Mapping[str, Any], own: Container[int]) -> Waiting:
    number = row["version__number"]
    is_update = row["app__stage"] in LIVE
    what = "Update" if is_update else "First version" if number == 1 else "Submitted again"
    return Waiting(
        kind="Submission", route="review-submission", what=f"{what}, version {number}",
        submitted_at=row["submitted_at"], note=f"{row['judged']} of {len(ReviewStep)} steps judged", **_app(row, own),
    )  # fmt: skip


def _release(row: Mapping[str, Any], own: Container[int]) -> Waiting:
    return Waiting(
        kind="Release", route="review-release", what="Asks to go public", submitted_at=row["requested_at"],
        **_app(row, own),
    )  # fmt: skip


def _app(row: Mapping[str, Any], own: Container[int]) -> dict[str, Any]:
    """What lines about an App have in common, from the columns `OF_AN_APP`."""
    mark = row["app__listing__mark_id"]
    return {
        "pk": row["pk"], "due_at": row["due_at"], "is_own": row["app__company_id"] in own, "name": row["app__name"],
        "slug": row["app__slug"], "stage": row["app__stage"], "company": row["app__company__name"],
        "mark_url": asset_path(mark) if mark else "",
    }  # fmt: skip


def _access(row: Mapping[str, Any]) -> Waiting:
    return Waiting(
        kind="Access request", route="admin:partners_accessrequest_change", pk=row["pk"],
        name=row["company_name"] or f"request {row['pk']}", company=row["company_website"],
        what="Wants to become a partner", submitted_at=row["submitted_at"], due_at=row["due_at"],
    )  # fmt: skip
