"""What a client may ask for, and where an install, a request for a wider scope and a trial of the flow stand."""

from django.db import models


class ScopeKind(models.TextChoices):
    """What an install may touch (D44). The first one is written with the App's slug: “destination/<slug>”."""

    DESTINATION = "destination", "One destination on one source"
    WORKSPACE_READ = "workspace:read", "Read a whole workspace"
    WORKSPACE = "workspace", "Read and change a whole workspace"


# Only after staff agreed, and taken back by staff (D44).
WIDE = frozenset({ScopeKind.WORKSPACE_READ, ScopeKind.WORKSPACE})
# Who was granted a scope may ask for what is part of it, too.
PART_OF: dict[str, frozenset[ScopeKind]] = {
    ScopeKind.WORKSPACE_READ: frozenset({ScopeKind.WORKSPACE_READ}),
    ScopeKind.WORKSPACE: frozenset({ScopeKind.WORKSPACE_READ, ScopeKind.WORKSPACE}),
}


class ScopeRequestState(models.TextChoices):
    WAITING = "waiting", "Waiting for Segment"
    GRANTED = "granted", "Granted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    TAKEN_BACK = "taken_back", "Taken back"


class InstallState(models.TextChoices):
    """An install is pending between the consent and the first exchange of its code."""

    PENDING = "pending", "Not finished"
    ACTIVE = "active", "Active"
    ENDED = "ended", "Ended"


class EndReason(models.TextChoices):
    """Why an install ended, as the customer and the partner read it."""

    CUSTOMER = "customer", "Ended in the workspace"
    PARTNER = "partner", "Ended by the partner"
    SCOPE = "scope", "The App lost this scope"
    APP = "app", "The App was taken away"
    SOURCE = "source", "The source was removed"
    REPLACED = "replaced", "Replaced by a newer consent"
    EXPIRED = "expired", "Not finished in time"
    TRIAL = "trial", "The trial is over"


class TrialState(models.TextChoices):
    """A run of the built-in sample client: it waits for the consent, then a worker does the rest."""

    CONSENT = "consent", "Waiting for the consent"
    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Running"
    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN_TRIALS = frozenset({TrialState.CONSENT, TrialState.QUEUED, TrialState.RUNNING})
