"""Cases as calls of analytics.js in a browser that has loaded the web plugin (D23 to D25)."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings

from apps_catalog.states import PluginShape
from runtime import plugins
from runtime.code_answers import answer_of_plugin
from runtime.egress import EgressPolicy
from testbench.drivers.trouble import CannotRun
from testbench.models import SuiteRun
from testbench.plan import Planned
from testbench.runner import Ending, Progress, Result
from testbench.states import Verdict

LIMITS = plugins.Limits()
# A browser is not parked half-way: a turn holds a whole run.
TURN_SECONDS = LIMITS.wall_seconds + 10


class PluginDriver:
    """`values` are the settings of the run, as the plugin gets them: the whole world can read them in a browser."""

    turn_seconds = TURN_SECONDS

    def __init__(self, run: SuiteRun, values: dict[str, Any]) -> None:
        self._code, self._values = run.code, values
        self._shape: plugins.Shape = "remote_plugin" if run.component.shape == PluginShape.DESTINATION else "plugin"
        self._policy = EgressPolicy.from_setting(settings.EGRESS_ALLOW)
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
        waiting = iter(cases)

        def keep(result: plugins.EventResult) -> None:
            if not should_stop():
                on_result(judge(next(waiting), result))

        made = plugins.run(
            self._code, cases, self._values,
            shape=self._shape, browser=_browser(), policy=self._policy, limits=LIMITS,
            on_result=keep, should_stop=should_stop,
        )  # fmt: skip
        self.facts, self.screenshot = facts_of(made), made.screenshot_png
        return Ending.STOPPED if should_stop() else Ending.COMPLETE


def judge(case: Planned, result: plugins.EventResult) -> Result:
    outcome = answer_of_plugin(result)
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
        return plugins.find()
    except plugins.BrowserMissing as missing:
        raise CannotRun(str(missing)) from None
