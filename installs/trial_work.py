"""What a worker does with a trial once the browser is back: the sample client's walk, stored step by step.

A trial is claimed under a lease. Nothing of it can be taken up in the middle, because a code is good once: one whose
worker died is closed, and what it had set up is taken away.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps_catalog.models import App
from apps_catalog.states import SettingType
from audit.recording import SYSTEM
from installs import lifecycle
from installs.addresses import config_api_url, oauth_url
from installs.models import FlowTrial, Install
from installs.sample_client import FIRST_KEY, SECOND_KEY, Consent, Sample, Send, Step
from installs.samples import mode_of
from installs.states import EndReason, TrialState
from installs.trial_redirect import callback_uri
from installs.trial_steps import StepVerdict
from installs.trials import close, opened, tidy
from leases.transitions import StaleState
from runtime import egress
from runtime.egress import EgressPolicy, Exchange, Limits, Request
from runtime.redaction import MASK, hint, mask, storable
from runtime.webhooks import API_KEY

log = structlog.get_logger(__name__)

# One at a time: the lease of a second one would run while the first is worked on. The task asks again for more.
AT_ONCE = 1
INTERRUPTED = "The worker was interrupted on the way, and a code is good once. Start again."
LOST_SECRETS = "The secrets of this trial could not be opened. Start again."
PASSED = "Everything went as the protocol promises."


class LeaseLost(Exception):
    """Somebody cancelled, or another worker holds the trial by now: nothing more may be written."""


def lease() -> timedelta:
    """How long a silent worker is believed to be alive: twice what one request may take."""
    return timedelta(seconds=max(5.0, 2 * settings.EGRESS_TOTAL_SECONDS))


def run_due(send: Send | None = None) -> int:
    """Do the trials that wait; how many. `send` makes the requests, by default through the door out."""
    claimed = FlowTrial.objects.claim(limit=AT_ONCE, lease=lease())
    mine = FlowTrial.objects.select_related("client__app").filter(pk__in=[trial.pk for trial in claimed])
    for trial in mine:
        _work_on(trial, send or send_out)
    return len(claimed)


def _work_on(trial: FlowTrial, send: Send) -> None:
    known = opened(trial)
    try:
        if trial.attempts > 1:
            close(trial, TrialState.FAILED, INTERRUPTED)
        elif "code" not in known:
            close(trial, TrialState.FAILED, LOST_SECRETS)
        else:
            _Worker(trial, known, send).run()
    except StaleState:
        log.info("trial_over_before", trial=trial.pk)
    except LeaseLost:
        log.info("trial_lease_lost", trial=trial.pk)
        # It may have set something up after whoever cancelled it had looked.
        tidy(trial, known)


class _Worker:
    def __init__(self, trial: FlowTrial, known: dict[str, Any], send: Send) -> None:
        self._trial, self._known = trial, known
        installs = Install.objects.select_related("workspace", "source", "client__app")
        self._install = installs.get(trials=trial)
        self._sample = Sample(_consent_of(self._install, known), send, oauth_url, config_api_url)

    def run(self) -> None:
        """Raises LeaseLost."""
        self._store(state=TrialState.RUNNING, started_at=timezone.now())
        if not self._take(self._sample.walk()):
            lifecycle.end(self._install, SYSTEM, EndReason.TRIAL)
            self._take(self._sample.after_the_end())
        self._finish()

    def _take(self, steps: Iterable[Step]) -> bool:
        """Store each step as it comes; whether one failed."""
        has_failed = False
        for step in steps:
            self._trial.steps = [*self._trial.steps, _stored(step, self._sample.secrets)]
            self._store(steps=self._trial.steps)
            has_failed = has_failed or step.has_failed
        return has_failed

    def _store(self, **fields: Any) -> None:
        if not self._trial.still_held(extend=lease(), **fields):
            raise LeaseLost

    @transaction.atomic
    def _finish(self) -> None:
        failed = next((step for step in self._trial.steps if step["verdict"] == StepVerdict.FAILED), None)
        state = TrialState.FAILED if failed else TrialState.PASSED
        message = failed["message"] if failed else PASSED
        self._store()
        close(self._trial, state, message)
        log.info("trial_ended", trial=self._trial.pk, state=str(state), steps=len(self._trial.steps))


def _consent_of(install: Install, known: dict[str, Any]) -> Consent:
    client, workspace = install.client, f"workspaces/{install.workspace.slug}"
    return Consent(
        client_id=client.client_id,
        client_secret=known["client_secret"],
        redirect_uri=callback_uri(),
        code=known["code"],
        verifier=known["verifier"],
        scope_kind=install.scope_kind,
        slug=client.app.slug,
        workspace=workspace,
        source=f"{workspace}/sources/{install.source.slug}" if install.source else "",
        takes_key=_takes_key(client.app),
        connection_mode=mode_of(client.app),
    )


def _takes_key(app: App) -> bool:
    """Whether any text will do as an API key; where a pattern is set, a trial has no key that fits."""
    plain = {SettingType.STRING, SettingType.PASSWORD}
    return app.settings.filter(key=API_KEY, type__in=plain, pattern="").exists()


def send_out(request: Request) -> Exchange:
    """Through the door out, as to anybody's server."""
    limits = Limits(total_seconds=settings.EGRESS_TOTAL_SECONDS, max_body=settings.EGRESS_MAX_BODY_BYTES)
    return egress.send(request, policy=EgressPolicy.from_setting(settings.EGRESS_ALLOW), limits=limits)


def _stored(step: Step, secrets: Iterable[str]) -> dict[str, Any]:
    """As JSON, without any secret that the sample client holds by now, and without those of the workspace."""
    exchange = storable(mask(_covered(step.exchange).as_record(), secrets).value)
    response = step.exchange.response
    method, target, _ = step.exchange.request.start_line.split(" ", 2)
    return {
        "id": step.id,
        "verdict": str(step.verdict),
        "message": step.message,
        "method": method,
        "url": _address(target),
        "found": bool(response and response.status == 200),
        "exchange": exchange,
    }


def _covered(exchange: Exchange) -> Exchange:
    """Its answer without write keys and values of settings: how a workspace answers is shown, not what is in it."""
    response = exchange.response
    if response is None:
        return exchange
    if response.truncated:  # half an answer cannot be read, so nobody knows what stands in it
        return replace(exchange, response=replace(response, body=b""))
    try:
        answer = json.loads(response.body)
    except ValueError:
        return exchange
    covered = _cover(answer)
    if covered == answer:
        return exchange
    return replace(exchange, response=replace(response, body=json.dumps(covered).encode()))


def _cover(value: Any, name: str = "") -> Any:
    """`value` of a JSON answer, which stands there under `name`."""
    if isinstance(value, dict):
        return {key: _cover(item, key) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if name == "write_keys":
        return [hint(str(key)) for key in value]
    if name == "config":
        return [_without_value(entry) for entry in value]
    return [_cover(item) for item in value]


def _without_value(entry: Any) -> Any:
    is_own = not isinstance(entry, dict) or entry.get("value") in (FIRST_KEY, SECOND_KEY)
    return entry if is_own else entry | {"value": MASK}


def _address(target: str) -> str:
    """The whole address of what a request line names."""
    if target.startswith("/v1beta/"):
        return config_api_url(target.removeprefix("/v1beta/"))
    return oauth_url(target) if target.startswith("/") else target
