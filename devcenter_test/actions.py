"""The Test Suite for a destination that runs on Segment's local server (`./bin/run serve`, S16).

Each event goes to the actions whose trigger it meets: POST /<action> with `payload` (the event), `settings` and `auth`.
No `mapping` is sent, so that the defaults in the code are what is tested.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from devcenter_test.local_answers import Kind, read_local_answer
from devcenter_test.plans import Action, Plan
from runtime.egress import EgressPolicy, Exchange, KeptLine, Limits, Request, send
from runtime.events import timestamp
from runtime.samples import burst_events
from runtime.spec.examples import example
from runtime.spec.triggers import matches
from runtime.suite.making import new_id, utc_now
from runtime.suite.plan import Planned, single_plan, suite_plan
from runtime.suite.running import Result, run_cases
from runtime.suite.verdicts import REQUIRED_GROUPS, Verdict
from runtime.suite.webhook import judge, send_at_once

NO_LOCAL_KEY = "bad_key"
NO_EVENT = "Not run: no sample event meets this trigger, and none could be made. Give one with --event."
NO_TRIGGER = "Not run: the plan has no trigger for this action, so nothing ever starts it."
_HEADERS = (("Content-Type", "application/json"), ("Accept", "application/json"))


@dataclass(frozen=True, slots=True)
class Step:
    """One request: `content` is what it carries as `payload`; `reason` is why it is not sent, "" for one that is."""

    case: Planned
    kind: Kind
    key: str = ""
    reason: str = ""


def steps(plan: Plan, groups: Sequence[str] = (), events: Iterable[Mapping[str, Any]] = ()) -> list[Step]:
    """Everything that is sent, in order. With `events` only those, and only to the actions that they meet."""
    own = [dict(event) for event in events]
    if own:
        cases = [case for event in own for case in single_plan(event)]
        found = [step for case in cases for step in _of_case(plan, case)]
        missed = [_missed(case) for case in cases if not any(_meets(action, case.event) for action in plan.actions)]
        return _numbered([*found, *missed])
    cases = [case for case in suite_plan(groups or None) if case.group != NO_LOCAL_KEY]
    found = [step for case in cases for step in _of_case(plan, case)]
    asked = {step.key for step in found}
    is_core = not groups or bool(set(groups) & set(REQUIRED_GROUPS))
    extra = [_extra(action) for action in plan.actions if action.key not in asked] if is_core else []
    return _numbered([*_log_in(plan), *extra, *found])


def _log_in(plan: Plan) -> Iterator[Step]:
    if plan.method not in ("", "minimal", "browser"):
        yield Step(
            Planned(
                0, "authenticate", "core", "", "The settings are checked", "Customers see at once whether they fit.",
                "testAuthentication() takes them.", {},
            ),
            "authenticate",
        )  # fmt: skip


def _of_case(plan: Plan, case: Planned) -> Iterator[Step]:
    if case.type == "delete":
        yield Step(case, "delete")
        return
    for action in plan.actions:
        if _meets(action, case.event):
            named = replace(case, id=f"{case.id}/{action.key}", name=f"{action.name}: {case.name}")
            yield Step(named, "action", action.key)


def _meets(action: Action, event: Mapping[str, Any]) -> bool:
    return action.condition is not None and matches(action.condition, event)


def _extra(action: Action) -> Step:
    """For an action that none of the suite's events meets."""
    event = example(action.name, action.condition, action.fields) if action.condition else None
    reason = "" if event else NO_EVENT if action.condition else NO_TRIGGER
    kind = str((event or {}).get("type", ""))
    name = f"{action.name}: an event that meets its trigger"
    fresh = _as_of_now(event) if event else {}
    case = Planned(0, f"sample/{action.key}", "core", kind, name, "", "The action runs.", fresh)
    return Step(case, "action", action.key, reason)


def _as_of_now(event: dict[str, Any]) -> dict[str, Any]:
    """As if it happened now: an API that drops repeats takes it each time."""
    now = timestamp(utc_now())
    times = {name: now for name in ("timestamp", "originalTimestamp", "sentAt", "receivedAt") if name in event}
    return event | times | {"messageId": new_id()}


def _missed(case: Planned) -> Step:
    return Step(replace(case, name="Your event"), "action", "", "Not run: it meets the trigger of no action.")


def _numbered(found: Sequence[Step]) -> list[Step]:
    return [replace(step, case=replace(step.case, position=place)) for place, step in enumerate(found, 1)]


class LocalServer:
    """Segment's local server at `address`, and what its requests carry."""

    def __init__(
        self,
        address: str,
        settings: Mapping[str, Any],
        auth: Mapping[str, Any],
        *,
        policy: EgressPolicy,
        limits: Limits,
    ) -> None:
        self._address, self._settings, self._auth = address.rstrip("/"), settings, auth
        self._policy, self._limits, self._kept = policy, limits, KeptLine()
        # What the last answer listed: one that lists the same means that nothing was asked in between.
        self._listed: Any = None

    def run(
        self,
        found: Sequence[Step],
        on_result: Callable[[Result], None],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Put the steps in order."""
        by_position = {step.case.position: step for step in found}
        cases = [step.case for step in found]
        seconds = self._limits.total_seconds
        with self._kept:
            run_cases(
                cases, lambda case: self.put(by_position[case.position]), on_result, should_stop, case_seconds=seconds
            )

    def put(self, step: Step) -> Result:
        if step.reason:
            return Result(step.case, Verdict.NOT_RUN, reason=step.reason)
        if step.case.group == "burst":
            requests = [self._request(step, event) for event in burst_events(step.case.event)]
            exchanges = send_at_once(requests, lambda each: send(each, policy=self._policy, limits=self._limits))
            return judge(step.case, exchanges, lambda each, _: read_local_answer(each, step.kind, step.key))
        request = self._request(step, step.case.event)
        exchange = send(request, policy=self._policy, limits=self._limits, kept=self._kept)
        return judge(step.case, [self._newest(exchange)], lambda each, _: read_local_answer(each, step.kind, step.key))

    def _newest(self, exchange: Exchange) -> Exchange:
        """The exchange with only the list of what was asked since the answer before."""
        response = exchange.response
        if response is None or response.truncated:
            return exchange
        try:
            listed = json.loads(response.body)
        except (ValueError, RecursionError):
            return exchange
        if not isinstance(listed, list) or any(isinstance(each, dict) and each.get("requestError") for each in listed):
            return exchange
        before, self._listed = self._listed, listed
        if before and listed == before:
            return replace(exchange, response=replace(response, body=b"[]"))
        return exchange

    def _request(self, step: Step, event: Mapping[str, Any]) -> Request:
        path, content = self._question(step, event)
        body = json.dumps(content, ensure_ascii=False).encode()
        return Request("POST", f"{self._address}/{path}", _HEADERS, body)

    def _question(self, step: Step, event: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        if step.kind == "authenticate":
            tokens = {"access_token": self._auth.get("accessToken"), "refresh_token": self._auth.get("refreshToken")}
            oauth = {"oauth": {name: token for name, token in tokens.items() if token}} if self._auth else {}
            return "authenticate", {**self._settings, **oauth}
        if step.kind == "delete":
            who = {name: event[name] for name in ("userId", "anonymousId") if event.get(name)}
            return "delete", {"payload": who, "settings": self._settings, "auth": self._auth}
        return quote(step.key, safe=""), {"payload": event, "settings": self._settings, "auth": self._auth}
