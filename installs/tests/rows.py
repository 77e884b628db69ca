"""Rows of trials, made in an instant for tests of pages."""

from typing import Any

from accounts.models import User
from installs.models import Client, FlowTrial, Install
from installs.states import TrialState
from installs.trial_answers import CHOSEN

SITE = "http://localhost:8000"


def make_trial(client: Client, user: User, install: Install, state: str = TrialState.RUNNING) -> FlowTrial:
    """A trial that has come as far as the second step."""
    steps = [
        _step("consent", "GET", f"{SITE}/oauth2/auth?response_type=code", 303, CHOSEN),
        _step("exchange", "POST", f"{SITE}/oauth2/token", 200, f"A token for 3600 seconds, for {install.name}."),
    ]
    return FlowTrial.objects.create(client=client, started_by=user, install=install, state=state, steps=steps)


def _step(step: str, method: str, url: str, status: int, message: str) -> dict[str, Any]:
    body = {"encoding": "text", "content": '{"access_token": "****f00d", "token_type": "bearer"}'}
    headers = [["Authorization", "Basic ****"], ["Accept", "application/json"]]
    exchange = {
        "request": {"start_line": "", "headers": headers, "body": {"encoding": "text", "content": ""}},
        "response": {"status": status, "reason": "OK", "headers": [], "body": body, "truncated": False},
        "error": None,
        "timings": {"dns": 0.1, "connect": 0.2, "first_byte": 12.0, "total": 12.6},
    }
    return {
        "id": step, "verdict": "passed", "message": message, "method": method, "url": url, "found": status == 200,
        "exchange": exchange,
    }  # fmt: skip
