"""The states of a run and the verdicts of its cases (CONTRACT, Test Suite verdicts)."""

from django.db.models import TextChoices

from runtime.samples import GROUPS


class RunState(TextChoices):
    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    FINISHED = "finished", "finished"
    CANCELLED = "cancelled", "cancelled"


class RunKind(TextChoices):
    SUITE = "suite", "Test Suite"
    SINGLE = "single", "single event"


class Verdict(TextChoices):
    GREEN = "green", "passed"
    YELLOW = "yellow", "not supported"
    RED = "red", "failed"
    NOT_RUN = "not_run", "not run"


ACTIVE = frozenset({RunState.QUEUED, RunState.RUNNING})
FINAL = frozenset({RunState.FINISHED, RunState.CANCELLED})
PASSING = frozenset({Verdict.GREEN, Verdict.YELLOW})

# The groups of cases that every run has unless it names others, in the order in which they are sent.
REQUIRED_GROUPS = tuple(group.name for group in GROUPS.values() if group.required)
SINGLE_GROUP = "single"
# Groups whose cases colour the run; all others only give advice.
COLOURING = frozenset({*REQUIRED_GROUPS, SINGLE_GROUP})
