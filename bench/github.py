"""The line of GitHub's deliveries in the benchmark: how long the answer takes (issue: p99 under 500 ms).

Run alone: `python -m bench --only github`. Deliveries as large as GitHub's, 30 % of them doubled and 20 % out of order,
eight at a time, about pull requests of Apps in one repository: its row is the one that all of them want.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.load import Timing
from bench.report import table
from bench.server import ROOT, note
from bench.tracking import Web, ask
from runtime.github.signatures import HEADER, signature_of
from runtime.tests.github_source import Source
from runtime.tests.test_github import grown, mangled
from tests.services.keeper import Keeper
from tests.services.templates import create_database

LIMIT_MS = 500
DELIVERIES = 3_000
SECRET = "only-for-the-benchmark"
SHAPES = ROOT / "runtime" / "tests" / "data" / "github"
# Which documented payload an event is filled up with, to its size.
_SHAPE_OF = {
    "pull_request": "pull_request.opened", "pull_request_review": "pull_request_review.submitted",
    "check_suite": "check_suite.completed", "push": "push", "issue_comment": "ping",
}  # fmt: skip


@dataclass(frozen=True)
class GitHubLine:
    """Milliseconds of the answers; `fault` says why the line fails, "" when it passes."""

    deliveries: int
    median: float
    p99: float
    slowest: float
    per_second: float

    @property
    def fault(self) -> str:
        return f"p99 below {LIMIT_MS} ms" if self.p99 >= LIMIT_MS else ""


def measure_github(keeper: Keeper, shared: Mapping[str, str], deliveries: int = DELIVERIES) -> list[GitHubLine]:
    """In a product of its own."""
    source = grown(17, deliveries)
    web = _product(keeper, shared, source)
    try:
        web.start()
        note(f"Telling of {deliveries:,} deliveries")
        timing = Timing()
        requests = [_request(event, payload) for event, payload in mangled(source.deliveries, 17)]
        ask(web.port, requests[:50], Timing())  # warms up
        ask(web.port, requests[50:], timing)
    finally:
        web.stop()
    slowest = max(timing.milliseconds)
    return [GitHubLine(len(timing.milliseconds), timing.median, timing.p99, slowest, timing.per_second)]


def _product(keeper: Keeper, shared: Mapping[str, str], source: Source) -> Web:
    env = dict(shared) | {
        "DATABASE_URL": create_database(keeper.addresses["postgres"], "bench_github"),
        "REDIS_URL": f"{keeper.addresses['redis']}/12",
        "SITE_URL": "http://localhost:8000",
        "GITHUB_WEBHOOK_SECRETS": SECRET,
    }
    web = Web(keeper, "github", "devcenter.wsgi:application", env)
    web.python("manage.py", "migrate", "--verbosity", "0")
    code = f"from bench import github_rows; github_rows.fill({len(source.pulls)})"
    web.python("manage.py", "shell", "--no-imports", "-c", code)
    return web


def _request(event: str, payload: Mapping[str, Any]) -> bytes:
    """The same payload twice has the same id: GitHub sends one delivery again."""
    body = json.dumps(_whole(event, payload)).encode()
    guid = random.Random(id(payload)).getrandbits(128)
    head = [
        "POST /github/webhook HTTP/1.1", "Host: localhost", "Connection: close", "Content-Type: application/json",
        f"X-GitHub-Event: {event}", f"X-GitHub-Delivery: {guid:032x}", f"{HEADER}: {signature_of(body, SECRET)}",
        f"Content-Length: {len(body)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(head).encode() + body


def _whole(event: str, payload: Mapping[str, Any]) -> Any:
    return _filled(json.loads((SHAPES / f"{_SHAPE_OF[event]}.json").read_text(encoding="utf-8")), payload)


def _filled(shape: Any, told: Any) -> Any:
    """What is told, and whatever else the documented payload has there."""
    if isinstance(shape, dict) and isinstance(told, Mapping):
        return {**shape, **{name: _filled(shape.get(name), value) for name, value in told.items()}}
    return told


def github_text(lines: Sequence[GitHubLine]) -> str:
    rows = [
        [f"{line.deliveries:,}", f"{line.per_second:.0f}", f"{line.median:.0f}", f"{line.p99:.0f}",
         f"{line.slowest:.0f}", f"FAIL: {line.fault}" if line.fault else "PASS"]
        for line in lines
    ]  # fmt: skip
    return table(("GitHub's deliveries", "per second", "median ms", "p99 ms", "slowest ms", "verdict"), rows)
