"""What differs between the draft of a live App and its live version, and by which road each difference goes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from apps_catalog.completeness import Gap, listing_gaps
from apps_catalog.manifest import export
from apps_catalog.models import App
from apps_catalog.proportion import FieldChange, Road, breakages, field_changes, is_part
from partners.models import Policy
from reviews.models import LiveChange
from reviews.states import LiveChangeState, SubmissionState

# path → the items of the checklist that say whether its value will do.
ITEMS = {
    "listing.description": ("description", "catalog_text"),
    "listing.website": ("website",),
    "listing.primary_category": ("primary_category",),
    "listing.secondary_categories": ("primary_category",),
    "listing.logo_svg": ("logo",),
    "listing.mark_svg": ("mark",),
    "listing.support_email": ("support_email",),
    "listing.docs_links.partner": ("docs_partner",),
    "listing.docs_links.segment": ("docs_segment",),
    "listing.docs_links.segment_text": ("docs_segment",),
}
TAKEN_BACK = "A reviewer took such a change back, so it waits for a review this time."


@dataclass(frozen=True, slots=True)
class Step:
    """One difference and its road. `reason` says why it does not go by the usual one, or what is wrong with it."""

    change: FieldChange
    road: Road
    reason: str = ""

    @property
    def goes_live(self) -> bool:
        return self.road != Road.BEFORE


@dataclass(frozen=True, slots=True)
class Differences:
    """All steps, and `refused`: why the draft cannot be submitted as it is (D49)."""

    steps: list[Step] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def by_road(self, road: Road) -> list[Step]:
        return [step for step in self.steps if step.road == road]

    @property
    def roads(self) -> list[tuple[Road, list[Step]]]:
        """The roads that something goes by."""
        return [(road, found) for road in Road if (found := self.by_road(road))]

    @property
    def ready(self) -> list[Step]:
        """What can go live without a review before."""
        return [step for step in self.steps if step.goes_live]


def differences(app: App, part: str = "") -> Differences:
    """What the draft changes of the live version, in the order of the manifest; nothing before there is one.

    `part` as in `apps_catalog.proportion.PARTS`.
    """
    if not app.is_live or app.live_version is None:
        return Differences()
    live, draft = app.live_version.manifest, export(app)
    found = [change for change in field_changes(live, draft) if is_part(change.path, part)]
    gaps = {gap.item: gap for gap in listing_gaps(app, Policy.current())}
    barred = _barred(app)
    return Differences(
        [_step(change, gaps, barred) for change in found], breakages(live, draft) if app.is_listed else []
    )


def _step(change: FieldChange, gaps: dict[str, Gap], barred: frozenset[str]) -> Step:
    if change.road == Road.BEFORE:
        return Step(change, Road.BEFORE)
    if missing := next((gaps[item].text for item in ITEMS.get(change.path, ()) if item in gaps), ""):
        return Step(change, Road.BEFORE, f"It cannot go live as it is. {missing}")
    return Step(change, Road.BEFORE, TAKEN_BACK) if change.path in barred else Step(change, change.road)


def _barred(app: App) -> frozenset[str]:
    """What was taken back since the last approved submission: saving it again must not put it live again."""
    approved = app.submissions.filter(state=SubmissionState.APPROVED).order_by("-decided_at").first()
    taken = LiveChange.objects.filter(app=app, state=LiveChangeState.TAKEN_BACK)
    if approved and approved.decided_at:
        taken = taken.filter(judged_at__gt=approved.decided_at)
    return frozenset(path for paths in taken.values_list("fields", flat=True) for path in paths)


def after_paths(paths: Iterable[str]) -> list[str]:
    """Those of `paths` that a reviewer looks at afterwards."""
    from_table = (FieldChange(path, None, None) for path in paths)
    return [change.path for change in from_table if change.road == Road.AFTER]


def refused(app: App) -> list[str]:
    """Why the draft of a launched App may not be submitted (D49); each a sentence for the partner."""
    if not app.is_listed or app.live_version is None:
        return []
    return breakages(app.live_version.manifest, export(app))
