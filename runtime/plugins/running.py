"""A run from start to end: browser, proxy, page, plugin, one event after another, and a result whatever happens."""

import contextlib
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from runtime.egress.policy import EgressPolicy
from runtime.egress.proxy import EgressProxy, ProxyLimits
from runtime.egress.resolver import Resolver, system_resolver
from runtime.plugins.browser import Browser, BrowserSpec, started
from runtime.plugins.calls import Call, NotFromBrowser, call_for
from runtime.plugins.devtools import BrowserGone, CallRefused, TooSlow
from runtime.plugins.report import EventResult, Limits, Outcome, PluginEvent, PluginRun, Shape, not_run
from runtime.plugins.site import SampleSite
from runtime.plugins.visit import PageGone, Visit
from runtime.plugins.watching import Part, Watcher, cut

OnResult = Callable[[EventResult], None]
ShouldStop = Callable[[], bool]
_TROUBLE = (BrowserGone, CallRefused, PageGone, TooSlow)
# Left at the end for the screenshot and the globals.
_LAST_SECONDS = 2.0


def _ignore(result: EventResult) -> None:
    """Nobody watches."""


def _never() -> bool:
    return False


def run(
    code: str,
    events: Sequence[PluginEvent],
    settings: dict[str, Any],
    *,
    shape: Shape,
    library_name: str = "",
    browser: BrowserSpec,
    policy: EgressPolicy,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    on_result: OnResult = _ignore,
    should_stop: ShouldStop = _never,
    resolver: Resolver = system_resolver,
) -> PluginRun:
    """Run a web plugin over `events` in a new browser (D23, D24), within `limits.wall_seconds` and one more.

    `library_name` is the name on window that a “remote_plugin” gives its factory; without it, any is taken.
    `on_result` is called after each event, in their order; `should_stop` is asked several times a second. Nothing
    that the plugin or the browser does raises: it is in the results, or in `PluginRun.problem`.
    """
    end = time.monotonic() + limits.wall_seconds
    made = PluginRun(script_bytes=len(code.encode("utf-8", "replace")))
    if made.script_bytes > limits.max_script:
        made.problem = f"The script has {made.script_bytes:,} bytes; at most {limits.max_script:,} are run."
    else:
        try:
            with started(browser, seconds=min(limits.start_seconds, limits.wall_seconds)) as running:
                run_in(
                    running, made, code, events, settings,
                    shape=shape, library_name=library_name, policy=policy, limits=limits, end=end,
                    on_result=on_result, should_stop=should_stop, resolver=resolver,
                )  # fmt: skip
        except (BrowserGone, TooSlow) as trouble:
            made.problem = made.problem or f"The browser did not start: {trouble}."
    _complete(made, events, on_result)
    return made


def run_in(
    running: Browser,
    made: PluginRun,
    code: str,
    events: Sequence[PluginEvent],
    settings: dict[str, Any],
    *,
    shape: Shape,
    library_name: str = "",
    policy: EgressPolicy,
    limits: Limits,
    end: float,
    on_result: OnResult = _ignore,
    should_stop: ShouldStop = _never,
    resolver: Resolver = system_resolver,
) -> None:
    """Fill `made` from one visit in a running browser: a context of its own, closed afterwards.

    Raises BrowserGone when the browser ends; what was seen until then is in `made`.
    """
    proxy_limits = ProxyLimits(
        total_seconds=limits.wall_seconds, max_transfer=limits.max_transfer, max_connections=limits.max_connections
    )
    with EgressProxy(running.listener.dup(), policy, limits=proxy_limits, resolver=resolver) as proxy:
        watcher = Watcher(proxy, limits)
        visit = Visit(running.tools, SampleSite(code, settings, events, shape, library_name), watcher, limits)
        replay = _Replay(made, visit, watcher, limits, end, on_result, should_stop)
        try:
            replay.all(events)
        finally:
            visit.close()


class Stopped(Exception):
    """The caller wants no more of it, or the wall clock ran out; the text is the run's `problem`."""


