"""A run of a web plugin as values.

Everything that a page said is untrusted text, and was cut to `Limits` before it got here.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

# plugin: the script calls `analytics.register(…)` (D23). remote_plugin: a device-mode destination (D24), which
# analytics.js loads because the settings name it under `remotePlugins`; it puts a factory on `window`.
Shape = Literal["plugin", "remote_plugin"]


class PluginEvent(Protocol):
    """What is replayed; `runtime.samples.Case` is one."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def event(self) -> dict[str, Any]: ...


class Outcome(StrEnum):
    """How one event went."""

    SUCCESS = "success"  # every method that ran returned
    NOT_SUPPORTED = "not_supported"  # the plugin has no method for this type, or no browser can send it
    ERROR = "error"  # a method threw, was never called, or took the page down
    TIMEOUT = "timeout"  # the call was not over in time
    NOT_LOADED = "not_loaded"  # the plugin was not there to be called


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may cost at most: seconds, bytes and counts."""

    wall_seconds: float = 60.0  # the whole run, browser start included (T15)
    start_seconds: float = 15.0  # until the browser answers, and again until analytics.js does
    load_seconds: float = 10.0  # until analytics.js has loaded the plugin
    event_seconds: float = 5.0
    settle_seconds: float = 0.3  # after an event, for requests that it began
    max_script: int = 1024 * 1024
    max_context: int = 16 * 1024  # of one returned context, as JSON
    max_text: int = 500  # characters of one line of the console, one error, one change
    max_lines: int = 50  # console lines, requests and changes of one event
    max_screenshot: int = 2 * 1024 * 1024
    max_transfer: int = 25 * 1024 * 1024  # bytes through the proxy, both ways
    max_connections: int = 32  # open at the same time


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """One line of the browser's console; `level` is log, info, warning, error or exception."""

    level: str
    text: str


@dataclass(slots=True)
class SeenRequest:
    """One request of the page to another host. `status` is 0 when no answer came; `problem` says why."""

    method: str
    host: str
    status: int = 0
    refused: bool = False  # our door refused the address
    duration_ms: float | None = None
    problem: str = ""


@dataclass(slots=True)
class EventResult:
    """What one event did. `methods` are the plugin's methods that ran, in order."""

    event_id: str
    outcome: Outcome
    methods: tuple[str, ...] = ()
    error: str = ""
    returned_context: Any = None  # JSON of the event inside the returned context; None when nothing was returned
    console: list[ConsoleLine] = field(default_factory=list)
    requests: list[SeenRequest] = field(default_factory=list)
    dom_changes: list[str] = field(default_factory=list)
    duration_ms: float = 0.0

    def as_record(self) -> dict[str, Any]:
        """A JSON object to store."""
        return {**asdict(self), "outcome": self.outcome.value, "methods": list(self.methods)}


@dataclass(slots=True)
class PluginRun:
    """One run: a result for each event, in their order, and what loading the plugin did.

    With `problem` set, a sentence for the partner, nothing or not everything ran.
    """

    results: list[EventResult] = field(default_factory=list)
    script_bytes: int = 0
    load_ms: float | None = None  # from the script's request until analytics.js has the plugin
    started_ms: float | None = None  # until browser, page and analytics.js were there
    screenshot_png: bytes | None = None
    globals_added: list[str] = field(default_factory=list)
    dom_changes: list[str] = field(default_factory=list)  # while loading
    console: list[ConsoleLine] = field(default_factory=list)  # while loading
    requests: list[SeenRequest] = field(default_factory=list)  # while loading
    plugin_names: list[str] = field(default_factory=list)  # as registered: "name version type"
    problem: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every event was tried."""
        return not self.problem


def not_run(events: Sequence[PluginEvent], error: str) -> list[EventResult]:
    """Results of events that were never tried."""
    return [EventResult(event.id, Outcome.NOT_LOADED, error=error) for event in events]
