"""How fast the Test Suite sends, run in a process of the product (`bench.suite_lines` calls it).

`pace` compares a whole run, as a worker does it, with a plain HTTP client that sends the same bodies one
after another to the same endpoint. `together` has many partners start a suite at once.
"""

import json
import statistics
import time
from collections.abc import Iterable
from uuid import uuid4

import urllib3

from apps_catalog.models import App, Component, Setting
from apps_catalog.states import ComponentKind
from audit.recording import SYSTEM
from devcenter.management.commands.serve import commands
from partners.models import Company
from runtime.samples import GROUPS
from runtime.webhooks import build_request
from testbench.claims import claim
from testbench.execution import work_on
from testbench.lifecycle import start_suite
from testbench.models import SuiteRun
from testbench.states import FINAL, Verdict

VALUES = {"apiKey": "bench-key-0123456789"}
# A burst goes out at once, so there is nothing to compare it with one after another.
IN_A_ROW = tuple(name for name in GROUPS if name != "burst")


def webhook(endpoint: str) -> Component:
    """The webhook of a new App of a new company."""
    slug = f"suite-{uuid4().hex[:12]}"
    company = Company.objects.create(name=slug, slug=slug)
    app = App.objects.create(company=company, name=slug, slug=slug, skeleton=slug)
    Setting.objects.create(app=app, key="apiKey", label="API Key", required=True, sensitive=True)
    return Component.objects.create(app=app, kind=ComponentKind.SUBSCRIPTION_WEBHOOK, endpoint=endpoint)


def pace(endpoint: str, rounds: int) -> dict[str, float]:
    """Medians in cases per second: {"suite", "client", "cases"}. The two take turns."""
    component = webhook(endpoint)
    ours, theirs, cases = [], [], 0
    for _ in range(rounds + 1):
        run = start_suite(SYSTEM, component, VALUES, IN_A_ROW)
        cases = run.planned
        theirs.append(cases / _client_seconds(run))
        ours.append(cases / _suite_seconds(run))
    # The first round warms up both.
    return {"suite": statistics.median(ours[1:]), "client": statistics.median(theirs[1:]), "cases": cases}


def _suite_seconds(run: SuiteRun) -> float:
    started = time.perf_counter()
    claimed = claim(run.pk)
    assert claimed is not None, "nobody else is at work here"
    work_on(claimed)
    took = time.perf_counter() - started
    run.refresh_from_db()
    # The endpoint takes every key, which is advice and colours nothing.
    assert run.verdict == Verdict.GREEN, run.message
    return took


def _client_seconds(run: SuiteRun) -> float:
    requests = [build_request(run.endpoint, case.event, VALUES["apiKey"], {}) for case in run.cases]
    started = time.perf_counter()
    with urllib3.PoolManager(maxsize=1) as client:
        for request in requests:
            client.request("POST", request.url, body=request.body, headers=dict(request.headers), retries=False)
    return time.perf_counter() - started


def together(endpoint: str, partners: int, odd_one: str = "") -> float:
    """Seconds until `partners` suites have ended that start at once, beside one more on `odd_one`."""
    if odd_one:
        start_suite(SYSTEM, webhook(odd_one), VALUES)
        time.sleep(1.0)  # its worker is waiting by now
    components = [webhook(endpoint) for _ in range(partners)]
    started = time.perf_counter()
    runs = [start_suite(SYSTEM, component, VALUES).pk for component in components]
    _wait_for(runs)
    return time.perf_counter() - started


def _wait_for(runs: Iterable[object], seconds: float = 120.0) -> None:
    ends = time.monotonic() + seconds
    left = SuiteRun.objects.filter(pk__in=list(runs)).exclude(state__in=FINAL)
    while left.exists():
        if time.monotonic() > ends:
            raise TimeoutError(f"{left.count()} suites are still under way after {seconds:g} s")
        time.sleep(0.02)


def worker_commands() -> dict[str, list[str]]:
    """What `serve` starts beside the web."""
    return {name: argv for name, argv in commands("127.0.0.1", 0).items() if name != "web"}


def print_json(value: object) -> None:
    print(json.dumps(value))
