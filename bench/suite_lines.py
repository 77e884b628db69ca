"""The Test Suite's lines of the benchmark: its pace beside a plain HTTP client, and many partners at once."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from bench.report import table
from bench.server import ROOT, note
from tests.services.daemons import Daemon
from tests.services.keeper import Keeper
from tests.services.ports import free_port
from tests.services.templates import create_database

# A suite reaches at least this share of the plain client's pace, towards an endpoint that does some work.
PACE_LIMIT = 0.7
# What an endpoint takes that writes an event into a database, and one at some distance. The first shows our own
# share of the time, which no endpoint hides.
PATHS = {"at-once": False, "after-5": True, "after-20": True}
# So many times as long may suites take beside one whose endpoint never answers.
CROWD_LIMIT = 2.0
PARTNERS = 50


@dataclass(frozen=True)
class SuiteLine:
    """`ours` and `floor` in `unit`; `fault` says why the line fails, "" when it passes."""

    name: str
    unit: str
    ours: float
    floor: float
    fault: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


def pace_line(path: str, figures: Mapping[str, float], *, has_limit: bool) -> SuiteLine:
    line = SuiteLine(f"suite, endpoint {path}", "cases/s", figures["suite"], figures["client"])
    too_slow = has_limit and line.ratio < PACE_LIMIT
    return SuiteLine(line.name, line.unit, line.ours, line.floor, f"at least {PACE_LIMIT:g}x" if too_slow else "")


def crowd_line(with_silent: float, without: float, partners: int) -> SuiteLine:
    name = f"{partners - 1} suites beside a silent one"
    fault = f"at most {CROWD_LIMIT:g}x" if with_silent > CROWD_LIMIT * without else ""
    return SuiteLine(name, "seconds", with_silent, without, fault)


def suites_text(lines: Sequence[SuiteLine]) -> str:
    rows = [
        [line.name, line.unit, f"{line.ours:.1f}", f"{line.floor:.1f}", f"{line.ratio:.2f}",
         f"FAIL: {line.fault}" if line.fault else "PASS"]
        for line in lines
    ]  # fmt: skip
    return table(("Test Suite", "unit", "measured", "floor", "x floor", "verdict"), rows)


def measure_suites(keeper: Keeper, shared: Mapping[str, str], rounds: int, partners: int = PARTNERS) -> list[SuiteLine]:
    """In a product of its own, with the workers that `serve` starts."""
    env = dict(shared) | {
        "DATABASE_URL": create_database(keeper.addresses["postgres"], "bench_suites"),
        "REDIS_URL": f"{keeper.addresses['redis']}/9",
        "EGRESS_ALLOW": "127.0.0.0/8",
        "SITE_URL": "http://localhost:8000",
    }
    note("Measuring the Test Suite")
    _python(env, "manage.py", "migrate", "--verbosity", "0")
    with endpoint(keeper, env) as url:
        lines = [
            pace_line(path, _call(env, f"pace({f'{url}/{path}'!r}, {rounds})"), has_limit=has_limit)
            for path, has_limit in PATHS.items()
        ]
        with workers(keeper, env):
            others = f"{f'{url}/after-20'!r}, {partners - 1}"
            _call(env, f"together({others})")  # warms up every worker
            without = _call(env, f"together({others})")
            return [*lines, crowd_line(_call(env, f"together({others}, {f'{url}/never'!r})"), without, partners)]


@contextmanager
def endpoint(keeper: Keeper, env: Mapping[str, str]) -> Iterator[str]:
    """A partner's server in a process of its own; its address."""
    port = free_port()
    argv = [sys.executable, "-m", "bench.endpoint", str(port)]
    log = keeper.directory / "endpoint.log"
    daemon = Daemon(argv, log=log, env=dict(env), cwd=ROOT, ready=lambda: _accepts(port), seconds=30)
    daemon.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        daemon.stop(grace_seconds=2)


@contextmanager
def workers(keeper: Keeper, env: Mapping[str, str]) -> Iterator[None]:
    """As `serve` starts them, without the web."""
    with ExitStack() as running:
        for name, argv in _call(env, "worker_commands()").items():
            log = keeper.directory / f"suites-{name}.log"
            daemon = Daemon(argv, log=log, env=dict(env), cwd=ROOT).start()
            running.callback(daemon.stop, grace_seconds=3)
        yield


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _call(env: Mapping[str, str], expression: str) -> Any:
    code = f"from bench import suites; suites.print_json(suites.{expression})"
    return json.loads(_python(env, "manage.py", "shell", "--no-imports", "-c", code).splitlines()[-1])


def _python(env: Mapping[str, str], *args: str) -> str:
    argv = [sys.executable, *args]
    return subprocess.run(argv, cwd=ROOT, env=dict(env), stdout=subprocess.PIPE, text=True, check=True).stdout
