"""The Tracking API's lines of the benchmark: events per second beside a bare Django view that inserts rows.

Run alone: `python -m bench.tracking`. Both are served by gunicorn with two processes, on one PostgreSQL server. The
load generator only sends bytes that were made before, and takes turns: a busy moment of the machine hits all alike.
"""

import argparse
import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from typing import Any

import psycopg2

from bench.load import Timing
from bench.report import table
from bench.server import ROOT, WORKERS, environment, note
from bench.suite_lines import SuiteLine
from tests.services.daemons import Daemon
from tests.services.keeper import Keeper
from tests.services.ports import free_port
from tests.services.processes import RUN_VARIABLE
from tests.services.templates import create_database

# Of the bare view's pace; and with many events stored, of the pace with few.
PACE_LIMIT, FLAT_LIMIT = 0.6, 0.8
SIZES = (10_000, 1_000_000)
BATCH, VISITORS = 20, 8
# Requests of a turn; one call each, and batches.
SINGLE_TURN, BATCH_TURN = 400, 150
DISPATCHED = 5_000

# As a library sends it: about 600 bytes.
EVENT = {
    "type": "track", "event": "Order Completed",
    "userId": "user-1", "anonymousId": "0f0f0f0f-0000-4000-8000-000000000000",
    "timestamp": "2026-11-22T12:00:00.000Z",
    "context": {"library": {"name": "analytics-python", "version": "2.3.4"}, "locale": "en-US", "timezone": "UTC"},
    "integrations": {},
    "properties": {"order_id": "order-1001", "total": 27.5, "currency": "USD", "coupon": "none", "text": "x" * 250},
}  # fmt: skip

# Of the floor.
TABLE = "CREATE TABLE bench_row (id bigserial PRIMARY KEY, at timestamptz NOT NULL, payload text NOT NULL)"

_ids = count()
_run = os.urandom(6).hex()


