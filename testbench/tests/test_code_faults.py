"""Runs of code that are cut off: by a cancel, by the end of a worker, by a kill."""

import os
import signal
import time
from pathlib import Path

import pytest
from celery import signals

from apps_catalog.models import Component
from apps_catalog.states import ComponentKind
from delivery import sandboxes
from testbench import execution
from testbench.claims import claim
from testbench.lifecycle import cancel, start_single
from testbench.models import SuiteRun
from testbench.tests.runs import VALUES
from testbench.tests.test_tasks import shell
from tests.services.processes import command_line, wait_until

TRACK = {"type": "track", "event": "Order Completed", "messageId": "m-1"}
ENDLESS = "async function onTrack() { for (;;); }"
HANGS = """analytics.register({name: "Hangs", type: "destination", version: "1.0.0", isLoaded: () => false,
  load: () => new Promise(() => {}), track: (ctx) => ctx});"""
BUSY = """analytics.register({name: "Busy", type: "destination", version: "1.0.0", isLoaded: () => true,
  load: async () => {}, track: () => { for (;;); }});"""


@pytest.fixture(autouse=True)
def _nothing_warm():
    sandboxes.close()
    yield
    sandboxes.close()


# --- Cancelled, in this process ------------------------------------------------------------------------


class Cancelling:
    """Cancels a run from within its worker, `after` seconds since its sandbox was there."""

    def __init__(self, monkeypatch, program, actor, after):
        self.program, self.actor, self.after = program, actor, after
        self.seen_at = self.cancelled_at = None
        self.before = living(os.getpid(), program)
        self.leases = set()
        self._turn_is_over = execution._Worker.turn_is_over
        monkeypatch.setattr(execution._Worker, "turn_is_over", lambda worker: self.tick(worker))

    def tick(self, worker):
        row = SuiteRun.objects.get(pk=worker._run.pk)
        self.leases.add(row.lease_until)
        if self.seen_at is None and self.made():
            self.seen_at = time.monotonic()
        if self.seen_at and not self.cancelled_at and time.monotonic() > self.seen_at + self.after:
            cancel(row, self.actor)
            self.cancelled_at = time.monotonic()
        return self._turn_is_over(worker)

    def made(self):
        return living(os.getpid(), self.program).keys() - self.before.keys()

    def work(self, run):
        """Do the run; returns how many seconds it went on after it was cancelled."""
        execution.work_on(claim(run.pk))
        seconds = time.monotonic() - self.cancelled_at
        run.refresh_from_db()
        assert not self.made()
        return seconds


@pytest.mark.django_db
@pytest.mark.processes
def test_a_cancelled_function_ends_at_once_with_its_process(app, alice, monkeypatch):
    function = Component.objects.create(app=app, kind=ComponentKind.SUBSCRIPTION_FUNCTION, code=ENDLESS)
    run = start_single(alice, function, VALUES, TRACK)

    assert Cancelling(monkeypatch, "deno", alice, after=0.5).work(run) < 4
    assert (run.state, run.results.count()) == ("cancelled", 0)


@pytest.mark.django_db
@pytest.mark.processes
@pytest.mark.parametrize(("code", "after"), [(HANGS, 3.0), (BUSY, 1.5)], ids=["hangs", "busy"])
def test_a_cancelled_plugin_ends_at_once_with_its_browser(app, alice, monkeypatch, code, after):
    """Until then its lease is extended again and again, although there is nothing to store."""
    plugin = Component.objects.create(app=app, kind=ComponentKind.WEB_PLUGIN, code=code)
    run = start_single(alice, plugin, VALUES, TRACK)
    cancelling = Cancelling(monkeypatch, "chromium", alice, after)

    assert cancelling.work(run) < 10
    assert (run.state, run.results.count()) == ("cancelled", 0)
    assert len(cancelling.leases - {None}) > 1


@pytest.mark.django_db
@pytest.mark.processes
def test_a_worker_that_is_told_to_stop_closes_its_sandboxes(app, alice):
    code = "async function onTrack() { return 1 }"
    function = Component.objects.create(app=app, kind=ComponentKind.SUBSCRIPTION_FUNCTION, code=code)

    def made_by_a_run():
        before = living(os.getpid(), "deno")
        execution.work_on(claim(start_single(alice, function, VALUES, TRACK).pk))
        return {pid: began for pid, began in living(os.getpid(), "deno").items() if pid not in before}

    warm = made_by_a_run()
    assert warm
    signals.worker_process_shutdown.send(sender=None, pid=os.getpid(), exitcode=0)
    wait_until(lambda: not still_there(warm), seconds=5, what="the end of the sandboxes")
    assert made_by_a_run()


