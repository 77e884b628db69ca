"""What is different between two runs of one component: what got worse first (EXPERIENCE, “Test suite”)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.db.models import Count, Q

from testbench.models import CaseResult, SuiteRun, SuiteRunQuerySet
from testbench.report import chip_of
from testbench.states import PASSING, RunState, Verdict

Change = Literal["regression", "fixed", "better", "worse", "slower", "faster", "same", "new", "gone"]

# A time changed when it is twice as long, or half, and the difference is more than what a network does by itself.
RATIO = 2.0
NOISE_MS = 50.0
CHOICES = 25
# From good to bad; a case that is not in one of the runs is neither.
_RANK = {Verdict.GREEN: 0, Verdict.YELLOW: 1, Verdict.RED: 2, Verdict.NOT_RUN: 2}


@dataclass(frozen=True, slots=True)
class Pair:
    """One case in both runs; None where a run has no result of it. Durations are milliseconds."""

    case_id: str
    before: CaseResult | None
    after: CaseResult | None
    change: Change

    @property
    def name(self) -> str:
        found = self.after or self.before
        return found.name if found else self.case_id

    @property
    def sides(self) -> list[tuple[str, CaseResult | None, tuple[str, str]]]:
        """(heading, result, (tone, word) of its verdict) of both runs."""
        named = (("Before", self.before), ("Now", self.after))
        return [(name, side, chip_of(side.group, side.verdict) if side else ("", "")) for name, side in named]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The cases of two runs, by what became of them; each list in the order of the newer run."""

    earlier: SuiteRun
    pairs: list[Pair]

    def _of(self, *changes: Change) -> list[Pair]:
        return [pair for pair in self.pairs if pair.change in changes]

    @property
    def regressions(self) -> list[Pair]:
        """Passed before and does not now, or is supported less than before."""
        return [*self._of("regression"), *self._of("worse")]

    @property
    def fixed(self) -> list[Pair]:
        return [*self._of("fixed"), *self._of("better")]

    @property
    def slower(self) -> list[Pair]:
        return self._of("slower")

    @property
    def faster(self) -> list[Pair]:
        return self._of("faster")

    @property
    def only_once(self) -> list[Pair]:
        """In one of the runs only, because other groups were chosen."""
        return self._of("new", "gone")

    @property
    def same(self) -> list[Pair]:
        return self._of("same")


def compare(run: SuiteRun, earlier: SuiteRun) -> Comparison:
    """Compare by the ids of the cases, which are stable, in two queries."""
    before, after = _results(earlier), _results(run)
    ids = [*after, *(case_id for case_id in before if case_id not in after)]
    return Comparison(earlier, [_pair(case_id, before, after) for case_id in ids])


def earlier_runs(run: SuiteRun) -> SuiteRunQuerySet:
    """The finished suites of the same component before this one, the newest first, with their counts."""
    return (
        SuiteRun.objects.suites()
        .filter(component=run.component_id, state=RunState.FINISHED, created_at__lt=run.created_at)
        .filter(submission_id__isnull=True)
        .defer("plan", "settings_sealed")
        .annotate(passed=Count("results", filter=Q(results__verdict__in=PASSING)))
        .order_by("-created_at")
    )


def _results(run: SuiteRun) -> dict[str, CaseResult]:
    return {result.case_id: result for result in run.results.defer("request", "response", "details")}


def _pair(case_id: str, before: Mapping[str, CaseResult], after: Mapping[str, CaseResult]) -> Pair:
    old, new = before.get(case_id), after.get(case_id)
    return Pair(case_id, old, new, _change(old, new))


def _change(old: CaseResult | None, new: CaseResult | None) -> Change:
    if old is None or new is None:
        return "new" if old is None else "gone"
    step = _RANK[Verdict(new.verdict)] - _RANK[Verdict(old.verdict)]
    if step > 0:
        return "regression" if new.verdict not in PASSING else "worse"
    if step < 0:
        return "fixed" if old.verdict not in PASSING else "better"
    return _change_of_time(_duration(old), _duration(new))


def _change_of_time(old: float | None, new: float | None) -> Change:
    if old is None or new is None or abs(new - old) < NOISE_MS:
        return "same"
    if new >= RATIO * old:
        return "slower"
    return "faster" if old >= RATIO * new else "same"


def _duration(result: CaseResult | None) -> float | None:
    return result.duration_ms if result else None
