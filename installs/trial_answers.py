"""The browser comes back from the consent of a trial: with a code, or with an error (D41)."""

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from installs.models import FlowTrial, Grant, Install
from installs.states import TrialState
from installs.trial_redirect import callback_uri
from installs.trial_steps import StepVerdict
from installs.trials import TASK, authorize_url, close
from leases.doorbell import ring
from leases.transitions import move
from runtime.redaction import hint

NO_CODE = "The answer carries no code that Segment gave for this trial. Start again."
# Names no place: colleagues read it, too.
CHOSEN = "A place was chosen, and the state is the one that was sent."
DENIED = "You chose Deny. Your server is told so, and goes on without access."
# What an answer may consist of (D41, RFC 9207); more is not kept.
_MEMBERS = ("code", "state", "iss", "error", "error_description", "error_hint")
_LONGEST = 500
_NO_BODY = {"encoding": "text", "content": ""}


class UnknownAnswer(Exception):
    """Its `state` belongs to no trial of this person."""


@transaction.atomic
def take(actor: User, answer: Mapping[str, str]) -> FlowTrial:
    """With a code, the trial goes on to a worker; without one, it is over. The same answer again changes nothing.

    Raises UnknownAnswer.
    """
    trial = _trial_of(actor, answer.get("state", ""))
    if trial.state != TrialState.CONSENT:
        return trial
    known = trial.open_secrets()
    if not hmac.compare_digest(known["state"].encode(), answer["state"].encode()):
        raise UnknownAnswer
    install = _install_of(trial, answer.get("code", ""))
    if install is None:
        _end_here(trial, answer)
    else:
        _go_on(trial, answer, install, known)
    return trial


def _trial_of(actor: User, state: str) -> FlowTrial:
    """By the part of the state that is no secret."""
    rows = FlowTrial.objects.select_related("client__app").select_for_update(of=("self",))
    trial = rows.filter(public_id=state.partition(".")[0], started_by=actor).first()
    if trial is None:
        raise UnknownAnswer
    return trial


def _install_of(trial: FlowTrial, code: str) -> Install | None:
    """What the code was given for, if it was given to this trial."""
    if not code:
        return None
    given = Grant.objects.select_related("install__workspace", "install__source").filter(
        code=code, install__client=trial.client, install__is_trial=True, install__consented_by=trial.started_by
    )
    grant = given.first()
    return grant.install if grant else None


def _go_on(trial: FlowTrial, answer: Mapping[str, str], install: Install, known: dict[str, Any]) -> None:
    step = _step(trial, answer, StepVerdict.PASSED, CHOSEN)
    trial.put_secrets(known | {"code": answer["code"]})
    move(
        trial, "state", from_={TrialState.CONSENT}, to=TrialState.QUEUED, install=install, steps=[step],
        secrets_sealed=trial.secrets_sealed, due_at=timezone.now(),
    )  # fmt: skip
    ring(TASK)


def _end_here(trial: FlowTrial, answer: Mapping[str, str]) -> None:
    error = answer.get("error", "")
    text = DENIED if error == "access_denied" else (answer.get("error_description") or error or NO_CODE)[:_LONGEST]
    close(trial, TrialState.FAILED, text, steps=[_step(trial, answer, StepVerdict.FAILED, text)])


def _step(trial: FlowTrial, answer: Mapping[str, str], verdict: StepVerdict, message: str) -> dict[str, Any]:
    """The first step, which the browser makes: where it was sent, and with what it came back."""
    shown = {name: answer[name][:_LONGEST] for name in _MEMBERS if answer.get(name)}
    if "code" in shown:
        shown["code"] = hint(shown["code"])
    location = f"{callback_uri()}?{urlencode(shown, safe='*')}"
    exchange = {
        "request": {"start_line": "", "headers": [], "body": _NO_BODY},
        "response": {"status": 303, "reason": "See Other", "headers": [["Location", location]], "body": _NO_BODY,
                     "truncated": False},
        "error": None, "timings": {},
    }  # fmt: skip
    sent = {"method": "GET", "url": authorize_url(trial), "exchange": exchange}
    return {"id": "consent", "verdict": str(verdict), "message": message, **sent}
