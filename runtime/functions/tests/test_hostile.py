"""At least sixty hostile bodies and their benign twins, in real processes (T14).

`make test` runs a spread of them, `make test-full` all.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runtime.functions import Outcome, Pool, Run, detect
from runtime.functions.tests.bodies import Body, bodies, spread
from runtime.functions.tests.conftest import KEY, QUICK, closed_door
from runtime.tests.listeners import Canary

HOSTILE = ("escapes", "network", "endless", "memory", "harness")
SMALL = {"escapes": 4, "network": 3, "endless": 3, "memory": 3, "harness": 3, "poison": 4, "benign": 5}
TOGETHER = 3
ECHO = "async function onTrack(event) { return event }"


@contextmanager
def a_pool(canary: Canary) -> Iterator[Pool]:
    confinement = detect()
    if not confinement.is_full:
        pytest.skip(confinement.fault)
    with Pool(TOGETHER + 1, closed_door(url_of(canary)), QUICK) as pool:
        yield pool


def url_of(canary: Canary) -> str:
    return f"http://127.0.0.1:{canary.port}/"


def chosen(kind: str) -> list[Body]:
    return spread(bodies(kind), SMALL[kind])


def event_for(canary: Canary, secret: Path, step: int = 1) -> dict[str, Any]:
    return {"type": "track", "path": str(secret), "canary": url_of(canary), "step": step}


def fault_of(body: Body, run: Run) -> str:
    """Why a body counts as let through; "" when it was held."""
    told = " ".join([run.returned or "", run.message, *(log.text for log in run.logs)])
    if "ESCAPED " in told or run.returned == '"ESCAPED"' or "CANARY-IN" in told:
        return f"{body}: {told[:300]}"
    if run.duration_ms > (QUICK.wall_seconds + 1) * 1000:
        return f"{body}: took {run.duration_ms} ms"
    if body.outcomes and run.outcome not in body.outcomes:
        return f"{body}: {run.outcome} {run.error_name} {run.message[:200]}"
    if not run.returned and run.is_success:
        return f"{body}: success without a value"
    return ""


def our_children() -> list[str]:
    """Processes that this one started for functions and that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, name, state, parent = stat.read_text().replace("(", "").replace(")", "").split()[:4]
        except (OSError, ValueError):
            continue
        if parent == str(os.getpid()) and name in ("bwrap", "deno", "prlimit") and state != "Z":
            found.append(f"{name} {pid}")
    return found


def test_there_are_enough_of_them() -> None:
    assert sum(len(bodies(kind)) for kind in (*HOSTILE, "poison")) >= 60


def test_nothing_hostile_gets_out(canary: Canary, secret: Path) -> None:
    event = event_for(canary, secret)
    with a_pool(canary) as pool, ThreadPoolExecutor(TOGETHER) as threads:
        found = [body for kind in HOSTILE for body in chosen(kind)]
        work = [(body, threads.submit(pool.run, body.code, "track", event, KEY, key=str(body))) for body in found]
        faults = [fault_of(body, run.result()) for body, run in work]
        beside = pool.run(ECHO, "track", {"a": 1}, KEY, key="another")

    assert [fault for fault in faults if fault] == []
    assert beside.returned == '{"a":1}'
    assert canary.is_silent
    assert our_children() == []


def test_no_run_leaves_anything_to_the_next(canary: Canary, secret: Path) -> None:
    def twice(pool: Pool, body: Body) -> str:
        first, second = (
            pool.run(body.code, "track", event_for(canary, secret, step), KEY, key=str(body)) for step in (1, 2)
        )
        held = first.outcome in (Outcome.SUCCESS, Outcome.ERROR)
        return "" if held and second.returned == '"clean"' else f"{body}: {first} {second}"

    with a_pool(canary) as pool, ThreadPoolExecutor(TOGETHER) as threads:
        faults = list(threads.map(lambda body: twice(pool, body), chosen("poison")))

    assert [fault for fault in faults if fault] == []


def test_honest_functions_pass(canary: Canary) -> None:
    with a_pool(canary) as pool, ThreadPoolExecutor(TOGETHER) as threads:
        found = chosen("benign")
        runs = list(threads.map(lambda body: pool.run(body.code, "track", {}, KEY, key=str(body)), found))

    assert [(str(body), run) for body, run in zip(found, runs, strict=True) if run.returned != "true"] == []
