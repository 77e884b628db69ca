"""What the release train's page of the desk lists: the passengers of a tab, each with its train and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count

from accounts.models import User
from partners.models import Membership
from trains.models import Passenger
from trains.obstacles import stays
from trains.page import Ride, ride
from trains.states import PassengerState
from trains.timetable import Outlook

PAGE_SIZE = 25
# Tab → its label, the states that it shows, and in which order.
TABS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "board": ("On board", (PassengerState.READY,), ("ready_at", "pk")),
    "merge": ("To be merged", (PassengerState.APPROVED,), ("approved_at", "pk")),
    "held": ("Held back", (PassengerState.HELD,), ("approved_at", "pk")),
    "out": ("Released", (PassengerState.DEPARTED, PassengerState.ROLLED_BACK), ("-departed_at", "-pk")),
}
# State → the verbs that the page offers; `reasoned` ones ask for a reason.
ACTS: dict[str, tuple[str, ...]] = {
    PassengerState.READY: ("hold", "emergency"),
    PassengerState.APPROVED: ("hold",),
    PassengerState.HELD: ("unhold",),
    PassengerState.DEPARTED: ("roll_back",),
}


@dataclass(frozen=True, slots=True)
class Row:
    """`ride` says which train takes it, while it travels. `is_own`: of the reviewer's own company, to look at only.

    `obstacle`: why it would stay behind, or "".
    """

    passenger: Passenger
    ride: Ride | None
    is_own: bool
    obstacle: str

    @property
    def acts(self) -> tuple[str, ...]:
        return () if self.is_own else ACTS.get(self.passenger.state, ())


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    count: int


def tabs() -> list[Tab]:
    """Each with how many it has; one query."""
    rows = Passenger.objects.filter(app__deleted_at__isnull=True).order_by().values_list("state")
    counts = dict(rows.annotate(number=Count("pk")))
    return [
        Tab(name, label, sum(counts.get(state, 0) for state in states)) for name, (label, states, _) in TABS.items()
    ]


def page_of(tab: str, number: str, actor: User, trains: Outlook) -> tuple[Page, list[Row]]:
    """One page of a tab; an unknown number is the nearest page."""
    _, states, order = TABS[tab]
    found = Passenger.objects.filter(state__in=states, app__deleted_at__isnull=True)
    found = found.select_related("app__company", "version", "pull__repository", "departure__released_by", "approved_by")
    page = Paginator(found.defer("version__manifest", "pull__body").order_by(*order), PAGE_SIZE).get_page(number)
    return page, _rows(page.object_list, actor, trains)


def _rows(passengers: Iterable[Passenger], actor: User, trains: Outlook) -> list[Row]:
    own = set(Membership.objects.filter(user=actor).values_list("company_id", flat=True))
    return [_row(one, trains, is_own=one.app.company_id in own) for one in passengers]


def _row(passenger: Passenger, trains: Outlook, *, is_own: bool) -> Row:
    if not passenger.is_travelling:
        return Row(passenger, None, is_own, "")
    return Row(passenger, ride(passenger, trains), is_own, stays(passenger))
