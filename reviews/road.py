"""Where a live App stands on its way to the public catalog, and what blocks it: the partner's countdown (S34, D48)."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils import timezone

from apps_catalog.models import App
from apps_catalog.states import Stage
from partners.models import Policy
from reviews.models import Release
from reviews.release_dates import launch_window, next_release
from reviews.thresholds import (
    Numbers,
    configured_customers,
    counting_verifications,
    keeps_badge,
    leaves_beta_at,
    missing_for_public,
    terms_of,
)


class Station(TextChoices):
    """The stations of the road, as the page words them."""

    BEFORE = "before", "Before the private beta"
    BETA = "beta", "Private beta"
    ASKED = "asked", "Asked"
    SCHEDULED = "scheduled", "Launch planned"
    PUBLIC_BETA = "public_beta", "Public beta"
    PUBLIC = "public", "Public"
    ENDED = "ended", "Deprecated"


@dataclass(frozen=True, slots=True)
class Road:
    """`at`: the moment that is counted down to, if any; `blocks`: sentences on what has to be there by then.

    `counted` customers have confirmed it, and it is switched on at `configured` of them (0 where nobody asks, D48).
    """

    station: Station
    policy: Policy
    numbers: Numbers
    release: Release | None
    counted: int
    configured: int = 0
    at: datetime | None = None
    blocks: list[str] = field(default_factory=list)
    # The days that can be picked for a launch.
    first_day: date | None = None
    last_day: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether a launch can be asked for, moved or cancelled."""
        return self.station in (Station.BETA, Station.ASKED, Station.SCHEDULED)

    @property
    def is_past(self) -> bool:
        """The moment has come, and the beat or a reviewer is about to act, or something blocks."""
        return self.at is not None and self.at <= timezone.now()


def road_of(app: App, now: datetime | None = None) -> Road:
    """The road of `app` at `now`, in a handful of queries."""
    now, (policy, asked) = now or timezone.now(), terms_of(app)
    release = Release.objects.filter(app=app).first()
    station = _station(app, release)
    configured = configured_customers(app) if asked.configured and app.is_live else 0
    road = Road(station, policy, asked, release, counting_verifications(app).count(), configured)
    if road.is_open:
        first, last = launch_window(policy, now)
        at = (release.launch_at or release.due_at) if release else next_release(policy, now)
        return replace(road, at=at, blocks=missing_for_public(app, policy, asked), first_day=first, last_day=last)
    if station == Station.PUBLIC_BETA:
        return replace(road, at=leaves_beta_at(app, policy, asked), blocks=keeps_badge(app, policy, asked))
    return road


def _station(app: App, release: Release | None) -> Station:
    if app.stage != Stage.PRIVATE_BETA:
        return _BY_STAGE.get(app.stage, Station.BEFORE)
    if release is None:
        return Station.BETA
    return Station.SCHEDULED if release.is_scheduled else Station.ASKED


_BY_STAGE: dict[str, Station] = {
    Stage.PUBLIC_BETA: Station.PUBLIC_BETA,
    Stage.PUBLIC: Station.PUBLIC,
    Stage.DEPRECATED: Station.ENDED,
}
