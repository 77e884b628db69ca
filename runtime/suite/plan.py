"""What a run sends, fixed when it is asked for; as JSON text it is kept with the run (`SuiteRun.plan`)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from runtime.samples import GROUPS, Case, Expects, suite_cases
from runtime.suite.verdicts import REQUIRED_GROUPS, SINGLE_GROUP


@dataclass(frozen=True, slots=True)
class Planned:
    """One case of one run; `position` counts from 1 and names it in links (“#case-3”)."""

    position: int
    id: str
    group: str
    type: str
    name: str
    purpose: str
    expectation: str
    event: dict[str, Any]
    expects: str = Expects.ACCEPTED


class UnknownGroup(ValueError):
    """A group of cases that does not exist. The text says which there are."""


def suite_plan(groups: Sequence[str] | None = None) -> list[Planned]:
    """The cases of `groups`, by default the required ones, with events that no other run has."""
    wanted = list(groups or REQUIRED_GROUPS)
    unknown = sorted(set(wanted) - set(GROUPS))
    if unknown:
        raise UnknownGroup(f"There is no group “{unknown[0]}”. The groups are: {', '.join(GROUPS)}.")
    return _numbered(case for case in suite_cases() if case.group in wanted)


def single_plan(event: dict[str, Any]) -> list[Planned]:
    """One event that a person chose or wrote (D14)."""
    kind = str(event.get("type", ""))[:12]
    return [Planned(1, "single", SINGLE_GROUP, kind, "A single event", "", "Answer with a 2xx status.", event)]


def write_plan(cases: Iterable[Planned]) -> str:
    return json.dumps([asdict(case) for case in cases], ensure_ascii=False, allow_nan=False)


def read_plan(text: str) -> list[Planned]:
    return [Planned(**case) for case in json.loads(text)]


def _numbered(cases: Iterable[Case]) -> list[Planned]:
    return [
        Planned(
            position,
            case.id,
            case.group,
            case.type,
            case.name,
            case.purpose,
            case.expectation,
            case.event,
            case.expects,
        )
        for position, case in enumerate(cases, start=1)
    ]
