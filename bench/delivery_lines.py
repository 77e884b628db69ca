"""The deliveries' lines of the benchmark: the pace of one worker beside a plain client and a bare outbox."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.report import table
from bench.server import ROOT, note
from bench.suite_lines import endpoint
from tests.services.keeper import Keeper
from tests.services.templates import create_database

# Of a plain client with keep-alive (must hold), and of an outbox drained in leases of a hundred (the goal).
CLIENT_LIMIT = 0.5
OUTBOX_GOAL = 0.7
QUEUED = 3_000


@dataclass(frozen=True)
class DeliveryLine:
    """`ours` and `floor` in deliveries per second; `fault` says why the line fails, "" when it passes."""

    name: str
    ours: float
    floor: float
    fault: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


def lines_of(figures: Mapping[str, float]) -> list[DeliveryLine]:
    engine = figures["engine"]
    too_slow = engine < CLIENT_LIMIT * figures["client"]
    return [
        DeliveryLine("a plain client", engine, figures["client"], f"at least {CLIENT_LIMIT:g}x" if too_slow else ""),
        DeliveryLine(f"a bare outbox (goal {OUTBOX_GOAL:g}x)", engine, figures["outbox"]),
    ]


def deliveries_text(lines: Sequence[DeliveryLine]) -> str:
    rows = [
        [line.name, f"{line.ours:.0f}", f"{line.floor:.0f}", f"{line.ratio:.2f}",
         f"FAIL: {line.fault}" if line.fault else "PASS"]
        for line in lines
    ]  # fmt: skip
    return table(("Deliveries beside", "measured/s", "floor/s", "x floor", "verdict"), rows)


def measure_deliveries(
    keeper: Keeper, shared: Mapping[str, str], rounds: int, queued: int = QUEUED
) -> list[DeliveryLine]:
    """In a database of its own, with one process that drains."""
    env = dict(shared) | {
        "DATABASE_URL": create_database(keeper.addresses["postgres"], "bench_deliveries"),
        "REDIS_URL": f"{keeper.addresses['redis']}/8",
        "EGRESS_ALLOW": "127.0.0.0/8",
        "SITE_URL": "http://localhost:8000",
    }
    note("Measuring deliveries")
    _python(env, "manage.py", "migrate", "--verbosity", "0")
    with endpoint(keeper, env) as url:
        code = f"from bench import deliveries as d; d.print_json(d.pace({f'{url}/at-once'!r}, {queued}, {rounds}))"
        figures: Any = json.loads(_python(env, "manage.py", "shell", "--no-imports", "-c", code).splitlines()[-1])
    return lines_of(figures)


def _python(env: Mapping[str, str], *args: str) -> str:
    argv = [sys.executable, *args]
    return subprocess.run(argv, cwd=ROOT, env=dict(env), stdout=subprocess.PIPE, text=True, check=True).stdout
