"""A run of the built-in sample client through the flow, so that a partner sees every request of it."""

import json
import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from installs.models.clients import Client
from installs.models.installs import Install
from installs.states import OPEN_TRIALS, TrialState
from leases.models import LeasedQuerySet, LeasedRow
from vault.sealing import seal, unseal


def new_trial_id() -> str:
    return secrets.token_urlsafe(12)


class FlowTrialQuerySet(LeasedQuerySet):
    def open(self) -> Self:
        return self.filter(state__in=OPEN_TRIALS)


class FlowTrial(LeasedRow):
    """Started in the console; the person consents, a worker does what the partner's server would do."""

    public_id = models.CharField(max_length=24, unique=True, default=new_trial_id)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="trials")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=TrialState, default=TrialState.CONSENT)
    install = models.ForeignKey(Install, null=True, blank=True, on_delete=models.SET_NULL, related_name="trials")
    # `state`, verifier, code and the trial's own client secret by name, as JSON; emptied when the trial is over.
    secrets_sealed = models.TextField(blank=True)
    # The exchanges with their verdicts, as partials/wire.html shows them, secrets masked.
    steps = models.JSONField(default=list)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FlowTrialQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "started_by"], condition=Q(state__in=sorted(OPEN_TRIALS)), name="trial_one_open"
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_TRIALS

    @property
    def context(self) -> str:
        """What its secrets are bound to."""
        return f"flow-trial:{self.pk}"

    def put_secrets(self, values: dict[str, Any]) -> None:
        """Seal what only this trial may know. Does not save; the row needs its id."""
        self.secrets_sealed = seal(json.dumps(values), self.context)

    def open_secrets(self) -> dict[str, Any]:
        """What `put_secrets` sealed; empty once the trial is over. Raises vault.sealing.CannotOpen."""
        opened: dict[str, Any] = json.loads(unseal(self.secrets_sealed, self.context)) if self.secrets_sealed else {}
        return opened
