"""One page in the browser: what it may ask for, what it may open, and the harness that drives it.

Everything that the page opens is attached while it still waits: popups, service workers and shared workers are
closed, frames and workers are watched like the page. The page itself never leaves: every navigation of it is dropped.
"""

import base64
import contextlib
import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from runtime.plugins.devtools import CallRefused, DevTools, TooSlow
from runtime.plugins.report import Limits
from runtime.plugins.site import HOST, ORIGIN, SampleSite, harness
from runtime.plugins.watching import Watcher

Message = dict[str, Any]
_WATCHED = ("iframe", "worker")
_MAX_CHILDREN = 20
_MAX_REPORT = 512 * 1024


class PageGone(Exception):
    """The page crashed, was closed or lost its script context; the text says which."""


class Visit:
    """One page in a browser context of its own. `open` comes first."""

    def __init__(self, tools: DevTools, site: SampleSite, watcher: Watcher, limits: Limits) -> None:
        self._tools, self._site, self._watcher, self._limits = tools, site, watcher, limits
        self._binding = f"report_{secrets.token_hex(12)}"
        self._context = self._target = self._session = self._control = ""
        self._script_context = 0
        self._children: set[str] = set()
        self._has_answered = self._has_loaded = False
        self._is_open = False
        self._gone = ""
        self._reports: list[Message] = []

    # --- Driving it --------------------------------------------------------------------------------------------

    def open(self, seconds: float) -> None:
        """Open the sample site and put the harness in. Raises TooSlow, CallRefused, BrowserGone or PageGone."""
        tools = self._tools
        tools.on_event = self._on_event
        tools.send("Target.setAutoAttach", _AUTO_ATTACH)
        self._context = str(tools.call("Target.createBrowserContext", seconds=seconds).get("browserContextId", ""))
        context = {"browserContextId": self._context}
        tools.call("Browser.setDownloadBehavior", {"behavior": "deny", **context}, seconds=seconds)
        made = tools.call("Target.createTarget", {"url": "about:blank", **context}, seconds=seconds)
        self._target = str(made.get("targetId", ""))
        self.wait_for(lambda: bool(self._session), seconds)
        self._prepare(seconds)
        self._call("Page.navigate", {"url": f"{ORIGIN}/"}, seconds=seconds)
        self.wait_for(lambda: self._has_loaded, seconds)
        self._control = self._evaluate_harness(seconds)
        self._is_open = True

    def _prepare(self, seconds: float) -> None:
        for method in ("Page.enable", "Runtime.enable", "Network.enable", "Log.enable"):
            self._send(method)
        self._send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
        self._send("Target.setAutoAttach", _AUTO_ATTACH)
        self._send("Runtime.addBinding", {"name": self._binding})
        self._send("Runtime.runIfWaitingForDebugger")
        self._call("Page.getFrameTree", seconds=seconds)

    def _evaluate_harness(self, seconds: float) -> str:
        expression = f"{harness()}({json.dumps(self._binding)})"
        answer = self._call("Runtime.evaluate", {"expression": expression}, seconds=seconds)
        control = answer.get("result", {})
        if "exceptionDetails" in answer or not control.get("objectId"):
            raise PageGone("the page could not be prepared")
        return str(control["objectId"])

    def start(self) -> None:
        """Let the page load analytics.js and the plugin; a report of kind "loaded" follows."""
        self._tell_control("function (plan) { this.start(plan); }", self._site.plan)

    def fire(self, index: int, method: str, given: tuple[Any, ...], path: str) -> None:
        """Click the button of event `index`; a report of kind "event" follows."""
        self._tell_control("function (...given) { this.fire(...given); }", index, method, list(given), path)

    def ask(self, what: str, seconds: float = 1.0) -> Any:
        """`changes`, `globals` or `calls` as JSON, or `why` as text; None when the page gives no good answer."""
        params = self._control_call("function (what) { return this[what](); }", what) | {"returnByValue": True}
        try:
            value = self._call("Runtime.callFunctionOn", params, seconds=seconds).get("result", {}).get("value")
        except (CallRefused, TooSlow):
            return None
        return value if what == "why" else _parsed(value)

    def is_alive(self, seconds: float = 1.0) -> bool:
        """Whether scripts of the page still get a turn."""
        try:
            self._call("Runtime.evaluate", {"expression": "1"}, seconds=seconds)
        except (CallRefused, TooSlow):
            return False
        return True

    def interrupt(self) -> bool:
        """End the script that is running, and say whether the page is alive afterwards."""
        self._send("Runtime.terminateExecution")
        return self.is_alive()

    def screenshot(self, seconds: float) -> bytes | None:
        """A PNG of what is visible, or None when there is none in time or it is too large."""
        try:
            answer = self._call("Page.captureScreenshot", {"format": "png"}, seconds=seconds)
            picture = base64.b64decode(str(answer.get("data", "")))
        except (CallRefused, TooSlow, ValueError):
            return None
        return picture if picture and len(picture) <= self._limits.max_screenshot else None

    def take_report(self, kind: str, index: int | None = None) -> Message | None:
        """The first report of this kind that has come, and of this event; earlier ones are dropped."""
        for number, report in enumerate(self._reports):
            if report.get("kind") == kind and (index is None or report.get("index") == index):
                del self._reports[: number + 1]
                return report
        return None

    def wait_for(self, condition: Callable[[], Any], seconds: float, *, poll: float = 0.25) -> None:
        """Handle events until `condition`. Raises TooSlow or PageGone."""
        end = self._tools.now() + seconds
        while not condition():
            if self._gone:
                raise PageGone(self._gone)
            left = end - self._tools.now()
            if left <= 0:
                raise TooSlow("the page")
            self._tools.pump(min(left, poll))

    def close(self) -> None:
        """Close the page with all that belongs to it; it has no say in that."""
        with contextlib.suppress(CallRefused, TooSlow):
            self._tools.call("Target.disposeBrowserContext", {"browserContextId": self._context}, seconds=2)

    def _tell_control(self, function: str, *given: Any) -> None:
        self._send("Runtime.callFunctionOn", self._control_call(function, *given) | {"userGesture": True})

    def _control_call(self, function: str, *given: Any) -> Message:
        arguments = [{"value": value} for value in given]
        return {"functionDeclaration": function, "objectId": self._control, "arguments": arguments, "silent": True}

    def _send(self, method: str, params: Message | None = None) -> None:
        self._tools.send(method, params, self._session)

    def _call(self, method: str, params: Message | None = None, *, seconds: float) -> Message:
        return self._tools.call(method, params, self._session, seconds=seconds)

    # --- What the browser tells ----------------------------------------------------------------------------------

    def _on_event(self, method: str, params: Message, session: str) -> None:
        match method:
            case "Target.attachedToTarget":
                self._attached(params)
            case "Target.detachedFromTarget" if params.get("sessionId") == self._session:
                self._gone = self._gone or "the page was closed"
            case "Target.targetCrashed" if params.get("targetId") == self._target:
                self._gone = "the page crashed, out of memory perhaps"
            case "Inspector.targetCrashed" if session == self._session:
                self._gone = "the page crashed, out of memory perhaps"
            case "Fetch.requestPaused":
                self._decide(params, session)
            case "Page.javascriptDialogOpening":
                self._watcher.say("dialog", params.get("message", ""))
                self._tools.send("Page.handleJavaScriptDialog", {"accept": False}, session)
            case _ if session == self._session:
                self._on_page_event(method, params)
        if session == self._session or session in self._children:
            self._watcher.on_event(method, params, session)

    def _on_page_event(self, method: str, params: Message) -> None:
        match method:
            case "Page.loadEventFired" if self._has_answered:
                self._has_loaded = True
            case "Runtime.executionContextsCleared" if self._is_open:
                self._gone = self._gone or "the script left the page"
            case "Runtime.bindingCalled" if params.get("name") == self._binding:
                self._keep_report(params.get("payload"))

    def _keep_report(self, payload: Any) -> None:
        report = _parsed(payload)
        if isinstance(report, dict) and len(self._reports) < 100:
            self._reports.append(report)

    def _attached(self, params: Message) -> None:
        session, info = str(params.get("sessionId", "")), params.get("targetInfo", {})
        kind, target = info.get("type"), info.get("targetId")
        if kind == "page" and not self._session and info.get("browserContextId") == self._context:
            self._session = session
        elif kind in _WATCHED and len(self._children) < _MAX_CHILDREN:
            self._watch_child(session, kind)
        elif session not in self._children and session != self._session:
            self._watcher.say("warning", f"The plugin opened a {kind}: it was closed.")
            # The end first, then the turn that it takes to notice: a page and its popup wait together.
            self._tools.send("Target.closeTarget", {"targetId": target})
            self._tools.send("Runtime.runIfWaitingForDebugger", session=session)

    def _watch_child(self, session: str, kind: str) -> None:
        self._children.add(session)
        methods: list[tuple[str, Message]] = [("Network.enable", {}), ("Runtime.enable", {})]
        if kind == "iframe":
            methods += [("Page.enable", {}), ("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})]
        methods += [("Target.setAutoAttach", _AUTO_ATTACH), ("Runtime.runIfWaitingForDebugger", {})]
        for method, given in methods:
            self._tools.send(method, given, session)

    # --- Requests --------------------------------------------------------------------------------------------------

    def _decide(self, params: Message, session: str) -> None:
        request = params.get("request", {})
        number, url = {"requestId": params.get("requestId")}, str(request.get("url", ""))
        headers = {str(name).lower() for name in request.get("headers", {})}
        if self._leaves_page(params, session):
            self._watcher.say("warning", f"The plugin tried to leave the page for {url}: it was kept.")
            self._tools.send("Fetch.failRequest", number | {"errorReason": "Aborted"}, session)
        elif "service-worker" in headers:
            self._tools.send("Fetch.failRequest", number | {"errorReason": "BlockedByClient"}, session)
        elif _is_ours(url):
            self._has_answered = True
            self._tools.send("Fetch.fulfillRequest", number | self._fulfilment(request, url), session)
        else:
            self._tools.send("Fetch.continueRequest", number, session)

    def _leaves_page(self, params: Message, session: str) -> bool:
        is_main = params.get("resourceType") == "Document" and params.get("frameId") == self._target
        return is_main and session == self._session and self._has_answered

    def _fulfilment(self, request: Message, url: str) -> Message:
        answer = self._site.answer(str(request.get("method", "GET")), url)
        headers = {"Content-Type": answer.content_type, "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
        return {
            "responseCode": answer.status,
            "responseHeaders": [{"name": name, "value": value} for name, value in headers.items()],
            "body": base64.b64encode(answer.body).decode(),
        }


# The browser's own parts are left alone.
_AUTO_ATTACH: Message = {
    "autoAttach": True,
    "waitForDebuggerOnStart": True,
    "flatten": True,
    "filter": [{"type": kind, "exclude": True} for kind in ("browser", "tab", "browser_ui")] + [{}],
}


def _is_ours(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc == HOST
    except ValueError:
        return False


def _parsed(payload: Any) -> Any:
    if not isinstance(payload, str) or len(payload) > _MAX_REPORT:
        return None
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None
