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


def shell(site, code, **names):
    done = site.manage("shell", "--verbosity", "0", "-c", textwrap.dedent(code).format(**names))
    return done.stdout.strip().splitlines()[-1]


def wait_for_end(site, pk, seconds):
    """(state, verdict, attempts) of the run, the messageIds of its plan, and the verdicts of its results."""
    wait_until(lambda: read(site, pk)[0] == "finished", seconds=seconds, what="the end of the run", every=0.1)
    state, verdict, attempts, plan = read(site, pk)
    rows = site.query("SELECT verdict FROM testbench_caseresult WHERE run_id = %s ORDER BY position", pk)
    return state, verdict, attempts, [case["event"]["messageId"] for case in json.loads(plan)], [row[0] for row in rows]


def read(site, pk):
    return site.query("SELECT state, verdict, attempts, plan FROM testbench_suiterun WHERE id = %s", pk)[0]


@pytest.mark.processes
def test_a_run_survives_the_death_of_its_worker(breakable_site, receiver):
    """Nothing is lost; what was in flight at the kill goes out again with the same messageId."""
    receiver.default = Reply(delay_seconds=0.2)
    site = breakable_site
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
