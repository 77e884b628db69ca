"""One run of a partner's function as values: what it may cost, what it did, what that means (D15 to D20).

Nothing here starts a process. Times are milliseconds unless the name says seconds; sizes are bytes unless it says MB.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from runtime.egress.exchange import HeaderPairs

# Asked several times a second while a run lasts; True ends it with `Stopped`.
ShouldStop = Callable[[], bool]


class Stopped(Exception):
    """The caller wanted no more of a run, or closed the pool. The run's process is gone."""


def never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may cost at most. A run that goes over ends as `timeout` or `limit`, and its process with it."""

    wall_seconds: float = 5.0  # D19; from the event handed over to the answer
    start_seconds: float = 10.0  # until a new process is ready, the function's code read
    memory_mb: int = 128  # of objects; buffers have as much again
    cpu_seconds: int = 60  # of a process over its life; one that comes near is replaced between two runs
    output_bytes: int = 256 * 1024  # the returned value as JSON
    log_bytes: int = 64 * 1024  # text of the log lines together; more is cut. The console shows 4 kB of it (D19)
    fetches: int = 50  # outgoing requests, each hop of a redirect among them
    fetch_bytes: int = 1024 * 1024  # bodies of one request, and of one answer
    redirects: int = 5  # hops of one fetch


class Outcome(StrEnum):
    """How a run ended."""

    SUCCESS = "success"  # it returned a value
    NOT_SUPPORTED = "not_supported"  # EventNotSupported, or no handler for this type
    INVALID_PAYLOAD = "invalid_payload"  # InvalidEventPayload
    VALIDATION_ERROR = "validation_error"  # ValidationError
    RETRY = "retry"  # RetryError
    TIMEOUT = "timeout"  # no answer within the time
    ERROR = "error"  # any other error thrown, nothing returned, code that cannot be read
    LIMIT = "limit"  # too much memory, output or fetches
    CRASHED = "crashed"  # its process ended for another reason


# D12 and D16: what a destination with the same result would have answered.
_STATUS = {
    Outcome.SUCCESS: 200,
    Outcome.NOT_SUPPORTED: 501,
    Outcome.INVALID_PAYLOAD: 400,
    Outcome.VALIDATION_ERROR: 400,
    Outcome.RETRY: 503,
    Outcome.TIMEOUT: 408,
    Outcome.ERROR: 400,
    Outcome.LIMIT: 400,
    Outcome.CRASHED: 500,
}
_RETRYABLE = frozenset({Outcome.RETRY, Outcome.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Log:
    """One line of the console. `level` is debug, info, log, warn or error; `at_ms` counts from the start of the run."""

    level: str
    text: str
    at_ms: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request that the function sent, each hop of a redirect for itself.

    `status` is None and `error` a plain sentence where no answer came. Bodies are cut at `BODY_SHOWN` bytes.
    """

    method: str
    url: str
    request_headers: HeaderPairs
    request_body: bytes
    status: int | None
    response_headers: HeaderPairs
    response_body: bytes
    duration_ms: float
    error: str = ""


BODY_SHOWN = 16 * 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One event through a function.

    `error_name`, `message`, `stack`, `returned` and `logs` are the partner's: untrusted text. `stack` holds the lines
    of the partner's own code only, numbered as the partner sees them. `returned` is JSON text, None without a value.
    `cold_ms` is the time a new process took to be ready, 0 with a warm one; it is not part of `duration_ms`.
    """

    outcome: Outcome
    error_name: str = ""
    message: str = ""
    stack: str = ""
    returned: str | None = None
    logs: tuple[Log, ...] = ()
    logs_cut: bool = False
    calls: tuple[Call, ...] = ()
    duration_ms: float = 0.0
    cold_ms: float = 0.0

    @property
    def is_success(self) -> bool:
        return self.outcome is Outcome.SUCCESS

    @property
    def is_retryable(self) -> bool:
        """D17: RetryError and timeout, nothing else."""
        return self.outcome in _RETRYABLE

    @property
    def status(self) -> int:
        """The status code of a webhook that answered like this (D12, D16)."""
        return _STATUS[self.outcome]


class Shape(StrEnum):
    """How the code takes events (D15)."""

    HANDLERS = "handlers"  # onTrack and its like, or the oldest bare names
    PROCESS_EVENTS = "process_events"  # exports.processEvents(payload, context, callback)
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Outline:
    """What a function's code offers. `handlers` are names as written, in the order of D15.

    With `error`, the code could not be read or failed while it was; `line` and `column` count from 1, 0 if unknown.
    """

    handlers: tuple[str, ...] = ()
    shape: Shape = Shape.NONE
    error: str = ""
    line: int = 0
    column: int = 0
