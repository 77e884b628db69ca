"""The set-up guide of a destination by pull request (S16): what to install, and what the partner has ticked.

A tick is the partner's word. The team sees it in the dossier and checks nothing by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from apps_catalog.drafting import require_editor
from apps_catalog.models import App
from audit.recording import System, record
from planning.models import GuideTick
from planning.states import GuideItem

Actor = User | System


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the guide; `tick` says who ticked it and when, None while nobody has."""

    item: GuideItem
    tick: GuideTick | None

    @property
    def is_done(self) -> bool:
        return self.tick is not None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an App is with the guide, in the order in which things are done."""

    rows: list[Row]

    @property
    def done(self) -> int:
        return sum(row.is_done for row in self.rows)

    @property
    def is_complete(self) -> bool:
        return self.done == len(self.rows)

    @property
    def open_items(self) -> list[GuideItem]:
        return [row.item for row in self.rows if not row.is_done]

    @property
    def last(self) -> GuideTick | None:
        """The newest tick, which the checklist names."""
        ticks = [row.tick for row in self.rows if row.tick]
        return max(ticks, key=lambda tick: tick.at, default=None)


def progress(app: App) -> Progress:
    """Needs one query; none when `guide_ticks__by` is prefetched."""
    prefetched = "guide_ticks" in getattr(app, "_prefetched_objects_cache", {})
    ticks = app.guide_ticks.all() if prefetched else app.guide_ticks.select_related("by")
    found: Mapping[str, GuideTick] = {tick.item: tick for tick in ticks}
    return Progress([Row(item, found.get(item)) for item in GuideItem])


def done(app: App) -> bool:
    """Whether every item is ticked."""
    return progress(app).is_complete


@transaction.atomic
def tick(actor: Actor, app: App, item: str) -> bool:
    """Note that an item is done; False when somebody had ticked it already.

    Raises PermissionDenied, and ValidationError for an item that the guide does not have.
    """
    known = _known(actor, app, item)
    by = None if isinstance(actor, System) else actor
    _, is_new = GuideTick.objects.get_or_create(app=app, item=known, defaults={"by": by})
    if is_new:
        record(actor, "guide.ticked", app, chain=app.chain, item=known.value)
    return is_new


@transaction.atomic
def untick(actor: Actor, app: App, item: str) -> bool:
    """Take a tick back; False when there was none. Raises as `tick` does."""
    known = _known(actor, app, item)
    gone, _ = GuideTick.objects.filter(app=app, item=known).delete()
    if gone:
        record(actor, "guide.unticked", app, chain=app.chain, item=known.value)
    return bool(gone)


def _known(actor: Actor, app: App, item: str) -> GuideItem:
    require_editor(actor, app)
    try:
        return GuideItem(item)
    except ValueError:
        raise ValidationError("The guide has no such item. Load the page again.", code="unknown") from None
