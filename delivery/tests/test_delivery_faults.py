"""Deliveries by real worker processes that are killed (F1) and stopped (F4) in the middle."""

import os
import signal
import textwrap
import time

import pytest

from tests.counts import count
from tests.services.processes import wait_until
from tests.services.receiver import Reply

NUMBER = count(60, 1_000)
KILLS = count(2, 20)
LEASE_SECONDS = 5.0

# A destination that leads to the receiver, and events that wait to be delivered.
QUEUE = """
from bench.deliveries import destination, fill
from delivery.models import Delivery
row = destination("{url}")
fill(row, {number})
print(row.pk)
"""


def shell(site, code, **names):
    done = site.manage("shell", "--verbosity", "0", "-c", textwrap.dedent(code).format(**names))
    return done.stdout.strip().splitlines()[-1]


def open_rows(site, pk):
    return site.query("SELECT count(*) FROM delivery_delivery WHERE destination_id = %s AND due_at IS NOT NULL", pk)[0][
        0
    ]


def check(site, receiver, pk, interruptions):
    """All delivered; those that came twice had been in flight, and carried the same id."""
    wait_until(lambda: open_rows(site, pk) == 0, seconds=90, what="the end of the queue", every=0.1)
    states = site.query("SELECT state, count(*) FROM delivery_delivery WHERE destination_id = %s GROUP BY 1", pk)
    assert states == [("delivered", NUMBER)]
    ids = [request.header("webhook-id") for request in receiver.requests]
    assert len(set(ids)) == NUMBER
    tries, attempts = site.query(
        "SELECT sum(tries), (SELECT count(*) FROM delivery_attempt a JOIN delivery_delivery e ON e.id = a.delivery_id"
        " WHERE e.destination_id = d.destination_id) FROM delivery_delivery d WHERE destination_id = %s"
        " GROUP BY destination_id",
        pk,
    )[0]
    assert tries == attempts
    # At most what a few connections had under way, and what was answered and not stored yet.
    assert len(ids) - tries <= interruptions * 100
    total = site.query(
        "SELECT sum(count) FROM delivery_tally WHERE destination_number = %s AND stage = 'delivered'", pk
    )
    assert total == [(NUMBER,)]


@pytest.mark.processes
def test_nothing_is_lost_when_workers_are_killed(breakable_site, receiver):
    receiver.default = Reply(delay_seconds=0.05)
    site = breakable_site
    pk = int(shell(site, QUEUE, url=f"{receiver.url}/hook", number=NUMBER))
    for kill in range(1, KILLS + 1):
        receiver.wait_for(NUMBER * kill // (KILLS + 2), seconds=60)
        site.worker.kill()
        site.worker.start()
    check(site, receiver, pk, KILLS)


@pytest.mark.processes
def test_a_worker_that_wakes_up_after_its_lease_changes_nothing(breakable_site, receiver):
    receiver.default = Reply(delay_seconds=0.05)
    site = breakable_site
    pk = int(shell(site, QUEUE, url=f"{receiver.url}/hook", number=NUMBER))
    receiver.wait_for(NUMBER // 3, seconds=60)
    os.killpg(site.worker.pid, signal.SIGSTOP)
    try:
        time.sleep(LEASE_SECONDS + 0.5)
        # Another machine takes over.
        shell(site, "from delivery.engine import drain; print(drain(30))")
        before, left = len(receiver.requests), open_rows(site, pk)
        assert left < NUMBER // 2
    finally:
        os.killpg(site.worker.pid, signal.SIGCONT)
    time.sleep(1.0)
    # What it had on its way comes to its end; it begins nothing more.
    assert len(receiver.requests) <= before + left + 8
    check(site, receiver, pk, 1)