class Web:
    """One server under gunicorn; `ask` is one turn of requests to it."""

    def __init__(self, keeper: Keeper, name: str, application: str, env: Mapping[str, str]) -> None:
        self.port, self.env = free_port(), dict(env)
        argv = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{self.port}"]
        argv += ["--workers", str(WORKERS), "--log-level", "warning"]
        log = keeper.directory / f"tracking-{name}.log"
        self._daemon = Daemon(argv, log=log, env=self.env, cwd=ROOT, ready=self._accepts, seconds=60)

    def start(self) -> "Web":
        self._daemon.start()
        return self

    def stop(self) -> None:
        self._daemon.stop(grace_seconds=3)

    def python(self, *args: str) -> str:
        argv = [sys.executable, *args]
        return subprocess.run(argv, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, text=True, check=True).stdout

    def call(self, expression: str) -> Any:
        code = f"import json; from bench import tracking_rows as rows; print(json.dumps(rows.{expression}))"
        return json.loads(self.python("manage.py", "shell", "--no-imports", "-c", code).splitlines()[-1])

    def _accepts(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def ask(port: int, requests: Sequence[bytes], timing: Timing) -> None:
    """Send them all, VISITORS at a time, each over a connection of its own."""
    left = iter(requests)
    lock = threading.Lock()

    def visit() -> None:
        while True:
            with lock:
                request = next(left, None)
            if request is None:
                return
            timing.milliseconds.append(_exchange(port, request))

    threads = [threading.Thread(target=visit) for _ in range(VISITORS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    timing.seconds += time.perf_counter() - started


def _exchange(port: int, request: bytes) -> float:
    """Milliseconds of one request. Raises RuntimeError when the answer is no 200 or 202."""
    started = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(4096):
            answer += part
    if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 202")):
        raise RuntimeError(f"answered {answer[:80]!r} in the middle of the measurement")
    return (time.perf_counter() - started) * 1000


def request_of(path: str, body: Mapping[str, Any], key: str = "") -> bytes:
    content = json.dumps(body).encode()
    head = [f"POST {path} HTTP/1.1", "Host: localhost", "Connection: close", "Content-Type: application/json"]
    if key:
        head.append(f"Authorization: Basic {base64.b64encode(f'{key}:'.encode()).decode()}")
    return "\r\n".join([*head, f"Content-Length: {len(content)}", "", ""]).encode() + content


def event() -> dict[str, Any]:
    return EVENT | {"messageId": f"{_run}-{next(_ids)}"}


Make = Callable[[], bytes]
Body = Callable[[], Mapping[str, Any]]


class Contest:
    """Servers that are asked the same in turns; each has its timing."""

    def __init__(self, turn: int, rivals: Mapping[str, tuple[int, Make]]) -> None:
        self.turn, self.rivals = turn, rivals
        self.timings = {name: Timing() for name in rivals}

    def run(self, rounds: int) -> None:
        for number in range(rounds + 1):
            for name, (port, make) in self.rivals.items():
                timing = self.timings[name] if number else Timing()  # the first round warms up
                ask(port, [make() for _ in range(self.turn)], timing)


def measure_tracking(
    keeper: Keeper, shared: Mapping[str, str], rounds: int, sizes: Sequence[int] = SIZES
) -> list[SuiteLine]:
    """Two products, with few and with many events stored, beside the floor."""
    with ExitStack() as running:
        floor = _floor(keeper, shared)
        running.callback(floor.start().stop)
        webs = {size: _product(keeper, shared, size) for size in sizes}
        keys = {size: _fill(web, size)["key"] for size, web in webs.items()}
        for web in webs.values():
            running.callback(web.start().stop)
        single = Contest(SINGLE_TURN, _rivals(floor, webs, keys, "one", "track", event))
        batches = Contest(BATCH_TURN, _rivals(floor, webs, keys, "many", "batch", _batch))
        for contest in (single, batches):
            contest.run(rounds)
        dispatched = {size: float(web.call(f"dispatched({DISPATCHED})")) for size, web in webs.items()}
    return list(_lines(single, batches, dispatched, sizes))


def _batch() -> dict[str, Any]:
    return {"batch": [event() for _ in range(BATCH)], "sentAt": "2026-11-22T12:00:00.000Z"}


def _rivals(
    floor: Web, webs: Mapping[int, Web], keys: Mapping[int, str], bare: str, call: str, body: Body
) -> dict[str, tuple[int, Make]]:
    def made_for(size: int) -> Make:
        return lambda: request_of(f"/v1/{call}", body(), keys[size])

    ours = {str(size): (web.port, made_for(size)) for size, web in webs.items()}
    return {"floor": (floor.port, lambda: request_of(f"/{bare}/", body())), **ours}


def _floor(keeper: Keeper, shared: Mapping[str, str]) -> Web:
    address = create_database(keeper.addresses["postgres"], "bench_bare")
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(TABLE)
    connection.close()
    return Web(keeper, "bare", "bench.bare:application", dict(shared) | {"DATABASE_URL": address})


def _product(keeper: Keeper, shared: Mapping[str, str], size: int) -> Web:
    env = dict(shared) | {
        "DATABASE_URL": create_database(keeper.addresses["postgres"], f"bench_tracking_{size}"),
        "REDIS_URL": f"{keeper.addresses['redis']}/10",
        "SITE_URL": "http://localhost:8000",
        # One workspace gets all there is; counting stays on.
        "TRACKING_REQUESTS_PER_SECOND": "1000000",
    }
    return Web(keeper, str(size), "devcenter.wsgi:application", env)


def _fill(web: Web, size: int) -> dict[str, str]:
    note(f"Filling a database with {size:,} events")
    web.python("manage.py", "migrate", "--verbosity", "0")
    return web.call(f"fill({size})")


def _lines(
    single: Contest, batches: Contest, dispatched: Mapping[int, float], sizes: Sequence[int]
) -> Iterator[SuiteLine]:
    few, many = sizes[0], sizes[-1]
    for name, contest, each in (("one event a request", single, 1), (f"batches of {BATCH}", batches, BATCH)):
        pace = {key: timing.per_second * each for key, timing in contest.timings.items()}
        for size in sizes:
            yield _line(f"{name}, {size:,} stored", pace[str(size)], pace["floor"], PACE_LIMIT)
        yield _line(f"{name}, {many:,} beside {few:,}", pace[str(many)], pace[str(few)], FLAT_LIMIT)
    yield _line(f"dispatched, {many:,} beside {few:,}", dispatched[many], dispatched[few], FLAT_LIMIT)


def _line(name: str, ours: float, floor: float, limit: float) -> SuiteLine:
    return SuiteLine(name, "events/s", ours, floor, f"at least {limit:g}x" if ours < limit * floor else "")


def tracking_text(lines: Sequence[SuiteLine]) -> str:
    rows = [
        [line.name, line.unit, f"{line.ours:,.0f}", f"{line.floor:,.0f}", f"{line.ratio:.2f}",
         f"FAIL: {line.fault}" if line.fault else "PASS"]
        for line in lines
    ]  # fmt: skip
    return table(("Tracking API", "unit", "measured", "floor", "x floor", "verdict"), rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.tracking", description=__doc__)
    parser.add_argument("--stored", type=int, nargs=2, default=SIZES, metavar="N", help="events stored: few, many")
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    os.environ[RUN_VARIABLE] = f"bench-{os.getpid()}"
    keeper = Keeper(["postgres", "redis"], run=os.environ[RUN_VARIABLE])
    try:
        lines = measure_tracking(keeper, environment(keeper.directory), options.rounds, options.stored)
    finally:
        keeper.stop()
    print(tracking_text(lines))
    return 1 if any(line.fault for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
