"""The verbs of a trial of the flow: start it, cancel it, close it, and tidy up what it set up.

The browser's way back is in installs.trial_answers, what a worker does then in installs.trial_work.
"""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.recording import SYSTEM, System, record
from installs import lifecycle
from installs.addresses import oauth_url
from installs.clients import lend_secret, take_back_secret
from installs.models import Client, FlowTrial, Install
from installs.rules import can_edit_client
from installs.states import OPEN_TRIALS, EndReason, InstallState, TrialState
from installs.trial_redirect import CONSENT_FOR, callback_uri
from installs.trial_steps import has_set_up
from leases.transitions import StaleState, move
from vault.sealing import CannotOpen
from workspaces.lifecycle import remove_destination
from workspaces.models import Destination

log = structlog.get_logger(__name__)

TASK = "installs.tasks.run_trials"
# The trial's secret lives a little longer than the wait for a consent: a worker needs it after that.
SECRET_FOR = CONSENT_FOR + timedelta(minutes=5)
KEPT = timedelta(days=30)
NOT_CONSENTED = "Nobody consented within a quarter of an hour. Start again."
CANCELLED = "Cancelled. What the trial had set up was removed."


@transaction.atomic
def start(actor: User, client: Client) -> FlowTrial:
    """A trial that waits for the consent of `actor`; the one that is open already, if there is one.

    Its client secret is of its own and ends with it. Raises PermissionDenied.
    """
    if not can_edit_client(actor, client):
        raise PermissionDenied
    mine = FlowTrial.objects.open().filter(client=client, started_by=actor)
    expire(timezone.now(), mine)
    trial = mine.first()
    if trial:
        return trial
    try:
        with transaction.atomic():
            trial = FlowTrial.objects.create(client=client, started_by=actor)
    except IntegrityError:  # two presses at the same moment are one trial
        return mine.get()
    _give_secrets(trial)
    record(actor, "trial.started", client.app, chain=client.app.chain, trial=trial.pk)
    return trial


def _give_secrets(trial: FlowTrial) -> None:
    row, value = lend_secret(trial.client, timezone.now() + SECRET_FOR)
    state = f"{trial.public_id}.{secrets.token_urlsafe(24)}"
    known = {"state": state, "verifier": secrets.token_urlsafe(48), "client_secret": value, "secret_id": row.pk}
    trial.put_secrets(known)
    FlowTrial.objects.filter(pk=trial.pk).update(secrets_sealed=trial.secrets_sealed)


def authorize_url(trial: FlowTrial) -> str:
    """Where the browser is sent for the consent (D41), with PKCE. Raises vault.sealing.CannotOpen."""
    known, client = trial.open_secrets(), trial.client
    digest = hashlib.sha256(known["verifier"].encode()).digest()
    asked = {
        "response_type": "code", "client_id": client.client_id, "redirect_uri": callback_uri(), "scope": client.scope,
        "state": known["state"], "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{oauth_url('/oauth2/auth')}?{urlencode(asked)}"


@transaction.atomic
def cancel(actor: User, trial: FlowTrial) -> None:
    """End it wherever it is. Raises StaleState when it is over, PermissionDenied."""
    if not can_edit_client(actor, trial.client):
        raise PermissionDenied
    close(trial, TrialState.CANCELLED, CANCELLED, by=actor)


@transaction.atomic
def close(trial: FlowTrial, to: TrialState, message: str, *, by: User | System = SYSTEM, **also: Any) -> None:
    """Over, whoever held it. `also` are further columns. Raises StaleState when it was over before."""
    known = opened(trial)
    over = {"due_at": None, "lease_until": None, "lease_token": None, "ended_at": timezone.now(), "secrets_sealed": ""}
    move(trial, "state", from_=OPEN_TRIALS, to=to, message=message, **over, **also)
    tidy(trial, known)
    app = trial.client.app
    record(by, "trial.ended", app, chain=app.chain, trial=trial.pk, state=str(to))


def opened(trial: FlowTrial) -> dict[str, Any]:
    """What it keeps; empty where the key is gone."""
    try:
        return trial.open_secrets()
    except CannotOpen:
        return {}


def tidy(trial: FlowTrial, known: dict[str, Any]) -> None:
    """Take away what it left: its install with every token, its destination, its secret. Harmless when repeated."""
    take_back_secret(trial.client, known.get("secret_id", 0))
    rows = Install.objects.select_related("workspace", "source", "client__app")
    install = rows.filter(pk=trial.install_id or 0).first()
    if install is None:
        return
    lifecycle.end(install, SYSTEM, EndReason.TRIAL)
    if has_set_up(trial.steps):
        _remove_destination(trial, install)


def _remove_destination(trial: FlowTrial, install: Install) -> None:
    """The one that the trial set up: never one that was there before, and none that a person set up meanwhile."""
    made = Destination.objects.select_related("source__workspace", "app").filter(
        source=install.source,
        app=install.client.app_id,
        created_at__gte=trial.started_at,
        created_by__isnull=True,
    )
    for destination in made:
        remove_destination(SYSTEM, destination)


def expire(now: datetime, rows: QuerySet[FlowTrial] | None = None) -> int:
    """Close the trials, of `rows` or of all, that nobody consented to in time; how many."""
    rows = FlowTrial.objects.all() if rows is None else rows
    return close_all(rows.filter(state=TrialState.CONSENT, created_at__lt=now - CONSENT_FOR), NOT_CONSENTED)


def close_all(rows: QuerySet[FlowTrial], message: str = CANCELLED) -> int:
    """Cancel those of `rows` that are open, on nobody's behalf; how many."""
    return sum(_try_to_close(trial, message) for trial in rows.select_related("client__app"))


def _try_to_close(trial: FlowTrial, message: str) -> bool:
    try:
        close(trial, TrialState.CANCELLED, message)
    except StaleState:  # somebody was quicker
        return False
    return True


def purge(now: datetime) -> int:
    """Trials that ended a month ago, and their installs."""
    before = now - KEPT
    gone = FlowTrial.objects.filter(ended_at__lt=before).delete()[1].get(FlowTrial._meta.label, 0)
    left = Install.objects.filter(is_trial=True, state=InstallState.ENDED, ended_at__lt=before, trials__isnull=True)
    left.delete()
    return gone
