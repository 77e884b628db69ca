"""What the upkeep page says of an App: its nights, its risk, its launch content, and what its makers promised."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils import timezone

from apps_catalog.models import App, CatalogEntry
from reviews.release_dates import office_day
from reviews.thresholds import is_by_pull
from upkeep.models import NightlyCheck, Risk
from upkeep.states import Found, RiskState

NIGHTS = 14
# D49, which binds makers of what others have built upon.
PROMISES = (
    "No new required setting or field: customers who set it up before have nothing in it.",
    "Nothing that worked without a field may need it now.",
    "Names of settings, actions and fields stay as they are.",
    "No action goes away while customers use it.",
    "One integration per change, so that one can be taken back without the other.",
    "A video of the test goes with each change.",
)
TONES = {Found.PASSED: "success", Found.FAILED: "danger", Found.UNSURE: "neutral"}
WORDS = {Found.PASSED: "Passed", Found.FAILED: "Failed", Found.UNSURE: "Not sure"}


@dataclass(frozen=True, slots=True)
class Night:
    """One night; without a check nothing was looked at (any more, or yet)."""

    day: date
    check: NightlyCheck | None = None

    @property
    def tone(self) -> str:
        return TONES[Found(self.check.found)] if self.check else "neutral"

    @property
    def word(self) -> str:
        if self.check is None:
            return "No check"
        return WORDS[Found(self.check.found)] if self.check.looked_at else "Under way"


@dataclass(frozen=True, slots=True)
class Finding:
    """The same sentences in every night from `first` to `last`."""

    first: date
    last: date
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Health:
    """`risk` is the open one, or the last one if it ended with a delisting. `nights`: the newest first."""

    nights: list[Night]
    risk: Risk | None
    proven_at: datetime | None
    is_by_pull: bool

    @property
    def is_at_risk(self) -> bool:
        return self.risk is not None and self.risk.state == RiskState.OPEN

    @property
    def has_checks(self) -> bool:
        return any(night.check for night in self.nights)

    @property
    def findings(self) -> list[Finding]:
        """What was found, night after night with the same as one; the newest first."""
        found: list[Finding] = []
        for night in self.nights:
            problems = night.check.problems if night.check else []
            if found and found[-1].first == night.day + timedelta(days=1) and found[-1].problems == problems:
                found[-1] = replace(found[-1], first=night.day)
            elif problems:
                found.append(Finding(night.day, night.day, problems))
        return found

    @property
    def passed(self) -> int:
        return sum(night.check is not None and night.check.found == Found.PASSED for night in self.nights)

    @property
    def failed(self) -> int:
        return sum(night.check is not None and night.check.found == Found.FAILED for night in self.nights)


def health_of(app: App, now: datetime | None = None) -> Health:
    """The health of `app`, in four queries."""
    today = office_day(now or timezone.now())
    days = [today - timedelta(days=back) for back in range(NIGHTS)]
    checks = {check.night: check for check in NightlyCheck.objects.filter(app=app, night__gte=days[-1])}
    proven = CatalogEntry.objects.filter(app=app).values_list("proven_at", flat=True).first()
    nights = [Night(day, checks.get(day)) for day in days]
    return Health(nights, _risk_of(app), proven, is_by_pull(app))


def _risk_of(app: App) -> Risk | None:
    """The newest one, if it still matters: open, or the reason why the App is not in the catalog."""
    risk = Risk.objects.filter(app=app).order_by("-since", "-pk").first()
    if risk is None or risk.state == RiskState.CLEARED:
        return None
    return None if risk.state == RiskState.DELISTED and app.is_listed else risk
