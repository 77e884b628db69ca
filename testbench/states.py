"""The states of a run and the verdicts of its cases (CONTRACT, Test Suite verdicts)."""

from django.db.models import TextChoices


class RunState(TextChoices):
    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    FINISHED = "finished", "finished"
    CANCELLED = "cancelled", "cancelled"


class RunKind(TextChoices):
    SUITE = "suite", "Test Suite"
    SINGLE = "single", "single event"


class Verdict(TextChoices):
    """As `runtime.suite.verdicts.Verdict`, for the database; its members equal those."""

    GREEN = "green", "passed"
    YELLOW = "yellow", "not supported"
    RED = "red", "failed"
    NOT_RUN = "not_run", "not run"


ACTIVE = frozenset({RunState.QUEUED, RunState.RUNNING})
FINAL = frozenset({RunState.FINISHED, RunState.CANCELLED})
PASSING = frozenset({Verdict.GREEN, Verdict.YELLOW})
