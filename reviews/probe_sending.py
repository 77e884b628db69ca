"""One look at one address, through the door out; what an answer means to the partner."""

from collections.abc import Callable, Mapping
from typing import Any

from apps_catalog import link_checks
from apps_catalog.models import Component, ReviewerAccess
from apps_catalog.signing import signing_for
from apps_catalog.validators import egress_policy
from reviews.models import Probe
from runtime.egress import Exchange, Limits, send
from runtime.samples import core_events
from runtime.webhooks import API_KEY, OutcomeVerdict, build_request, read_answer
from testbench.fingerprint import used_settings
from testbench.values import installed_with, remembered
from vault.sealing import CannotOpen

# (probe, target) → {"state": ok | warn | down, "status", "message"}.
Look = Callable[[Probe, Mapping[str, Any]], Mapping[str, Any]]

LIMITS = Limits(total_seconds=10.0)
NO_KEY = "It answers. No API key was at hand, so more could not be tried."
KEY_REFUSED = "It answers, but refuses the API key of the test account. Check the key under Access."


def look_at(probe: Probe, target: Mapping[str, Any]) -> Mapping[str, Any]:
    """Send one test event to an endpoint, or fetch a page."""
    return look_for(probe.app_id, f"probe-{probe.pk}", target)


def look_for(app_id: int, mark: str, target: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same for an App; `mark` names the look: a repeat of it sends the same messageId."""
    return _endpoint(app_id, mark, target) if target["kind"] == "endpoint" else _page(target["url"])


def _page(url: str) -> Mapping[str, Any]:
    found = link_checks.verdict(link_checks.fetch(url))
    state = "ok" if found["ok"] else ("warn" if found["status"] else "down")
    return {"state": state, "status": found["status"], "message": found["message"]}


def _endpoint(app_id: int, mark: str, target: Mapping[str, Any]) -> Mapping[str, Any]:
    component = Component.objects.filter(app=app_id, kind=target["component"]).first()
    values = _values(component) if component else {}
    exchange = _send_event(mark, component, target["url"], values)
    return read_endpoint(exchange, has_key=bool(values.get(API_KEY)))


def _send_event(mark: str, component: Component | None, url: str, values: Mapping[str, Any]) -> Exchange:
    """The first event of the Test Suite, as a run of one event would send it; a repeat has the same messageId."""
    message = f"{mark}-{component.pk if component else 0}"
    event = {**core_events()[0].event, "messageId": message}
    signing = signing_for(component, message) if component else None
    request = build_request(url, event, str(values.get(API_KEY, "")), values, signing)
    return send(request, policy=egress_policy(), limits=LIMITS)


def _values(component: Component) -> dict[str, Any]:
    """Defaults, over them what the partner's last run remembered, over that the key of the test account."""
    access = ReviewerAccess.objects.filter(app=component.app_id).first()
    try:
        key = access.open("api_key") if access else ""
    except CannotOpen:
        key = ""
    own = {API_KEY: key} if key else {}
    kept = remembered(component) | own
    # An App whose component does not use the API key as a setting is still called with one.
    return installed_with(used_settings(component), kept) | {API_KEY: kept.get(API_KEY, "")}


def read_endpoint(exchange: Exchange, *, has_key: bool) -> Mapping[str, Any]:
    """What the answer to the test event means. An answer is an answer, whatever the status; only a 5xx is none."""
    outcome = read_answer(exchange)
    status = outcome.status
    if exchange.error is not None or status is None or (status >= 500 and status != 501):
        return {"state": "down", "status": status, "message": outcome.meaning}
    if status in (401, 403):
        return {"state": "warn", "status": status, "message": KEY_REFUSED} if has_key else _fine(status, NO_KEY)
    if outcome.verdict is OutcomeVerdict.RED:
        return {"state": "warn", "status": status, "message": f"A test event was answered with {status}."}
    return _fine(status, f"A test event was answered with {status}.")


def _fine(status: int, message: str) -> Mapping[str, Any]:
    return {"state": "ok", "status": status, "message": message}
