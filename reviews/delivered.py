"""What was really delivered to an App in one workspace: the evidence behind a customer's word (S33).

Only what the component took counts, sent live or by the Event Tester; replays prove nothing new.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from django.db.models import Count, Max, Min, OuterRef, QuerySet, Subquery

from apps_catalog.models import App
from delivery.models import Delivery
from delivery.states import DeliveryKind, DeliveryState
from workspaces.models import Destination, Workspace

# So many deliveries of a destination are looked through, the newest first: a busy one has millions.
LOOK_BACK = 10_000
COUNTED_KINDS = (DeliveryKind.LIVE, DeliveryKind.TEST)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many events, of which types and origins (`delivery.states.Origin`), and between which moments.

    `is_more`: there were older deliveries that were not looked through.
    """

    count: int = 0
    types: dict[str, int] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None
    is_more: bool = False

    def as_json(self) -> dict[str, Any]:
        """As `Verification.evidence` keeps it; moments in ISO 8601."""
        return {
            "count": self.count,
            "is_more": self.is_more,
            "types": self.types,
            "origins": self.origins,
            "first": self.first.isoformat() if self.first else "",
            "last": self.last.isoformat() if self.last else "",
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """What `as_json` made; nothing at all of a word that was given without evidence."""
        first, last = (datetime.fromisoformat(kept[name]) if kept.get(name) else None for name in ("first", "last"))
        types, origins = kept.get("types", {}), kept.get("origins", {})
        return cls(kept.get("count", 0), types, origins, first, last, kept.get("is_more", False))

    @property
    def in_words(self) -> str:
        """`12 events delivered: 10 track, 2 identify`; "" when there was none."""
        if not self.count:
            return ""
        number = f"{'more than ' if self.is_more else ''}{self.count} event{'' if self.count == 1 else 's'} delivered"
        return f"{number}: {', '.join(f'{count} {kind}' for kind, count in self.types.items())}"


def delivered_to(app: App, workspace: Workspace) -> Delivered:
    """What the component of `app` took from the sources of `workspace`. Four queries at most."""
    ids = list(Destination.every.filter(app=app, source__workspace=workspace).values_list("pk", flat=True))
    return _counted(ids) if ids else Delivered()


def _counted(destinations: Sequence[int]) -> Delivered:
    newest = Delivery.objects.filter(destination_id__in=destinations).order_by("-id").values("pk")[:LOOK_BACK]
    taken = Delivery.objects.filter(pk__in=newest).filter(state=DeliveryState.DELIVERED, kind__in=COUNTED_KINDS)
    groups: list[Mapping[str, Any]] = list(
        taken.order_by()
        .values("event__type", "event__origin")
        .annotate(number=Count("pk"), first=Min("settled_at"), last=Max("settled_at"))
    )
    is_more = Delivery.objects.filter(destination_id__in=destinations)[LOOK_BACK : LOOK_BACK + 1].exists()
    return Delivered(
        count=sum(group["number"] for group in groups),
        types=_summed(groups, "event__type"),
        origins=_summed(groups, "event__origin"),
        first=min((group["first"] for group in groups if group["first"]), default=None),
        last=max((group["last"] for group in groups if group["last"]), default=None),
        is_more=is_more,
    )


def _summed(groups: Iterable[Mapping[str, Any]], name: str) -> dict[str, int]:
    """Counts by one part of the groups, the most frequent first."""
    found: Counter[str] = Counter()
    for group in groups:
        found[group[name] or "unknown"] += group["number"]
    return dict(found.most_common())


def with_last_delivery(destinations: QuerySet[Destination]) -> QuerySet[Destination]:
    """Each destination gets `delivered_at`: when it last took an event, or None. Looks back as far as the evidence."""
    newest = Delivery.objects.filter(destination=OuterRef(OuterRef("pk"))).order_by("-id").values("pk")[:LOOK_BACK]
    taken = Delivery.objects.filter(pk__in=newest, state=DeliveryState.DELIVERED, kind__in=COUNTED_KINDS).order_by(
        "-id"
    )
    return destinations.annotate(delivered_at=Subquery(taken.values("settled_at")[:1]))