class _Replay:
    """The events in a page."""

    def __init__(
        self,
        made: PluginRun,
        visit: Visit,
        watcher: Watcher,
        limits: Limits,
        end: float,
        on_result: OnResult,
        should_stop: ShouldStop,
    ) -> None:
        self._made, self._visit, self._watcher, self._limits = made, visit, watcher, limits
        self._end, self._on_result, self._should_stop = end, on_result, should_stop
        self._supported: frozenset[str] = frozenset()

    def all(self, events: Sequence[PluginEvent]) -> None:
        try:
            self._visit.open(self._left(self._limits.start_seconds))
            self._load(self._end - self._limits.wall_seconds)
            for index, event in enumerate(events):
                self._keep(self._result_of(index, event))
            self._look_around()
        except Stopped as stopped:
            self._made.problem = str(stopped)
        except TooSlow:
            self._made.problem = "The sample site did not open in time."
        except (CallRefused, PageGone) as gone:
            self._made.problem = f"The run ended early: {gone}."

    # --- Loading -------------------------------------------------------------------------------------------------

    def _load(self, began: float) -> None:
        part, made = self._watcher.part, self._made
        made.console, made.requests = part.console, part.requests
        self._visit.start()
        try:
            self._wait("ready", None, self._limits.start_seconds)
        except TooSlow:
            raise Stopped(
                self._stuck("analytics.js did not start in time. The script may keep the page busy.")
            ) from None
        made.started_ms = _since(began)
        try:
            report = self._wait("loaded", None, self._limits.load_seconds)
        except TooSlow:
            why = self._visit.ask("why") or "The plugin keeps the page busy."
            raise Stopped(self._stuck(f"The plugin did not load. {cut(why, self._limits.max_text)}")) from None
        self._note_loaded(report)
        if report.get("error"):
            raise Stopped(f"The plugin did not load. {cut(report['error'], self._limits.max_text)}")

    def _note_loaded(self, report: dict[str, Any]) -> None:
        milliseconds = report.get("milliseconds")
        self._made.load_ms = round(milliseconds, 1) if isinstance(milliseconds, int | float) else None
        self._made.plugin_names = self._texts(report.get("labels"))
        self._made.dom_changes = self._texts(self._visit.ask("changes"))
        self._supported = frozenset(self._texts(report.get("methods")))

    def _stuck(self, problem: str) -> str:
        if self._visit.interrupt():
            self._look_around()
        return problem

    def _look_around(self) -> None:
        seconds = min(_LAST_SECONDS, max(self._end - time.monotonic(), 0.1))
        self._made.globals_added = self._texts(self._visit.ask("globals", seconds / 2))
        self._made.screenshot_png = self._visit.screenshot(seconds)

    # --- Events ----------------------------------------------------------------------------------------------------

    def _result_of(self, index: int, event: PluginEvent) -> EventResult:
        try:
            call = call_for(event.event)
        except NotFromBrowser as reason:
            return EventResult(event.id, Outcome.NOT_SUPPORTED, error=str(reason))
        if call.method not in self._supported:
            reason_text = f"The plugin has no method “{call.method}”."
            return EventResult(event.id, Outcome.NOT_SUPPORTED, error=reason_text)
        part, began = self._watcher.next_part(), time.monotonic()
        result = EventResult(event.id, Outcome.ERROR, console=part.console, requests=part.requests)
        try:
            self._fire(index, call, result, part)
        except PageGone as gone:
            result.outcome, result.error = Outcome.ERROR, f"The plugin ended the page: {gone}."
            result.duration_ms = _since(began)
            self._keep(result)
            raise
        return result

    def _fire(self, index: int, call: Call, result: EventResult, part: Part) -> None:
        began = time.monotonic()
        self._visit.fire(index, call.method, call.arguments, call.path)
        try:
            report = self._wait("event", index, self._limits.event_seconds)
        except TooSlow:
            result.duration_ms = _since(began)
            self._timed_out(result)
            return
        result.duration_ms = _since(began)
        self._judge(result, call, report.get("calls"), str(report.get("error") or ""))
        self._settle(part)
        result.dom_changes = self._texts(self._visit.ask("changes"))

    def _timed_out(self, result: EventResult) -> None:
        result.outcome = Outcome.TIMEOUT
        result.error = f"The call was not over after {self._limits.event_seconds:g} seconds."
        calls = self._visit.ask("calls", 0.5)
        result.methods = self._methods(calls)
        if calls is None and not self._visit.interrupt():
            self._keep(result)
            raise Stopped("The plugin keeps the page busy, so the other events could not be tried.")

    def _judge(self, result: EventResult, call: Call, calls: Any, error: str) -> None:
        result.methods = self._methods(calls)
        made = [each for each in calls if isinstance(each, dict)] if isinstance(calls, list) else []
        errors = [str(each["error"]) for each in made if each.get("error")]
        returned = [each["returned"] for each in made if isinstance(each.get("returned"), str)]
        if returned:
            result.returned_context = self._context(returned[-1])
        if errors or error:
            result.error = cut((errors or [error])[0], self._limits.max_text)
        elif not result.methods:
            result.error = f"analytics.js did not call “{call.method}” of the plugin."
        else:
            result.outcome = Outcome.SUCCESS

    def _context(self, text: str) -> Any:
        if len(text.encode("utf-8", "replace")) > self._limits.max_context:
            return {"truncated": cut(text, 1000)}
        try:
            return json.loads(cut(text, self._limits.max_context).replace("\\u0000", "\\ufffd"))
        except (ValueError, RecursionError):
            return None

    def _settle(self, part: Part) -> None:
        """Let what the method began on the network end, as far as there is time."""
        with contextlib.suppress(TooSlow):
            self._visit.wait_for(_never, 0.03)
        with contextlib.suppress(TooSlow):
            self._visit.wait_for(lambda: not self._watcher.is_waiting, self._left(self._limits.settle_seconds))

    def _keep(self, result: EventResult) -> None:
        self._made.results.append(result)
        self._on_result(result)

    # --- Waiting and reading ---------------------------------------------------------------------------------------

    def _wait(self, kind: str, index: int | None, seconds: float) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def has_come() -> bool:
            self._check()
            report = self._visit.take_report(kind, index)
            if report is not None:
                found.append(report)
            return bool(found)

        self._visit.wait_for(has_come, self._left(seconds))
        return found[0]

    def _check(self) -> None:
        if self._should_stop():
            raise Stopped("The run was stopped.")
        if time.monotonic() > self._end - _LAST_SECONDS:
            raise Stopped(f"The run took more than {self._limits.wall_seconds:g} seconds.")

    def _left(self, at_most: float) -> float:
        self._check()
        return min(at_most, self._end - time.monotonic())

    def _methods(self, calls: Any) -> tuple[str, ...]:
        if not isinstance(calls, list):
            return ()
        return tuple(self._texts([each.get("method") for each in calls if isinstance(each, dict)]))

    def _texts(self, values: Any) -> list[str]:
        if not isinstance(values, list):
            return []
        return [
            cut(value, self._limits.max_text) for value in values[: self._limits.max_lines] if isinstance(value, str)
        ]


def _complete(made: PluginRun, events: Sequence[PluginEvent], on_result: OnResult) -> None:
    """A result for every event, also for those that were not tried."""
    for result in not_run(events[len(made.results) :], made.problem or "The run ended early."):
        made.results.append(result)
        on_result(result)


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
