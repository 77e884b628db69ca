"""Mails going out through a real worker, a real Redis and a real mail server, while these are killed.

None is lost. What arrives twice was being handed over at the moment of a kill or an outage, carries the same
Message-ID, and was counted by the product itself.
"""

import json
import random
import sys
import time

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
            outbox.queue("fault.test", f"reader{{index}}@demo.example", "trial", {{}}, dedupe_key=f"fault:{{index}}")
"""
COUNT = """
import json
from django.db.models import Count, Sum
from notifications.models import OutboxMessage
rows = OutboxMessage.objects.filter(kind="fault.test")
print("RESULT", json.dumps({
    "states": dict(rows.order_by().values_list("state").annotate(Count("pk"))),
    "repeats": {row.message_id: row.possible_repeats for row in rows.filter(possible_repeats__gt=0)},
    "ids": list(rows.values_list("message_id", flat=True)),
}))
"""


@pytest.fixture
def dice():
    seed = random.SystemRandom().randrange(10**6)
    note(f"random moments from seed {seed}")
    return random.Random(seed)


def note(text: str) -> None:
    """Figures for the reader of `pytest -s` and of a failure."""
    sys.stdout.write(f"{text}\n")


def ask(site, code: str) -> dict:
    output = site.manage("shell", "--verbosity", "0", "-c", code).stdout
    return json.loads(next(line for line in output.splitlines() if line.startswith("RESULT")).removeprefix("RESULT"))


def arrived(site) -> int:
    """Mails at the server, repeats included. Reading their heads here would be too slow to hit a moment."""
    return len(site.smtp.mails)


def wait_for(site, number: int, seconds: float = 180) -> None:
    try:
        wait_until(lambda: arrived(site) >= min(number, MAILS), seconds=seconds, what=f"{number} mails", every=0.01)
    except TimeoutError:
        note("\n".join(f"--- {name}\n{tail}" for name, tail in site.log_tails().items()))
        raise


def wait_for_all(site, seconds: float) -> None:
    wait_for(site, MAILS, seconds)
    wait_until(lambda: ask(site, COUNT)["states"] == {"sent": MAILS}, seconds=seconds, what="all rows sent", every=2)


def check(site, *, most_repeats: int) -> dict:
    found = ask(site, COUNT)
    repeated = {message_id: times - 1 for message_id, times in site.smtp.repeats().items()}
    note(f"{MAILS} mails, {sum(repeated.values())} arrived twice, {sum(found['repeats'].values())} counted as possible")
    assert found["states"] == {"sent": MAILS}
    assert {mail.message_id for mail in site.smtp.mails} == set(found["ids"])
    assert all(len(mail.recipients) == 1 for mail in site.smtp.mails)
    assert all(times <= found["repeats"].get(message_id, 0) for message_id, times in repeated.items())
    assert sum(found["repeats"].values()) <= most_repeats
    return found


def queue_all(site) -> None:
    """Queue everything while no worker runs: a fault after the last mail would prove nothing."""
    site.manage("shell", "--verbosity", "0", "-c", QUEUE.format(number=MAILS))


def in_the_middle(site) -> None:
    assert 0 < arrived(site) < MAILS, "the fault came too late: there was nothing left to break"


def test_the_worker_is_killed_again_and_again(site_factory, dice):
    site = site_factory()
    site.worker.stop()
    queue_all(site)

    for kill in range(1, KILLS + 1):
        site.worker.start()
        wait_for(site, arrived(site) + 1)  # it works
        wait_for(site, MAILS * kill // (KILLS + 2))
        time.sleep(dice.random() * 0.02)
        in_the_middle(site)
        site.worker.kill()
    site.worker.start()

    wait_for_all(site, seconds=120)
    found = check(site, most_repeats=KILLS * AT_ONCE)
    # Not a rule of the product, but of this test: kills that never met a mail under way have shown nothing.
    # Two kills may miss by chance, twenty-five do not.
    assert sum(found["repeats"].values()) > 0 or not FULL


def test_redis_is_killed_and_stopped(site_factory, redis_factory, dice):
    redis = redis_factory()
    site = site_factory(redis_url=redis.url)

    redis.kill()
    before = time.monotonic()
    queue_all(site)  # writes go on without a broker
    note(f"queued {MAILS} mails without Redis in {time.monotonic() - before:.1f} s")
    redis.start()
    wait_for(site, MAILS // 4)
    in_the_middle(site)
    redis.stop()
    time.sleep(dice.random() * 3)
    redis.start()

    wait_for_all(site, seconds=150)
    check(site, most_repeats=0)


def test_the_mail_server_goes_away_in_the_middle(site_factory, dice):
    outages = count(1, 5)
    site = site_factory()
    site.worker.stop()
    queue_all(site)
    site.worker.start()

    for outage in range(1, outages + 1):
        wait_for(site, MAILS * outage // (outages + 2))
        time.sleep(dice.random() * 0.02)
        in_the_middle(site)
        site.smtp.stop()
        time.sleep(1 + dice.random() * 2)
        site.smtp.start()

    wait_for_all(site, seconds=400)
    check(site, most_repeats=outages * AT_ONCE)
