"""Mails going out through a real worker, a real Redis and a real mail server, while these are killed.

None is lost. What arrives twice was being handed over at the moment of a kill or an outage, carries the same
Message-ID, and was counted by the product itself.
"""

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.counts import FULL, count
from tests.services.processes import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.slow]

MAILS = count(150, 1_000)
KILLS = count(2, 25)
# Handed over at once: two worker processes, one mail each.
AT_ONCE = 2

QUEUE = """
from django.db import transaction
from notifications import outbox
for start in range(0, {number}, 50):
    with transaction.atomic():
        for index in range(start, min(start + 50, {number})):
            outbox.queue("{kind}", f"reader{{index}}@demo.example", "trial", {{}}, dedupe_key=f"{kind}:{{index}}")
"""


@pytest.fixture
def dice():
    seed = random.SystemRandom().randrange(10**6)
    note(f"random moments from seed {seed}")
    return random.Random(seed)


def note(text: str) -> None:
    """Figures for the reader of `pytest -s` and of a failure."""
    sys.stdout.write(f"{text}\n")


@dataclass(frozen=True)
class Rows:
    """What the product says of the mails of one kind: how many in which state, and message id → possible repeats."""

    states: dict[str, int]
    repeats: dict[str, int]


def rows_of(site, kind: str) -> Rows:
    columns = "state, message_id, possible_repeats"
    rows = site.query(f"SELECT {columns} FROM notifications_outboxmessage WHERE kind = %s", kind)
    return Rows(Counter(state for state, _, _ in rows), {message_id: times for _, message_id, times in rows})


def arrived(site) -> int:
    """Mails at the server, repeats included. Reading their heads here would be too slow to hit a moment."""
    return len(site.smtp.mails)


def wait_for(site, number: int, seconds: float = 180) -> None:
    try:
        wait_until(lambda: arrived(site) >= min(number, MAILS), seconds=seconds, what=f"{number} mails", every=0.01)
    except TimeoutError:
        note("\n".join(f"--- {name}\n{tail}" for name, tail in site.log_tails().items()))
        raise


def wait_for_all(site, kind: str, seconds: float) -> None:
    wait_for(site, MAILS, seconds)
    wait_until(lambda: rows_of(site, kind).states == {"sent": MAILS}, seconds=seconds, what="all rows sent", every=0.2)


def check(site, kind: str, *, most_repeats: int) -> Rows:
    found = rows_of(site, kind)
    repeated = {message_id: times - 1 for message_id, times in site.smtp.repeats().items()}
    note(f"{MAILS} mails, {sum(repeated.values())} arrived twice, {sum(found.repeats.values())} counted as possible")
    assert found.states == {"sent": MAILS}
    assert {mail.message_id for mail in site.smtp.mails} == set(found.repeats)
    assert all(len(mail.recipients) == 1 for mail in site.smtp.mails)
    assert all(times <= found.repeats.get(message_id, 0) for message_id, times in repeated.items())
    assert sum(found.repeats.values()) <= most_repeats
    return found


def queue_all(site, kind: str) -> None:
    """Queue everything while no worker runs: a fault after the last mail would prove nothing."""
    site.manage("shell", "--verbosity", "0", "-c", QUEUE.format(number=MAILS, kind=kind))


def in_the_middle(site) -> None:
    assert 0 < arrived(site) < MAILS, "the fault came too late: there was nothing left to break"


def test_the_worker_is_killed_again_and_again(breakable_site, dice):
    site, kind = breakable_site, "test.killed"
    site.worker.stop()
    queue_all(site, kind)

    for kill in range(1, KILLS + 1):
        site.worker.start()
        wait_for(site, arrived(site) + 1)  # it works
        wait_for(site, MAILS * kill // (KILLS + 2))
        time.sleep(dice.random() * 0.02)
        in_the_middle(site)
        site.worker.kill()
    site.worker.start()

    wait_for_all(site, kind, seconds=120)
    found = check(site, kind, most_repeats=KILLS * AT_ONCE)
    # Not a rule of the product, but of this test: kills that never met a mail under way have shown nothing.
    # Two kills may miss by chance, twenty-five do not.
    assert sum(found.repeats.values()) > 0 or not FULL


def test_redis_is_killed_and_stopped(breakable_site, breakable_redis, dice):
    site, redis, kind = breakable_site, breakable_redis, "test.redis"

    redis.kill()
    before = time.monotonic()
    queue_all(site, kind)  # writes go on without a broker
    note(f"queued {MAILS} mails without Redis in {time.monotonic() - before:.1f} s")
    redis.start()
    wait_for(site, MAILS // 4)
    in_the_middle(site)
    redis.stop()
    time.sleep(dice.random() * 3)
    redis.start()

    wait_for_all(site, kind, seconds=150)
    check(site, kind, most_repeats=0)


def test_the_mail_server_goes_away_in_the_middle(breakable_site, dice):
    outages = count(1, 5)
    site, kind = breakable_site, "test.outage"
    site.worker.stop()
    queue_all(site, kind)
    site.worker.start()

    for outage in range(1, outages + 1):
        wait_for(site, MAILS * outage // (outages + 2))
        time.sleep(dice.random() * 0.02)
        in_the_middle(site)
        site.smtp.stop()
        time.sleep(1 + dice.random() * 2)
        site.smtp.start()

    wait_for_all(site, kind, seconds=400)
    check(site, kind, most_repeats=outages * AT_ONCE)
