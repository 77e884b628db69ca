"""The nine steps (S26, S38), computed from data: the rail of every page, the gate of `submit`, the evidence."""

from dataclasses import dataclass, replace

from apps_catalog.models import App
from apps_catalog.states import Stage
from partners.models import Policy
from reviews import facts, steps
from reviews.facts import Facts
from reviews.items import Item, ItemState, Step
from reviews.pull_items import ByPull
from reviews.states import ChecklistStep
from trains.page import chip_of

# Steps that come after the partner's own work: their items do not stand in the way of submitting.
AFTER_WORK = frozenset({ChecklistStep.SUBMISSION, ChecklistStep.PUBLIC})


@dataclass(frozen=True, slots=True)
class Checklist:
    """All nine steps. `next_item` is the best next act, or what is waited for; None when all is done
    and when the App has ended. `by_pull` is the destination by pull request, `is_by_pull_alone` if it has no other."""

    steps: list[Step]
    next_item: Item | None
    runs: tuple[str, ...] = ()
    by_pull: ByPull | None = None
    is_by_pull_alone: bool = False

    @property
    def items(self) -> list[Item]:
        return [item for step in self.steps for item in step.items]

    @property
    def blocking(self) -> list[Item]:
        """What the partner has to close before “Submit for Review” does it."""
        return blocking_items(self.steps)

    @property
    def ride_chip(self) -> tuple[str, str] | None:
        """Tone and words while what the draft names by pull request is on its way out; no query."""
        ride = self.by_pull.side.ride if self.by_pull else None
        return chip_of(ride) if ride else None

    @property
    def done_count(self) -> int:
        return sum(step.done_count for step in self.steps)

    @property
    def total_count(self) -> int:
        return sum(step.total_count for step in self.steps)

    def item(self, item_id: str) -> Item:
        return next(item for item in self.items if item.id == item_id)


def checklist(app: App, policy: Policy | None = None) -> Checklist:
    """The checklist of `app` as the database stands now; queries and `policy` as for `facts.load`."""
    return compute(facts.load(app, policy))


def rail_for(app: App) -> Checklist:
    """The checklist beside a page of `app`; computed once for each instance of an App, so once per request."""
    cached = app.__dict__.get("_rail")
    if cached is None:
        cached = app.__dict__["_rail"] = checklist(app)
    return cached


def compute(known: Facts) -> Checklist:
    """Pure: the same facts give the same checklist."""
    work = [_step(step, steps.WORK[step](known)) for step in ChecklistStep if step not in AFTER_WORK]
    done_before = not blocking_items(work)
    submission = _step(ChecklistStep.SUBMISSION, steps.submission(known, ready=done_before))
    all_steps = [*work, submission, _step(ChecklistStep.PUBLIC, steps.public(known))]
    upcoming = None if known.app.stage == Stage.DEPRECATED else _next_item(all_steps)
    marked = [replace(step, is_current=upcoming in step.items) for step in all_steps]
    return Checklist(
        marked, _as_act(upcoming), tuple(str(proof.run.pk) for proof in known.proofs if proof.run),
        by_pull=known.by_pull, is_by_pull_alone=known.is_by_pull_alone,
    )  # fmt: skip


def blocking_items(all_steps: list[Step]) -> list[Item]:
    return [item for step in all_steps if step.id not in AFTER_WORK for item in step.items if item.blocks]


def _step(step: ChecklistStep, items: list[Item]) -> Step:
    number = list(ChecklistStep).index(step) + 1
    return Step(id=step.value, number=number, title=step.label, items=items)


def _as_act(upcoming: Item | None) -> Item | None:
    """The next item in words that say what to do, instead of what is then so."""
    return replace(upcoming, text=steps.ACTS.get(upcoming.id, upcoming.text)) if upcoming else None


def _next_item(all_steps: list[Step]) -> Item | None:
    """The first open item that can be closed somewhere; otherwise the first that waits for somebody."""
    required = [item for step in all_steps for item in step.required if not item.is_done]
    can_act = (item for item in required if item.state == ItemState.OPEN and item.url)
    waits = (item for item in required if item.state == ItemState.WAITING)
    return next(can_act, None) or next(waits, None)
