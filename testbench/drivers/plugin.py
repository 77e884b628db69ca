"""Cases as calls of analytics.js in a browser that has loaded the web plugin (D23 to D25)."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings

from apps_catalog.states import PluginShape
from delivery.trouble import CannotRun
from runtime import plugins
from runtime.code_answers import answer_of_plugin
from runtime.egress import EgressPolicy
from runtime.samples import burst_events
from runtime.suite.plan import Planned
from runtime.suite.running import Ending, Progress, Result
from runtime.suite.verdicts import Verdict
from testbench.models import SuiteRun

LIMITS = plugins.Limits()
# A browser is not parked half-way: a turn holds a whole run.
TURN_SECONDS = LIMITS.wall_seconds + 10


class PluginDriver:
    """`values` are the settings of the run, as the plugin gets them: the whole world can read them in a browser."""

    turn_seconds = TURN_SECONDS

    def __init__(self, run: SuiteRun, values: dict[str, Any]) -> None:
        self._code, self._values = run.code, values
        self._library_name = run.library_name
        self._shape: plugins.Shape = "remote_plugin" if run.shape == PluginShape.DESTINATION else "plugin"
        self._policy = EgressPolicy.from_setting(settings.EGRESS_ALLOW)
        self._abandoned = threading.Event()
        self.facts: dict[str, Any] = {}
        self.screenshot: bytes | None = None

    def run(
        self,
        cases: Sequence[Planned],
        on_result: Callable[[Result], None],
        should_stop: Callable[[], bool],
        progress: Progress,
    ) -> Ending:
        """All cases in one browser. When it is to stop, the case that was under way is put again later."""

        def is_unwanted() -> bool:
            return should_stop() or self._abandoned.is_set()

        replayed = Replayed(cases)

        def keep(result: plugins.EventResult) -> None:
            judged = None if is_unwanted() else replayed.take(result)
            if judged:
                on_result(judged)

        made = plugins.run(
            self._code, replayed.events, self._values,
            shape=self._shape, library_name=self._library_name,
            browser=_browser(), policy=self._policy, limits=LIMITS,
            on_result=keep, should_stop=is_unwanted,
        )  # fmt: skip
        self.facts, self.screenshot = facts_of(made), made.screenshot_png
        return Ending.STOPPED if is_unwanted() else Ending.COMPLETE

    def abandon(self) -> None:
        self._abandoned.set()


class Replayed:
    """The events of cases, in order: one of each, and the ten of a burst, whose worst one counts."""

    def __init__(self, cases: Sequence[Planned]) -> None:
        of_each = [(case, burst_events(case.event) if case.group == "burst" else [case.event]) for case in cases]
        self.events = [replace(case, event=event) for case, events in of_each for event in events]
        self._left = iter([(case, len(events)) for case, events in of_each])
        self._case: Planned | None
        self._case, self._missing = next(self._left, (None, 0))
        self._worst: Result | None = None

    def take(self, result: plugins.EventResult) -> Result | None:
        """The next event's result; returns the case's once all of its events have one."""
        assert self._case is not None, "there are no more results than events"
        judged = judge(self._case, result)
        self._worst = max((self._worst or judged, judged), key=_badness)
        self._missing -= 1
        if self._missing:
            return None
        made, self._worst = self._worst, None
        self._case, self._missing = next(self._left, (None, 0))
        return made


def _badness(result: Result) -> tuple[int, float]:
    return list(Verdict).index(result.verdict), result.duration_ms or 0.0


def judge(case: Planned, result: plugins.EventResult) -> Result:
    outcome = answer_of_plugin(result, case.expects)
    return Result(
        case,
        Verdict(outcome.verdict.value),
        outcome=outcome,
        details={"kind": "plugin", **result.as_record()},
        duration_ms=result.duration_ms,
        is_timeout=result.outcome is plugins.Outcome.TIMEOUT,
    )


def facts_of(made: plugins.PluginRun) -> dict[str, Any]:
    """What loading the plugin did, as a JSON object."""
    loading = plugins.EventResult("", plugins.Outcome.SUCCESS, console=made.console, requests=made.requests)
    record = loading.as_record()
    return {
        "kind": "plugin",
        "problem": made.problem,
        "script_bytes": made.script_bytes,
        "load_ms": made.load_ms,
        "started_ms": made.started_ms,
        "plugins": made.plugin_names,
        "globals_added": made.globals_added,
        "dom_changes": made.dom_changes,
        "console": record["console"],
        "requests": record["requests"],
    }


def _browser() -> plugins.BrowserSpec:
    try:
        return plugins.find(settings.CHROMIUM_PATH)
    except plugins.BrowserMissing as missing:
        raise CannotRun(f"Web plugins cannot run on this machine. {missing}") from None
