"""The verdicts of cases, and which groups of cases decide a run (CONTRACT, Test Suite verdicts)."""

from enum import StrEnum

from runtime.suite.case import GROUPS


class Verdict(StrEnum):
    """What became of one case, the best first. A run has one of the first three."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NOT_RUN = "not_run"


# As people read them, also in `testbench.states`.
WORDS: dict[str, str] = {
    Verdict.GREEN: "passed",
    Verdict.YELLOW: "not supported",
    Verdict.RED: "failed",
    Verdict.NOT_RUN: "not run",
}
PASSING = frozenset({Verdict.GREEN, Verdict.YELLOW})

# The groups of cases that every run has unless it names others, in the order in which they are sent.
REQUIRED_GROUPS = tuple(group.name for group in GROUPS.values() if group.required)
SINGLE_GROUP = "single"
# Groups whose cases colour the run; all others only give advice.
COLOURING = frozenset({*REQUIRED_GROUPS, SINGLE_GROUP})
