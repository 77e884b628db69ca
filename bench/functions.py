"""What the sandbox costs: an echo function through the pool, beside a bare Deno process fed the same lines.

Run alone: `python -m bench.functions`.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.load import Timing
from bench.report import table
from runtime.egress import Exchange, Request
from runtime.functions import Limits, Pool, detect

# A function reaches at least this share of the bare process's pace; a cold one answers within this time.
PACE_LIMIT, COLD_LIMIT_MS = 0.6, 300.0
# Turns are short, so that what else the machine does hits both alike.
FUNCTIONS, EVENTS, TURN, WARM_UP = 20, 400, 50, 400
ECHO = "async function onTrack(event, settings) { return event }"
EVENT: Mapping[str, Any] = {
    "type": "track", "event": "Signed up", "userId": "user-1", "messageId": "message-1",
    "properties": {"referrer": "https://example.com/", "text": "x" * 500},
}  # fmt: skip
SETTINGS = {"apiKey": "bench-key-0123456789"}
Ask = Callable[[int], object]  # one event through the function with this number


@dataclass
class FunctionLine:
    """Times of ours and of the floor's, in milliseconds, taken in turns."""

    name: str
    ours: Timing = field(default_factory=Timing)
    floor: Timing = field(default_factory=Timing)
    least_share: float = 0.0
    most_ms: float = 0.0

    @property
    def share(self) -> float:
        """Of the floor's events per second. A busy machine lowers it: `share_of_medians` hardly."""
        return self.ours.per_second / self.floor.per_second

    @property
    def share_of_medians(self) -> float:
        return self.floor.median / self.ours.median

    @property
    def fault(self) -> str:
        if self.least_share and self.share < self.least_share:
            return f"at least {self.least_share:g}x"
        if self.most_ms and self.ours.median > self.most_ms:
            return f"at most {self.most_ms:g} ms"
        return ""


def measure_functions(rounds: int) -> list[FunctionLine]:
    """Nothing where functions cannot run confined."""
    if not detect().is_full:
        return []
    alone = FunctionLine("one function", least_share=PACE_LIMIT)
    turns = FunctionLine(f"{FUNCTIONS} functions in turns", least_share=PACE_LIMIT)
    cold = FunctionLine("first call of a cold function", most_ms=COLD_LIMIT_MS)
    with bare_processes(FUNCTIONS) as bare, Pool(FUNCTIONS + 1, _no_fetch, Limits(start_seconds=30)) as pool:

        def ours(number: int) -> object:
            return pool.run(ECHO, "track", EVENT, SETTINGS, key=f"function/{number}")

        for line, count in ((alone, 1), (turns, FUNCTIONS)):
            _take_turns(line, ours, bare, count, rounds)
    for _ in range(rounds):
        _cold(cold)
    return [alone, turns, cold]


def _take_turns(line: FunctionLine, ours: Ask, bare: Ask, count: int, rounds: int) -> None:
    for ask in (ours, bare):
        for turn in range(max(WARM_UP, count * 20)):
            ask(turn % count)
    for _ in range(rounds * EVENTS // TURN):
        for ask, timing in ((ours, line.ours), (bare, line.floor)):
            for turn in range(TURN):
                _clock(timing, lambda ask=ask, turn=turn: ask(turn % count))  # type: ignore[misc]


def _cold(line: FunctionLine) -> None:
    with Pool(1, _no_fetch, Limits(start_seconds=30)) as pool:
        _clock(line.ours, lambda: pool.run(ECHO, "track", EVENT, SETTINGS, key="cold"))
    with ExitStack() as stack:
        _clock(line.floor, lambda: stack.enter_context(bare_processes(1))(0))


def _clock(timing: Timing, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    took = time.perf_counter() - started
    timing.milliseconds.append(took * 1000)
    timing.seconds += took


@contextmanager
def bare_processes(count: int) -> Iterator[Ask]:
    """Deno with the shortest program, unconfined; its pipe read and written in the plainest way."""
    argv = [detect().deno, "run", "--no-prompt", "--no-config", str(Path(__file__).with_name("bare_function.js"))]
    children = [subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)]

    def ask(number: int) -> object:
        child = children[number]
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps({"event": EVENT, "settings": SETTINGS}).encode() + b"\n")
        child.stdin.flush()
        return json.loads(child.stdout.readline())

    try:
        yield ask
    finally:
        for child in children:
            child.kill()
            child.communicate()


def _no_fetch(request: Request) -> Exchange:
    raise ValueError("An echo sends nothing.")


def functions_text(lines: Sequence[FunctionLine]) -> str:
    if not lines:
        return f"Functions were not measured. {detect().fault}"
    rows = [
        [line.name, *(f"{value:.2f}" for timing in (line.ours, line.floor) for value in (timing.median, timing.p99)),
         f"{line.ours.per_second:.0f}", f"{line.floor.per_second:.0f}",
         f"{line.share:.2f}", f"{line.share_of_medians:.2f}", f"FAIL: {line.fault}" if line.fault else "PASS"]
        for line in lines
    ]  # fmt: skip
    head = (
        "Functions",
        "p50 ms",
        "p99 ms",
        "floor p50",
        "floor p99",
        "events/s",
        "floor/s",
        "x floor",
        "by p50",
        "verdict",
    )
    return table(head, rows)


if __name__ == "__main__":
    print(functions_text(measure_functions(rounds=5)))
