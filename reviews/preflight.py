"""What the partner sees before submitting: the rules as the reviewer will see them, and the last look from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps_catalog.models import App
from reviews import probes, rubric, rubric_seen
from reviews.checklist import Checklist
from reviews.items import Item
from reviews.models import Probe
from reviews.rubric import RuleResult, StepResults
from reviews.rubric_checks import ITEMS
from reviews.states import Machine

KINDS = {"endpoint": "Endpoint", "docs": "Documentation", "website": "Website", "login": "Test log-in's page"}


@dataclass(frozen=True, slots=True)
class Looked:
    """The last look from outside. `is_current`: at the addresses of the draft, a few minutes ago or just now."""

    probe: Probe
    is_current: bool

    @property
    def is_running(self) -> bool:
        return not self.probe.is_over

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [{**one, "kind": KINDS[one["kind"]], "state": one.get("state", "")} for one in self.probe.targets]

    @property
    def bad(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["state"] in ("warn", "down")]

    @property
    def at(self) -> datetime:
        return self.probe.finished_at or self.probe.requested_at


@dataclass(frozen=True, slots=True)
class Preflight:
    """`open_items` are what stands in the way beside the rules; `looked` is None before the first look."""

    steps: list[StepResults]
    open_items: list[Item]
    looked: Looked | None

    @property
    def results(self) -> list[RuleResult]:
        return [result for step in self.steps for result in step.results]

    @property
    def blocking(self) -> list[RuleResult]:
        return [result for result in self.results if result.blocks]

    @property
    def warnings(self) -> list[RuleResult]:
        return [result for result in self.results if result.machine == Machine.WARN]

    @property
    def for_a_person(self) -> int:
        return sum(result.machine == Machine.PERSON for result in self.results)

    @property
    def passed(self) -> int:
        return sum(result.machine == Machine.PASS for result in self.results)

    @property
    def in_the_way(self) -> int:
        return len(self.blocking) + len(self.open_items)


def preflight(app: App, listed: Checklist) -> Preflight:
    """The pre-flight of the draft, in a constant number of queries."""
    results = rubric.judge_draft(app, listed)
    return Preflight(rubric.by_step(results), _beside(listed, results), _looked(app))


def _beside(listed: Checklist, results: Sequence[RuleResult]) -> list[Item]:
    """What the checklist still asks for and no failing rule says: the same thing is never listed twice."""
    said = {result.check_name for result in results if result.blocks} & set(ITEMS)
    return [item for item in listed.blocking if item.id not in said]


def _looked(app: App) -> Looked | None:
    probe = rubric_seen.newest_of_draft(app)
    return Looked(probe, probes.is_current(probe, probes.targets_of_draft(app))) if probe else None
