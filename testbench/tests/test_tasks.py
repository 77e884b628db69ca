"""Runs by real worker processes, which are killed in the middle."""

import json
import textwrap

import pytest

from tests.counts import count
from tests.services.processes import wait_until
from tests.services.receiver import Reply

# Makes a webhook that points to the receiver, and asks for a run of it.
START = """
from accounts.models import User
from apps_catalog.lifecycle import create_app
from audit.recording import SYSTEM
from partners.models import Company
from testbench.lifecycle import start_suite
company, _ = Company.objects.get_or_create(slug="acme", defaults={{"name": "Acme"}})
app = create_app(SYSTEM, company, "Acme {name}")
component, _ = app.components.update_or_create(kind="subscription_webhook", defaults={{"endpoint": "{url}"}})
print(start_suite(SYSTEM, component, {{"apiKey": "k"}}).pk)
"""
READ = """
import json
from testbench.models import SuiteRun
run = SuiteRun.objects.get(pk="{pk}")
ids = [case.event["messageId"] for case in run.cases]
print(json.dumps([run.state, run.verdict, run.attempts, ids, [r.verdict for r in run.results.all()]]))
"""


def shell(site, code, **names):
    done = site.manage("shell", "--verbosity", "0", "-c", textwrap.dedent(code).format(**names))
    return done.stdout.strip().splitlines()[-1]


def wait_for_end(site, pk, seconds):
    wait_until(
        lambda: json.loads(shell(site, READ, pk=pk))[0] == "finished", seconds=seconds, what="the end of the run"
    )
    return json.loads(shell(site, READ, pk=pk))


@pytest.mark.processes
def test_a_run_survives_the_death_of_its_worker(site_factory, receiver):
    """Nothing is lost; what was in flight at the kill goes out again with the same messageId."""
    receiver.default = Reply(delay_seconds=0.2)
    site = site_factory({"EGRESS_TOTAL_SECONDS": "1"})
    kills = count(2, 20)
    for number in range(kills):
        receiver.clear()
        pk = shell(site, START, name=f"{'ABCDEFGHJKMNPQRSTUXY'[number] * 3}", url=f"{receiver.url}/hook")
        receiver.wait_for(1 + number % 8, seconds=30)
        site.worker.kill()
        site.worker.start()
        state, verdict, attempts, planned, verdicts = wait_for_end(site, pk, seconds=60)
        sent = [json.loads(request.body)["messageId"] for request in receiver.requests]
        assert (state, verdict, verdicts) == ("finished", "green", ["green"] * 9)
        assert attempts == 2
        assert sorted(set(sent), key=planned.index) == planned
        assert len(sent) <= len(planned) + 2  # the one under way, and the one that was not stored yet