# --- Killed, in real workers ------------------------------------------------------------------------------

# A function that takes its time for each event, and a plugin that takes it to load.
START = """
from accounts.models import User
from apps_catalog.lifecycle import create_app
from audit.recording import SYSTEM
from partners.models import Company
from testbench.lifecycle import start_suite
function = "".join(
    "async function %s() {{ await new Promise((over) => setTimeout(over, 900)); return 1; }}\\n" % name
    for name in ("onIdentify", "onTrack", "onPage", "onScreen", "onGroup", "onDelete")
)
plugin = '''analytics.register({{name: "Slow", type: "destination", version: "1.0.0", isLoaded: () => true,
    load: () => new Promise((over) => setTimeout(over, 5000)), track: (ctx) => ctx, page: (ctx) => ctx,
    identify: (ctx) => ctx, group: (ctx) => ctx, screen: (ctx) => ctx}});'''
company, _ = Company.objects.get_or_create(slug="acme", defaults={{"name": "Acme"}})
app = create_app(SYSTEM, company, "Acme Code")
made = [app.components.create(kind="subscription_function", code=function),
        app.components.create(kind="web_plugin", code=plugin)]
print(" ".join(str(start_suite(SYSTEM, component, {{"apiKey": "k"}}).pk) for component in made))
"""
RUN = "SELECT state, verdict, attempts FROM testbench_suiterun WHERE id = %s"
RESULTS = "SELECT verdict FROM testbench_caseresult WHERE run_id = %s ORDER BY position"


@pytest.mark.processes
@pytest.mark.slow
def test_runs_of_code_survive_the_death_of_their_worker_and_their_sandboxes_do_not(breakable_site):
    """First the process that runs the function is killed, then the whole worker: both runs are taken over."""
    site = breakable_site
    pks = shell(site, START)

    worker = site.worker.pid
    wait_until(lambda: living(worker, "chromium") and living(worker, "deno"), seconds=60, what="both kinds", every=0.2)
    of_function = living(worker, "deno")
    os.kill(child_with(worker, "deno"), signal.SIGKILL)
    wait_until(lambda: not still_there(of_function), seconds=3, what="the end of the function")
    others = living(worker, "chromium")
    assert others
    site.worker.kill()
    wait_until(lambda: not still_there(others), seconds=3, what="the end of every sandbox")

    site.worker.start()
    function, plugin = wait_for_both(site, pks)
    assert function == ["finished", "green", 2, ["green"] * 9]
    assert plugin == ["finished", "yellow", 2, ["green"] * 8 + ["yellow"]]
    left = descendants(site.worker.pid)
    site.worker.stop()
    assert still_there(left) == {}


def wait_for_both(site, pks):
    """[state, verdict, attempts, verdicts of the results] of each run."""

    def rows():
        return [site.query(RUN, pk)[0] for pk in pks.split()]

    wait_until(lambda: {row[0] for row in rows()} == {"finished"}, seconds=90, what="the end of both runs", every=0.5)
    results = [[row[0] for row in site.query(RESULTS, pk)] for pk in pks.split()]
    return [[*row, verdicts] for row, verdicts in zip(rows(), results, strict=True)]


def child_with(worker, program):
    """The process of the worker's pool that has this kind of sandbox."""
    children = [pid for pid, parent in parents().items() if parent == worker]
    return next(pid for pid in children if living(pid, program))


def living(pid, program):
    """Sandboxes that descend from a process, as {pid: start time}: those whose command names “deno” or “chromium”."""
    return {each: began for each, began in descendants(pid).items() if program in command_line(each)}


def still_there(processes):
    """Those of `processes` that live; a number that was given to another process is not one of them."""
    return {pid: command_line(pid) for pid, began in processes.items() if _stat(pid)[1:] == (began,)}


def descendants(pid):
    """{pid: start time} of every process that descends from this one and has not ended."""
    of, found, waiting = parents(), [], [pid]
    while waiting:
        parent = waiting.pop()
        children = [child for child, its in of.items() if its == parent]
        waiting += children
        found += children
    return {child: stat[1] for child in found if (stat := _stat(child))}


def parents():
    numbers = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return {pid: stat[0] for pid in numbers if (stat := _stat(pid))}


def _stat(pid):
    """(parent, start time) of a process, () when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ()
    return () if fields[0] == "Z" else (int(fields[1]), int(fields[19]))
